// SPDX-License-Identifier: MIT
// embedding - nodes inside a program that has an actor system of its own.
//
// Two nodes in one process find each other on the loopback interface and exchange typed JSON and channel messages. What
// the program itself contributes are two plain CAF actors. Exit code 0: everything arrived.
#include "actors/node.hpp"
#include "actors/node_messages.hpp"
#include "protocols/typed/typed_json.hpp"
#include "runtime/caf/system_config.hpp"
#include "runtime/host/real_host.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <nlohmann/json.hpp>

#include <iostream>
#include <string>

using namespace librats;
using namespace std::chrono_literals;
using json = nlohmann::json;

namespace {

constexpr auto patience = 10s;

actors::frame_batch typed(const std::string& type, const json& value) {
  return actors::make_batch(protocols::message_type::typed,
    byte_slice{*protocols::encode_typed_json(type, value)});
}

/// Adds up the numbers of every "sum" message and answers with a "total" message.
caf::behavior calculator(caf::event_based_actor* self, const caf::actor& node) {
  self->send(node, actors::register_typed{"sum", self});
  return {
    [self, node](const actors::typed_received& x) {
      const auto value = protocols::parse_json(x.json_text.text());
      if (!value || !value->is_array())
        return;  // A peer may send anything.
      int total = 0;
      for (const auto& one : *value)
        total += one.is_number_integer() ? one.get<int>() : 0;
      std::cout << "calculator: " << x.json_text.text() << " from " << x.from.short_string() << std::endl;
      self->send(node, actors::send_frames{x.from, typed("total", total)});
    },
  };
}

/// Sends every message of the channel "mirror" back, over the link that it came from.
caf::behavior mirror(caf::event_based_actor* self, const caf::actor& node) {
  self->send(node, actors::register_channel{"mirror", self});
  return {
    [self](const actors::frames_received& x) {
      return self->send(caf::actor_cast<caf::actor>(self->current_sender()),
        actors::send_frames{x.from, actors::make_batch(x.frames)});
    },
    [](const actors::channel_registered&) {},
  };
}

caf::actor start_node(runtime::host& host) {
  auto session = std::make_shared<protocols::session_config>();
  session->protocol = "embedding-example/1.0";
  session->static_key = protocols::key_pair::generate(host.random().key());
  actors::node_options options;
  options.session = std::move(session);
  options.listener = *actors::parse_bind_address("127.0.0.1", 0);  // The system picks a port.
  return actors::spawn_node(host, options);
}

/// What the main thread does: no actor of its own, only requests and answers.
bool talk(caf::scoped_actor& self, const caf::actor& alice, const caf::actor& bob) {
  std::uint16_t port = 0;
  self->request(alice, patience, actors::await_listening{})
    .receive([&](const actors::listening_on& x) { port = x.local.port; },
      [](caf::error& why) { std::cerr << runtime::describe_error(why) << '\n'; });
  peer_id alice_id;
  self->request(bob, patience, actors::connect_to{"127.0.0.1", port})
    .receive([&](const actors::connected_to& x) { alice_id = x.id; },
      [](caf::error& why) { std::cerr << runtime::describe_error(why) << '\n'; });
  if (alice_id.is_zero())
    return false;
  std::cout << "bob is connected to " << alice_id.to_string() << std::endl;

  self->send(bob, actors::register_typed{"total", self});
  self->request(bob, patience, actors::register_channel{"mirror", self})
    .receive([](const actors::channel_registered&) {}, [](caf::error&) {});
  self->send(bob, actors::send_frames{alice_id, typed("sum", {1, 2, 39})});
  self->send(bob, actors::send_frames{alice_id, actors::make_batch(protocols::message_type::app,
                                                  byte_slice::copy_of("looks the same"),
                                                  protocols::channel_of("mirror"))});
  std::string total;
  std::string reflection;
  while (total.empty() || reflection.empty()) {
    bool late = false;
    self->receive([&](const actors::typed_received& x) { total = std::string{x.json_text.text()}; },
      [&](const actors::frames_received& x) { reflection = std::string{x.frames.front().payload.text()}; },
      caf::after(patience) >> [&] { late = true; });
    if (late)
      break;
  }
  std::cout << "bob got total " << total << " and reflection \"" << reflection << "\"" << std::endl;
  return total == "42" && reflection == "looks the same";
}

} // namespace

int main() {
  runtime::system_config config;  // Any caf::actor_system_config does; this one's workers sleep when idle.
  caf::actor_system system{config};
  runtime::real_host host{system};  // One I/O loop; more than one node may share it.
  const auto alice = start_node(host);
  const auto bob = start_node(host);
  const auto helpers = {system.spawn(calculator, alice), system.spawn(mirror, alice)};

  caf::scoped_actor self{system};
  const bool fine = talk(self, alice, bob);

  for (const auto& one : helpers)
    self->send_exit(one, caf::exit_reason::user_shutdown);
  for (const auto& node : {alice, bob}) {  // Nodes stop their parts in order; wait for that before the host goes.
    self->send_exit(node, caf::exit_reason::user_shutdown);
    self->wait_for(node);
  }
  std::cout << (fine ? "everything arrived" : "something is missing") << std::endl;
  return fine ? 0 : 1;
}
