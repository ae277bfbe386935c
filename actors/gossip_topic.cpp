// SPDX-License-Identifier: MIT
#include "actors/gossip_topic.hpp"

#include "runtime/log/escape.hpp"
#include "runtime/log/log.hpp"

#include <caf/actor_cast.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace librats::actors {

namespace {

constexpr std::uint32_t mesh_slot = 0;

/// Smaller payloads share the memory of all that arrived with them, and are kept for seconds: they get their own.
constexpr std::size_t small_payload_max = 2 * 1024;

/// Who waits for room.
constexpr std::size_t waiters_max = 1024;

template <class... Fs>
struct overloaded : Fs... {
  using Fs::operator()...;
};
template <class... Fs>
overloaded(Fs...) -> overloaded<Fs...>;

} // namespace

gossip_topic::gossip_topic(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, runtime::host& host,
  args its)
  : pinned_actor(config, std::move(loop)), host_(host), args_(std::move(its)),
    mesh_(args_.mesh, now(), args_.topic, args_.self, [&host] {
      secret_random::key_type seed;
      host.random().fill({seed.data(), seed.size()});
      return seed;
    }()) {}

void gossip_topic::started() {
  mesh_.set_validate(args_.validator.set());
  read_clock();
  pump();
}

void gossip_topic::stopped() {
  for (auto& one : std::exchange(waiters_, {}))
    one.deliver(runtime::failure("the topic ended"));
  links_.clear();
  args_.validator = {};
}

caf::behavior gossip_topic::handlers() {
  return {
    [this](const topic_inputs& x) { handle(x); },
    [this](const publish_to_topic& x) { return publish(x); },
    [this](const judge_messages& x) {
      for (const auto& [ticket, what] : x.verdicts)
        mesh_.handle_verdict(now(), ticket, what);
      pump();
    },
    [this](const topic_validator_changed& x) {
      args_.validator = x.now;
      mesh_.set_validate(x.now.set());
    },
    [this](const peer_congested& x) {
      if (links_.count(x.id) != 0)
        congested_.insert(x.id);
    },
    [this](const peer_writable& x) {
      congested_.erase(x.id);
      answer_waiters();
    },
    [this](const await_topic_room&) -> caf::result<topic_has_room> {
      if (!congested())
        return topic_has_room{};
      if (waiters_.size() >= waiters_max)
        return runtime::failure("too many wait for room in this topic");
      waiters_.push_back(make_response_promise<topic_has_room>());
      return caf::delegated<topic_has_room>{};
    },
    [this](const get_topic_status&) { return status(); },
  };
}

void gossip_topic::timer_fired(std::uint32_t) {
  read_clock();
  mesh_.handle_timeout(now());
  pump();
  report();
  if (mesh_.finished() && !std::exchange(finished_, true))
    tell(caf::actor_cast<caf::actor>(args_.router), topic_finished{args_.topic});
}

/// For signatures. Between two calls the loop's clock goes on.
void gossip_topic::read_clock() {
  constexpr std::uint64_t ms_per_second = 1000;
  mesh_.set_unix_time(now(), static_cast<std::uint64_t>(std::max<std::int64_t>(host_.unix_time(), 0)) * ms_per_second);
}

// -- what comes in ----------------------------------------------------------------------------------------------------

void gossip_topic::handle(const topic_inputs& x) {
  for (const auto& one : x.inputs)
    apply(one.input, one.link);
  pump();
  passing_links_.clear();
}

void gossip_topic::apply(const protocols::topic_input& x, const caf::actor& link) {
  const auto t = now();
  const auto remember = [&](const peer_id& peer) {
    if (links_.count(peer) == 0)
      passing_links_[peer] = link;
  };
  std::visit(overloaded{
               [&](const protocols::topic_joined&) {
                 finished_ = false;
                 mesh_.subscribe(t);
               },
               [&](const protocols::topic_left&) { mesh_.unsubscribe(t); },
               [&](const protocols::topic_subscriber_added& y) {
                 links_[y.peer] = link;
                 mesh_.add_subscriber(t, y.peer, y.score, y.outbound);
               },
               [&](const protocols::topic_subscriber_removed& y) {
                 links_.erase(y.peer);
                 congested_.erase(y.peer);
                 mesh_.remove_subscriber(t, y.peer);
                 answer_waiters();
               },
               [&](const protocols::topic_link_replaced& y) {
                 links_[y.peer] = link;
                 congested_.erase(y.peer);
                 mesh_.handle_link_replaced(t, y.peer);
                 answer_waiters();
               },
               [&](const protocols::topic_score_changed& y) { mesh_.set_score(t, y.peer, y.score); },
               [&](const protocols::topic_message_received& y) {
                 remember(y.from);
                 mesh_.handle_message(t, y.from,
                   y.payload.size() <= small_payload_max ? byte_slice::copy_of(y.payload.view()) : y.payload);
               },
               [&](const protocols::topic_iwant_received& y) {
                 remember(y.from);
                 mesh_.handle_iwant(t, y.from, y.ids);
               },
             },
    x);
}

