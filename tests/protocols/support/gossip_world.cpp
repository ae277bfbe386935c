// SPDX-License-Identifier: MIT
#include "tests/protocols/support/gossip_world.hpp"

#include "protocols/core/source_budget.hpp"

#include <algorithm>
#include <array>

namespace librats::test {

using namespace librats::protocols;

// -- one node ---------------------------------------------------------------------------------------------------------

gossip_node::gossip_node(
  const peer_id& self, const mesh_config& mesh, const gossip_switch::config& cfg, time_point now, std::uint64_t seed)
  : router(cfg, now, seed), self_(self), cfg_(mesh), random_(seed) {}

topic_mesh& gossip_node::open(time_point now, const std::string& topic) {
  auto& place = topics_[topic];
  if (!place) {
    secret_random::key_type key;
    for (auto& byte : key)
      byte = static_cast<std::uint8_t>(random_.next());
    place = std::make_unique<topic_mesh>(cfg_, now, topic, self_, key);
  }
  return *place;
}

bool gossip_node::join(time_point now, const std::string& topic) {
  open(now, topic);
  return router.join(now, topic);
}

bool gossip_node::leave(time_point now, const std::string& topic) {
  return router.leave(now, topic);
}

result<message_id> gossip_node::publish(time_point now, const std::string& topic, bytes_view data) {
  auto& mesh = open(now, topic);
  if (router.open(now, topic))
    pump(
      now, [](const peer_id&, const byte_slice&) {}, [](const std::string&, const gossip_event&) {});
  return mesh.publish(now, data);
}

void gossip_node::handle_timeout(time_point now) {
  router.handle_timeout(now);
  for (auto at = topics_.begin(); at != topics_.end();) {
    at->second->handle_timeout(now);
    if (at->second->finished() && !router.joined(at->first)) {
      router.close(now, at->first);
      at = topics_.erase(at);
    } else {
      ++at;
    }
  }
}

void gossip_node::pump(time_point now, const sink& send, const listener& hear) {
  for (bool more = true; more;) {
    more = false;
    while (const auto x = router.poll_transmit())
      send(x->to, x->payload);
    while (router.poll_announcement()) {
    }
    while (const auto routed = router.poll_input()) {
      more = true;
      auto* to = mesh(routed->topic);
      if (to == nullptr)
        continue;
      if (std::holds_alternative<topic_joined>(routed->input))
        to->subscribe(now);
      else if (std::holds_alternative<topic_left>(routed->input))
        to->unsubscribe(now);
      else if (const auto* a = std::get_if<topic_subscriber_added>(&routed->input))
        to->add_subscriber(now, a->peer, a->score, a->outbound);
      else if (const auto* b = std::get_if<topic_subscriber_removed>(&routed->input))
        to->remove_subscriber(now, b->peer);
      else if (const auto* c = std::get_if<topic_link_replaced>(&routed->input))
        to->handle_link_replaced(now, c->peer);
      else if (const auto* d = std::get_if<topic_score_changed>(&routed->input))
        to->set_score(now, d->peer, d->score);
      else if (const auto* e = std::get_if<topic_message_received>(&routed->input))
        to->handle_message(now, e->from, e->payload);
      else if (const auto* f = std::get_if<topic_iwant_received>(&routed->input))
        to->handle_iwant(now, f->from, f->ids);
    }
    for (auto& [topic, mesh] : topics_) {
      while (const auto x = mesh->poll_transmit())
        send(x->to, x->payload);
      while (const auto event = mesh->poll_event())
        hear(topic, *event);
      while (auto offered = mesh->poll_offered())
        router.handle_offered(now, topic, std::move(*offered));
      const auto notes = mesh->take_notes();
      router.handle_notes(now, topic, notes);
      more = more || !notes.empty();
    }
  }
}

std::optional<time_point> gossip_node::poll_timeout() const {
  auto out = router.poll_timeout();
  for (const auto& [topic, mesh] : topics_)
    if (const auto due = mesh->poll_timeout())
      out = out ? std::min(*out, *due) : *due;
  return out;
}

topic_mesh* gossip_node::mesh(const std::string& topic) {
  const auto found = topics_.find(topic);
  return found == topics_.end() ? nullptr : found->second.get();
}

// -- many -------------------------------------------------------------------------------------------------------------

gossip_world::gossip_world(const gossip_world_options& options)
  : options_(options), random_(options.seed), timers_(options.nodes) {
  for (std::size_t i = 0; i < options_.nodes; ++i) {
    peer_id id;
    for (auto& byte : id.raw)
      byte = static_cast<std::uint8_t>(random_.next());
    index_[id] = i;
    nodes_.push_back(std::make_unique<gossip_node>(id, options_.mesh, options_.router, now_, random_.next()));
  }
  for (std::size_t i = 0; i < options_.nodes; ++i) {
    for (std::size_t k = 0; k < options_.links_per_node; ++k) {
      const auto other = static_cast<std::size_t>(random_.below(options_.nodes));
      if (other == i || latency_.count({i, other}) != 0)
        continue;
      const auto span = static_cast<std::uint64_t>((options_.latency_max - options_.latency_min).count());
      const auto latency = options_.latency_min + duration{static_cast<duration::rep>(random_.below(span + 1))};
      latency_[{i, other}] = latency_[{other, i}] = latency;
      nodes_[i]->router.peer_connected(now_, nodes_[other]->id(), true);
      nodes_[other]->router.peer_connected(now_, nodes_[i]->id(), false);
    }
  }
}

void gossip_world::join_all() {
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    nodes_[i]->join(now_, topic);
    pump(i);
  }
}

