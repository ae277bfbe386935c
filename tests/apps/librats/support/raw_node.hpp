// SPDX-License-Identifier: MIT
#pragma once

#include "actors/node.hpp"
#include "protocols/typed/typed_message.hpp"
#include "runtime/caf/pinned_actor.hpp"
#include "runtime/caf/system_config.hpp"
#include "runtime/host/real_host.hpp"

#include <boost/test/unit_test.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <future>
#include <string>
#include <string_view>
#include <utility>

namespace librats::test {

/// A node that is no client: it says to a client whatever the test wants, JSON or not.
class raw_node {
public:
  raw_node() : self_(system_, true) {
    auto session = std::make_shared<protocols::session_config>();
    session->static_key = protocols::key_pair::generate(host_.random().key());
    id = session->static_key.id().to_string();
    actors::node_options options;
    options.session = std::move(session);
    options.listen = false;
    node = actors::spawn_node(host_, std::move(options));
  }
  ~raw_node() {
    self_->send_exit(node, caf::exit_reason::user_shutdown);
    self_->wait_for(node);
  }

  void connect(int port) {
    const auto reached = ask<actors::connected_to>(actors::connect_to{"127.0.0.1", static_cast<std::uint16_t>(port)});
    client_ = reached.id;
  }

  /// Blocks until the node has answered.
  template <class Reply, class Message>
  Reply ask(Message what) {
    Reply out;
    self_->request(node, std::chrono::seconds{60}, std::move(what))
      .receive([&](const Reply& x) { out = x; }, [](caf::error& why) { BOOST_FAIL(runtime::describe_error(why)); });
    return out;
  }

  void send(protocols::message_type type, bytes payload, protocols::channel_id channel = 0) {
    caf::anon_send(
      node, actors::send_frames{client_, actors::make_batch(type, byte_slice{std::move(payload)}, channel)});
  }
  void send_typed(std::string_view type, std::string_view text) {
    send(protocols::message_type::typed, *protocols::encode_typed(type, text));
  }

  template <class Actor, class... Ts>
  caf::actor spawn(Ts&&... xs) {
    return runtime::spawn_pinned<Actor>(system_, host_.loop(0), std::forward<Ts>(xs)...);
  }

  std::string id;
  caf::actor node;

private:
  runtime::system_config config_;
  caf::actor_system system_{config_};
  runtime::real_host host_{system_};
  caf::scoped_actor self_;
  peer_id client_;
};

/// Holds up the loop that it lives on with its first typed message, until the test says so: its node stops reading.
class loop_blocker final : public runtime::pinned_actor {
public:
  loop_blocker(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, std::shared_future<void> until)
    : pinned_actor(config, std::move(loop)), until_(std::move(until)) {}

  [[nodiscard]] const char* kind() const noexcept override { return "loop_blocker"; }

protected:
  caf::behavior handlers() override {
    return {[this](const actors::typed_received&) { until_.wait(); }};
  }

private:
  std::shared_future<void> until_;
};

} // namespace librats::test