caf::result<published> gossip_topic::publish(const publish_to_topic& x) {
  published out;
  for (const auto& one : x.data) {
    const auto id = mesh_.publish(now(), one.view());
    if (!id)  // The router looks at sizes first, so nothing was published yet.
      return runtime::failure(std::string{"cannot publish: "} + to_string(id.error()));
    out.ids.push_back(*id);
  }
  pump();
  out.congested = congested();
  return out;
}

void gossip_topic::judge(const protocols::gossip_validate& x) {
  using protocols::verdict;
  const auto& by = args_.validator;
  if (by.validator) {
    to_validate_.push_back(x);
    return;
  }
  auto what = by.lost ? verdict::ignore : verdict::accept;
  if (by.judge) {
    try {
      what = by.judge->judge(args_.topic, x.message);
    } catch (const std::exception& cause) {
      LIBRATS_LOG(runtime::log_level::error, kind(), "ignores a publication, for the validator of ",
        runtime::escaped(args_.topic, 80), " threw: ", cause.what());
      what = verdict::ignore;
    }
  }
  mesh_.handle_verdict(now(), x.ticket, what);
}

// -- what goes out ----------------------------------------------------------------------------------------------------

void gossip_topic::pump() {
  while (auto event = mesh_.poll_event()) {
    if (auto* message = std::get_if<protocols::gossip_delivery>(&*event))
      deliveries_.push_back(std::move(*message));
    else if (const auto* question = std::get_if<protocols::gossip_validate>(&*event))
      judge(*question);
  }
  send_out();
  hand_out();
  if (const auto due = mesh_.poll_timeout())
    arm_timer(mesh_slot, *due);
  else
    cancel_timer(mesh_slot);
}

void gossip_topic::send_out() {
  std::map<peer_id, std::vector<frame>> by_peer;
  while (auto x = mesh_.poll_transmit())
    by_peer[x->to].push_back({{protocols::message_type::gossip, 0, 0}, std::move(x->payload)});
  for (auto& [peer, frames] : by_peer)
    send_to(peer, std::move(frames));
}

/// Publications are droppable: the peer may ask for them when it hears of them from others. What keeps the mesh is not.
void gossip_topic::send_to(const peer_id& to, std::vector<frame> frames) {
  const auto known = links_.find(to);
  const auto passing = passing_links_.find(to);
  if (known == links_.end() && passing == passing_links_.end())
    return;
  const auto& link = known != links_.end() ? known->second : passing->second;
  const auto is_publication = [](const frame& x) {
    return x.payload.view().front() == static_cast<std::uint8_t>(protocols::gossip_op::publish);
  };
  for (auto from = frames.begin(); from != frames.end();) {
    const auto droppable = is_publication(*from);
    const auto until = std::find_if(from, frames.end(), [&](const frame& x) { return is_publication(x) != droppable; });
    tell(link, send_frames{to, make_batch({std::make_move_iterator(from), std::make_move_iterator(until)}), droppable});
    from = until;
  }
}

void gossip_topic::hand_out() {
  if (!deliveries_.empty())
    tell(caf::actor_cast<caf::actor>(args_.node), topic_deliveries{args_.topic, std::exchange(deliveries_, {})});
  if (!to_validate_.empty())
    tell(args_.validator.validator, validate_messages{args_.topic, std::exchange(to_validate_, {})});
  std::vector<std::vector<protocols::message_id>> offered;
  while (auto ids = mesh_.poll_offered())
    offered.push_back(std::move(*ids));
  std::vector<protocols::topic_mesh::farewell> farewells;
  while (auto one = mesh_.poll_farewell())
    farewells.push_back(*one);
  if (!offered.empty() || !farewells.empty())
    tell(caf::actor_cast<caf::actor>(args_.router),
      topic_report{args_.topic, mesh_.take_notes(), std::move(offered), std::move(farewells)});
}

/// Whatever there is to say about peers, with every heartbeat.
void gossip_topic::report() {
  auto notes = mesh_.take_notes();
  if (!notes.empty())
    tell(caf::actor_cast<caf::actor>(args_.router), topic_report{args_.topic, std::move(notes), {}, {}});
}

/// One slow peer holds nobody up: what it misses it can ask others for. When most are slow, it is we who are too fast.
bool gossip_topic::congested() const {
  if (congested_.empty())
    return false;
  const auto targets = mesh_.subscribed() ? mesh_.mesh() : mesh_.fanout();
  const auto slow
    = std::count_if(targets.begin(), targets.end(), [&](const auto& x) { return congested_.count(x) != 0; });
  return static_cast<std::size_t>(slow) * 2 > targets.size();
}

void gossip_topic::answer_waiters() {
  if (waiters_.empty() || congested())
    return;
  for (auto& one : std::exchange(waiters_, {}))
    one.deliver(topic_has_room{});
}

topic_status gossip_topic::status() const {
  topic_status out;
  out.topic = args_.topic;
  out.joined = mesh_.subscribed();
  for (const auto& [peer, link] : links_)
    out.subscribers.push_back(peer);
  out.mesh = mesh_.mesh();
  out.fanout = mesh_.fanout();
  out.waiting = mesh_.waiting();
  out.cached = mesh_.cache().size();
  out.counted = mesh_.counted();
  return out;
}

} // namespace librats::actors