void gossip_world::publish(std::size_t node, std::string_view text) {
  if (const auto id = nodes_[node]->publish(now_, topic, as_bytes(text)); id && !is_mute(node))
    got_[*id].insert(node);
  pump(node);
}

void gossip_world::run_for(duration x) {
  const auto end = now_ + x;
  while (!coming_.empty() && coming_.top().at <= end) {
    const auto next = coming_.top();
    coming_.pop();
    now_ = next.at;
    trace_ = mix_bits(trace_ ^ next.to ^ static_cast<std::uint64_t>(now_.time_since_epoch().count()));
    auto& node = *nodes_[next.to];
    if (next.to == next.from) {
      timers_[next.to].erase(now_);
      node.handle_timeout(now_);
    } else {
      trace_ = mix_bits(trace_ ^ next.payload.size() ^ next.payload.data()[0]);
      node.router.handle_message(now_, nodes_[next.from]->id(), next.payload);
    }
    pump(next.to);
  }
  now_ = end;
}

void gossip_world::pump(std::size_t i) {
  auto& node = *nodes_[i];
  node.pump(
    now_, [&](const peer_id& to, const byte_slice& payload) { say(i, to, payload); },
    [&](const std::string&, const gossip_event& x) {
      const auto* message = std::get_if<gossip_delivery>(&x);
      if (message == nullptr || message->from == node.id())
        return;
      const auto known = got_.find(message->id);
      if (known != got_.end() && !known->second.insert(i).second)
        ++twice_;
    });
  // A timer is never taken back, only joined by an earlier one; a node that is woken too early does nothing.
  const auto due = node.poll_timeout();
  if (due && (timers_[i].empty() || *due < *timers_[i].begin())) {
    const auto at = std::max(*due, now_);
    timers_[i].insert(at);
    coming_.push({at, ++order_, i, i, {}});
  }
}

void gossip_world::say(std::size_t from, const peer_id& to, const byte_slice& payload) {
  const auto target = index_.at(to);
  if (is_mute(from) && payload.data()[0] == static_cast<std::uint8_t>(gossip_op::publish))
    return;
  bytes_sent_ += payload.size();
  if (random_.share() < options_.loss)
    return;
  auto& last = last_arrival_[{from, target}];
  last = std::max(last, now_ + latency_.at({from, target}));
  coming_.push({last, ++order_, target, from, payload});
}

double gossip_world::delivered() const {
  std::size_t wanted = 0;
  std::size_t got = 0;
  for (const auto& [id, who] : got_) {
    wanted += nodes_.size() - options_.mutes - 1;
    got +=
      static_cast<std::size_t>(std::count_if(who.begin(), who.end(), [&](std::size_t i) { return !is_mute(i); })) - 1;
  }
  return wanted == 0 ? 0 : static_cast<double>(got) / static_cast<double>(wanted);
}

} // namespace librats::test
