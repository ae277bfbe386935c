// SPDX-License-Identifier: MIT
#include "actors/gossip_router.hpp"

#include "actors/advertised_addresses.hpp"
#include "actors/gossip_topic.hpp"
#include "protocols/gossip/gossip_codec.hpp"
#include "protocols/gossip/signed_publication.hpp"
#include "runtime/log/escape.hpp"
#include "runtime/log/log.hpp"

#include <caf/actor_cast.hpp>

#include <algorithm>
#include <utility>

namespace librats::actors {

namespace {

constexpr std::uint32_t switch_slot = 0;

/// A topic answers from the node's own loop, at once unless it is very busy.
constexpr auto topic_timeout = std::chrono::seconds{5};
/// The node answers at once unless its directory is being restarted.
constexpr auto node_timeout = std::chrono::seconds{10};
constexpr auto topic_deadline = std::chrono::seconds{2};

/// For a topic that is being restarted, which takes milliseconds: what peers say, and what we publish.
constexpr std::size_t inputs_held_max = 1024;
constexpr std::size_t publications_held_max = 256;

/// Topics are many, and one that fails again and again shall not take the others along soon.
runtime::supervision_options supervision() {
  runtime::supervision_options out;
  out.limits.restarts_max = 100;
  out.limits.delay_max = std::chrono::seconds{1};
  return out;
}

std::string child_name(const std::string& topic) { return "topic " + topic; }

} // namespace

gossip_router::gossip_router(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, runtime::host& host,
  args its)
  : supervisor(config, std::move(loop), supervision()), host_(host), args_(std::move(its)),
    switch_(args_.options.router, now(), host.random().u64()) {}

caf::behavior gossip_router::handlers() {
  return {
    [this](const frames_received& x) { received(x); },
    [this](const topic_report& x) {
      for (const auto& ids : x.offered)
        switch_.handle_offered(now(), x.topic, ids);
      switch_.handle_notes(now(), x.topic, x.notes);
      for (const auto& one : x.farewells)
        switch_.handle_farewell(now(), x.topic, one);
      pump();
    },
    [this](const peer_connected& x) { connected(x); },
    [this](const peer_link_changed& x) { connected(x.now); },
    [this](const peer_disconnected& x) { disconnected(x); },
    [this](const peer_identified& x) { identified(x); },
    [](const peer_congested&) {},
    [](const peer_writable&) {},
    [](const peer_rtt_measured&) {},
    [this](const want_topic& x) { want(x); },
    [this](const topic_finished& x) { finish_topic(x.topic); },
    [this](const validators_changed& x) { change_validators(x); },
    [this](const publish_to_topic& x) { return publish(x); },
    [this](const await_topic_room& x) { return await_room(x); },
    [this](const set_peer_score& x) { switch_.set_application_score(x.peer, x.score); },
    [this](const get_topic_status& x) { return report_topic(x); },
    [this](const get_gossip_status&) { return report_all(); },
  };
}

void gossip_router::start_children() {
  for (const auto& topic : args_.state.joined)
    want({topic, true});
  const auto node = caf::actor_cast<caf::actor>(args_.node);
  const auto self = caf::actor_cast<caf::actor>(this);
  tell(node, watch_events{self});  // First: of strangers nothing is taken.
  tell(node, register_messages{protocols::message_type::gossip, self});
  // After a restart: where the peers of before can be dialed is not told again.
  ask(node, node_timeout, get_peers{},
    [this](const peer_list& x) {
      for (const auto& one : x.peers)
        set_addresses(one.link, one.addresses);
    },
    [](caf::error&) {});
}

void gossip_router::stopped() {
  supervisor::stopped();
  for (auto& [topic, held] : std::exchange(backlogs_, {}))
    for (auto& one : held.publications)
      one.promise.deliver(runtime::failure("publish and subscribe ended"));
  links_.clear();
  args_.state = {};
}

void gossip_router::timer_fired(std::uint32_t slot) {
  if (slot != switch_slot) {
    supervisor::timer_fired(slot);
    return;
  }
  switch_.handle_timeout(now());
  pump();
}

// -- topics -----------------------------------------------------------------------------------------------------------

void gossip_router::want(const want_topic& x) {
  if (x.joined) {
    start_topic(x.topic);
    switch_.join(now(), x.topic);
  } else {
    switch_.leave(now(), x.topic);
  }
  pump();
}

void gossip_router::start_topic(const std::string& topic) {
  add_child({child_name(topic), runtime::restart_kind::permanent, topic_deadline, [this, topic] {
               gossip_topic::args its;
               its.mesh = args_.options.mesh;
               its.topic = topic;
               its.self = args_.self;
               its.validator = validator_of(topic);
               its.node = args_.node;
               its.router = address();
               return runtime::spawn_pinned<gossip_topic>(system(), shared_loop(), host_, std::move(its));
             }});
}

/// A restarted topic knows nothing.
void gossip_router::child_started(const std::string& name, const caf::actor& child) {
  const auto prefix = child_name({}).size();
  const auto topic = name.substr(std::min(prefix, name.size()));
  const auto waiting = backlogs_.find(topic);
  switch_.reopen(now(), topic);
  pump();
  if (waiting == backlogs_.end())
    return;
  auto held = std::move(waiting->second);
  backlogs_.erase(waiting);
  tell(child, topic_inputs{std::move(held.inputs)});
  for (auto& one : held.publications)
    one.promise.delegate(child, std::move(one.what));
}

void gossip_router::finish_topic(const std::string& topic) {
  if (switch_.joined(topic))
    return;  // Again, meanwhile.
  switch_.close(now(), topic);
  remove_child(child_name(topic));
  pump();
}

topic_validator gossip_router::validator_of(const std::string& topic) const {
  const auto& all = *args_.state.validators;
  auto found = all.find(topic);
  if (found == all.end())
    found = all.find({});
  return found != all.end() ? found->second : topic_validator{};
}

void gossip_router::change_validators(const validators_changed& x) {
  args_.state.validators = x.all;
  for (const auto& topic : switch_.open_topics())
    tell(child(child_name(topic)), topic_validator_changed{validator_of(topic)});
}

caf::result<published> gossip_router::publish(const publish_to_topic& x) {
  const auto overhead = protocols::gossip_publish_overhead + x.topic.size()
                        + (args_.options.mesh.signing_key ? protocols::signed_envelope_size : 0);
  for (const auto& one : x.data)
    if (one.size() + overhead > protocols::gossip_publish_max)
      return runtime::failure("cannot publish " + std::to_string(one.size()) + " bytes: at most "
                              + std::to_string(protocols::gossip_publish_max - overhead) + " fit");
  if (!switch_.is_open(x.topic)) {
    start_topic(x.topic);
    if (!switch_.open(now(), x.topic)) {
      remove_child(child_name(x.topic));
      return runtime::failure("cannot publish to a topic with such a name");
    }
    pump();
  }
  if (const auto running = child(child_name(x.topic)))
    return pass_on<published>(running, x);
  auto& held = backlogs_[x.topic].publications;
  if (held.size() >= publications_held_max)
    return runtime::failure("the topic is being restarted");
  held.push_back({x, make_response_promise<published>()});
  return caf::delegated<published>{};
}

caf::result<topic_has_room> gossip_router::await_room(const await_topic_room& x) {
  if (const auto running = child(child_name(x.topic)))
    return pass_on<topic_has_room>(running, x);
  return topic_has_room{};
}

// -- peers ------------------------------------------------------------------------------------------------------------

void gossip_router::connected(const peer_connected& x) {
  const auto known = links_.insert_or_assign(x.id, x).second == false;
  switch_.peer_connected(now(), x.id, x.role == protocols::role::initiator, x.remote.address);
  if (!known)
    set_addresses(x, {});  // What it claims comes with its identify.
  if (!known)
    // A router before this one may have heard it.
    if (const auto before = args_.state.subscriptions.find(x.id); before != args_.state.subscriptions.end()) {
      for (const auto& topic : before->second)
        switch_.restore(now(), x.id, topic);
      args_.state.subscriptions.erase(before);
    }
  pump();
}

void gossip_router::identified(const peer_identified& x) {
  if (const auto link = links_.find(x.id); link != links_.end())
    set_addresses(link->second,
      believable_addresses(x.info.addresses, link->second.remote.address, x.info.listen_port));
}

/// What the peer is introduced to others with.
void gossip_router::set_addresses(const peer_connected& link, std::vector<endpoint> believed) {
  switch_.set_addresses(link.id,
    dialable_addresses(std::move(believed), link.remote, link.role == protocols::role::initiator));
}

void gossip_router::disconnected(const peer_disconnected& x) {
  switch_.peer_disconnected(now(), x.id);
  args_.state.subscriptions.erase(x.id);
  pump();
  links_.erase(x.id);
}

void gossip_router::received(const frames_received& x) {
  for (const auto& one : x.frames)
    switch_.handle_message(now(), x.from, one.payload);
  pump();
}

// -- what follows -----------------------------------------------------------------------------------------------------

void gossip_router::pump() {
  std::map<peer_id, std::vector<frame>> out;
  while (auto x = switch_.poll_transmit())
    out[x->to].push_back({{protocols::message_type::gossip, 0, 0}, std::move(x->payload)});
  for (auto& [peer, frames] : out)
    if (const auto link = links_.find(peer); link != links_.end())
      tell(link->second.link, send_frames{peer, make_batch(std::move(frames))});

  const auto node = caf::actor_cast<caf::actor>(args_.node);
  while (auto x = switch_.poll_announcement())
    tell(node, peer_topic_changed{x->peer, std::move(x->topic), x->subscribes});
  while (auto x = switch_.poll_introduction())
    tell(node, peers_introduced{x->from, std::move(x->peers)});

  std::map<std::string, std::vector<topic_inputs::one>> inputs;
  while (auto x = switch_.poll_input()) {
    auto link = link_of(x->input);
    inputs[x->topic].push_back({std::move(x->input), std::move(link)});
  }
  for (auto& [topic, all] : inputs) {
    if (const auto running = child(child_name(topic)))
      tell(running, topic_inputs{std::move(all)});
    else
      hold(topic, std::move(all));
  }
  if (const auto due = switch_.poll_timeout())
    arm_timer(switch_slot, *due);
  else
    cancel_timer(switch_slot);
}

caf::actor gossip_router::link_of(const protocols::topic_input& x) const {
  const auto* peer = std::visit(
    [](const auto& y) -> const peer_id* {
      using kind = std::decay_t<decltype(y)>;
      if constexpr (std::is_same_v<kind, protocols::topic_message_received>
                    || std::is_same_v<kind, protocols::topic_iwant_received>)
        return &y.from;
      else if constexpr (std::is_same_v<kind, protocols::topic_subscriber_added>
                         || std::is_same_v<kind, protocols::topic_link_replaced>)
        return &y.peer;
      else
        return nullptr;
    },
    x);
  const auto link = peer != nullptr ? links_.find(*peer) : links_.end();
  return link != links_.end() ? link->second.link : caf::actor{};
}

/// Only messages are kept: all else a restarted topic is told anew.
void gossip_router::hold(const std::string& topic, std::vector<topic_inputs::one> inputs) {
  if (!switch_.is_open(topic))
    return;
  auto& held = backlogs_[topic].inputs;
  for (auto& one : inputs)
    if (held.size() < inputs_held_max && std::holds_alternative<protocols::topic_message_received>(one.input))
      held.push_back(std::move(one));
}

// -- asking -----------------------------------------------------------------------------------------------------------

caf::result<topic_status> gossip_router::report_topic(const get_topic_status& x) {
  if (const auto running = child(child_name(x.topic)))
    return pass_on<topic_status>(running, x);
  topic_status out;
  out.topic = x.topic;
  out.subscribers = switch_.peers_of(x.topic);
  return out;
}

namespace {

/// Puts the answers of all topics together; a topic that does not answer is left out.
struct status_collector {
  gossip_status status;
  std::size_t missing = 1;  // The question itself.
  caf::typed_response_promise<gossip_status> promise;

