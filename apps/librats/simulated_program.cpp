// SPDX-License-Identifier: MIT
#include "apps/librats/simulated_program.hpp"

#include "actors/gossip_messages.hpp"
#include "actors/node_messages.hpp"
#include "protocols/typed/typed_message.hpp"

#include <caf/actor_cast.hpp>

#include <utility>

namespace librats {

simulated_program::simulated_program(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop,
  caf::actor node, std::shared_ptr<simulated_state> state)
  : pinned_actor(config, std::move(loop)), node_(std::move(node)), state_(std::move(state)) {}

void simulated_program::started() {
  const auto self = caf::actor_cast<caf::actor>(this);
  tell(node_, actors::watch_events{self});
  for (const auto& [type, handler] : state_->types)
    tell(node_, actors::register_typed{type, self});
  for (const auto& [topic, handler] : state_->topics)
    tell(node_, actors::join_topic{topic, self});
}

caf::behavior simulated_program::handlers() {
  return {
    [this](const actors::peer_connected& x) { state_->peers.insert(x.id); },
    [this](const actors::peer_disconnected& x) { state_->peers.erase(x.id); },
    [this](const actors::typed_received& x) {
      // A copy: the handler may put another one in its place.
      const auto found = state_->types.find(x.type);
      const auto message = nlohmann::json::parse(x.json_text.text(), nullptr, false);
      if (found == state_->types.end() || message.is_discarded())
        return;
      const auto handler = found->second;
      handler(x.from.to_string(), message);
    },
    [this](const actors::topic_messages& x) {
      const auto found = state_->topics.find(x.topic);
      if (found == state_->topics.end())
        return;
      const auto handler = found->second;
      for (const auto& one : x.messages)
        handler(one.id.origin.to_string(), std::string{one.data.text()});
    },
    [](const actors::peer_link_changed&) {},
    [](const actors::peer_identified&) {},
    [](const actors::peer_congested&) {},
    [](const actors::peer_writable&) {},
    [](const actors::peer_rtt_measured&) {},
    [](const actors::joined_topic&) {},
  };
}

void simulated_program::dial(const std::string& address, std::uint16_t port) {
  guarded([&] { tell(node_, actors::connect_to{address, port}); });
}

void simulated_program::listen_to_type(const std::string& type) {
  guarded([&] { tell(node_, actors::register_typed{type, caf::actor_cast<caf::actor>(this)}); });
}

void simulated_program::join(const std::string& topic) {
  guarded([&] { tell(node_, actors::join_topic{topic, caf::actor_cast<caf::actor>(this)}); });
}

void simulated_program::send_typed(const peer_id& to, const std::string& type, const std::string& json) {
  guarded([&] {
    if (auto payload = protocols::encode_typed(type, json))
      tell(node_,
        actors::send_frames{to, actors::make_batch(protocols::message_type::typed, byte_slice{std::move(*payload)})});
  });
}

void simulated_program::publish(const std::string& topic, const std::string& data) {
  guarded([&] { tell(node_, actors::publish_to_topic{topic, {byte_slice::copy_of(data)}}); });
}

} // namespace librats
