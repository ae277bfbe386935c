// SPDX-License-Identifier: MIT
#include "tests/protocols/support/gossip_node.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace librats::test {

using namespace librats::protocols;

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
      while (const auto x = mesh->poll_farewell()) {
        router.handle_farewell(now, topic, *x);
        more = true;
      }
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

} // namespace librats::test