  void done_one() {
    if (--missing == 0)
      promise.deliver(std::move(status));
  }
};

} // namespace

caf::result<gossip_status> gossip_router::report_all() {
  auto collector = std::make_shared<status_collector>();
  collector->promise = make_response_promise<gossip_status>();
  auto& out = collector->status;
  out.running = true;
  out.topics_known = switch_.topics_known();
  for (const auto& [peer, score] : switch_.scores(now()))
    out.scores.emplace(peer, score);
  const auto& counted = switch_.counted();
  out.malformed = counted.malformed;
  out.graylisted = counted.graylisted;
  out.announcements_refused = counted.announcements_refused;
  out.ids_unknown = counted.iwant_unknown;
  out.introductions_sent = counted.introductions_sent;
  out.introductions_taken = counted.introductions_taken;
  out.introductions_refused = counted.introductions_refused;
  const auto topics = switch_.open_topics();
  out.topics.resize(topics.size());
  collector->missing += topics.size();
  for (std::size_t i = 0; i < topics.size(); ++i) {
    out.topics[i].topic = topics[i];
    ask(child(child_name(topics[i])), topic_timeout, get_topic_status{topics[i]},
      [collector, i](const topic_status& x) {
        collector->status.topics[i] = x;
        collector->done_one();
      },
      [collector](caf::error&) { collector->done_one(); });
  }
  collector->done_one();
  return caf::delegated<gossip_status>{};
}

} // namespace librats::actors
