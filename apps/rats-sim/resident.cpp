// SPDX-License-Identifier: MIT
#include "apps/rats-sim/resident.hpp"

#include "actors/gossip_messages.hpp"
#include "actors/node_messages.hpp"
#include "protocols/typed/typed_message.hpp"

#include <caf/actor_cast.hpp>

#include <utility>

namespace librats::apps {

namespace {

/// A node has an answer at once or is in trouble.
constexpr auto tree_patience = std::chrono::seconds{10};

} // namespace

resident::resident(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, caf::actor node,
  std::size_t member, habits how, resident_listener& listener)
  : pinned_actor(config, std::move(loop)), node_(std::move(node)), member_(member), how_(std::move(how)),
    listener_(listener) {}

void resident::started() {
  const auto self = caf::actor_cast<caf::actor>(this);
  tell(node_, actors::watch_events{self});
  for (const auto& one : how_.topics)
    tell(node_, actors::join_topic{one, self});
  for (const auto& one : how_.types)
    tell(node_, actors::register_typed{one, self});
  if (how_.files) {
    tell(node_, actors::set_offer_handler{self});
    tell(node_, actors::watch_transfers{self});
  }
}

caf::behavior resident::handlers() {
  return {
    [this](const actors::peer_connected& x) { listener_.connected(member_, x.id); },
    [this](const actors::peer_disconnected& x) { listener_.disconnected(member_, x.id, x.reason); },
    [this](const actors::topic_messages& x) {
      for (const auto& one : x.messages)
        listener_.topic_message(member_, one.data.view());
    },
    [this](const actors::transfer_report& x) { listener_.transfer_changed(member_, x); },
    [this](const actors::transfer_offered& x) { take(x); },
    [this](const actors::typed_received& x) { listener_.typed_message(member_, x.json_text.text()); },
    [](const actors::peer_link_changed&) {},
    [](const actors::peer_identified&) {},
    [](const actors::peer_congested&) {},
    [](const actors::peer_writable&) {},
    [](const actors::peer_rtt_measured&) {},
    [](const actors::joined_topic&) {},
  };
}

void resident::publish(const std::string& topic, byte_slice payload) {
  guarded([&] { tell(node_, actors::publish_to_topic{topic, {std::move(payload)}}); });
}

void resident::send_typed(const peer_id& to, const std::string& type, const std::string& json) {
  guarded([&] {
    if (auto payload = protocols::encode_typed(type, json))
      tell(node_,
        actors::send_frames{to, actors::make_batch(protocols::message_type::typed, byte_slice{std::move(*payload)})});
  });
}

void resident::announce(const protocols::info_hash& target) {
  guarded([&] {
    ask(
      node_, std::chrono::minutes{2}, actors::announce_peer{target}, [](const actors::peers_found&) {},
      [](caf::error&) {});
  });
}

void resident::look_up(
  const protocols::info_hash& target, duration patience, std::function<void(const std::vector<endpoint>&)> found) {
  guarded([&] {
    actors::find_peers question;
    question.target = target;
    question.dial = false;
    ask(
      node_, patience, std::move(question), [found](const actors::peers_found& x) { found(x.peers); },
      [found](caf::error&) { found({}); });
  });
}

void resident::ask_address(const endpoint& server, duration patience, std::function<void(const endpoint&)> told) {
  guarded([&] {
    ask(
      node_, patience, actors::discover_address{{{server.address.to_string(), server.port}}, patience},
      [told](const actors::address_discovered& x) { told(x.mapped); }, [](caf::error&) {});
  });
}

void resident::look_at_tree(std::function<void(const runtime::tree_node&)> seen) {
  guarded([&] {
    ask(
      node_, tree_patience, runtime::get_tree{}, [seen](const runtime::tree_node& x) { seen(x); }, [](caf::error&) {});
  });
}

void resident::crash(const caf::actor& part) {
  guarded([&] { tell(part, runtime::inject_crash{"crashed by the scenario"}); });
}

} // namespace librats::apps
