// SPDX-License-Identifier: MIT
#include "apps/ratsd/daemon.hpp"

#include "actors/mesh_messages.hpp"
#include "actors/node_messages.hpp"
#include "apps/ratsd/daemon_messages.hpp"
#include "runtime/sim/sim_host.hpp"
#include "runtime/sim/sim_world.hpp"

#include <boost/test/unit_test.hpp>
#include <caf/exit_reason.hpp>
#include <caf/send.hpp>

#include <functional>

using namespace librats;
using namespace librats::apps;
using namespace std::chrono_literals;

namespace {

/// Asks in the name of the test.
class questioner final : public runtime::pinned_actor {
public:
  questioner(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, questioner** self)
    : pinned_actor(config, std::move(loop)) {
    *self = this;
  }

  [[nodiscard]] const char* kind() const noexcept override { return "questioner"; }
  using runtime::actor_core::ask;
  using runtime::pinned_actor::guarded;

protected:
  caf::behavior handlers() override {
    return {[](const report_status&) {}};
  }
};

constexpr auto connected = protocols::reconnect_target::state::connected;

/// Two daemons in virtual time; the second has the first among its targets.
struct two_daemons {
  runtime::sim_world world;
  caf::actor asker;
  questioner* asks = nullptr;
  caf::actor anna = start({});
  caf::actor bert = start({{runtime::sim_host::address_of(0).to_string(), 4000}});

  two_daemons() {
    auto& host = world.add_host();
    asker = runtime::spawn_pinned<questioner>(world.system(), host.loop(0), &asks);
    world.settle();
  }

  ~two_daemons() {
    for (const auto& one : {anna, bert, asker})
      caf::anon_send_exit(one, caf::exit_reason::user_shutdown);
    world.run_for(1min);
  }

  caf::actor start(std::vector<protocols::dial_target> targets) {
    auto& host = world.add_host();
    daemon_options options;
    options.node.mesh.targets = std::move(targets);
    options.node.mesh.reconnect.enabled = true;
    options.settings.messages.echo_channel = "echo";
    auto session = std::make_shared<protocols::session_config>();
    session->static_key = protocols::key_pair::generate(host.random().key());
    options.node.session = std::move(session);
    options.node.listener.local = {ip_address::v6_any(), static_cast<std::uint16_t>(host.index() == 0 ? 4000 : 0)};
    return spawn_daemon(host, std::move(options));
  }

  template <class Reply, class Message>
  std::optional<Reply> get(const caf::actor& whom, Message message) {
    std::optional<Reply> out;
    bool done = false;
    asks->guarded([&] {
      asks->ask(whom, 1min, std::move(message),
        [&](const Reply& x) {
          out = x;
          done = true;
        },
        [&](caf::error& why) {
          BOOST_TEST_MESSAGE(runtime::describe_error(why));
          done = true;
        });
    });
    world.run_until([&] { return done; }, 2min);
    return out;
  }

  caf::actor part(const caf::actor& daemon, const std::string& name) {
    const auto tree = get<runtime::tree_node>(daemon, runtime::get_tree{});
    if (tree)
      for (const auto& child : tree->children)
        if (child.name == name)
          return child.handle;
    return nullptr;
  }

  std::size_t peers(const caf::actor& daemon) {
    const auto status = get<actors::node_status>(part(daemon, "node"), actors::get_status{});
    return status ? status->peers : 0;
  }

  protocols::reconnect_target target(const caf::actor& daemon) {
    const auto status = get<actors::reconnect_status>(part(daemon, "node"), actors::get_reconnect_status{});
    BOOST_REQUIRE(status.has_value());
    BOOST_REQUIRE(status->targets.size() == 1u);
    return status->targets.front();
  }

  std::uint16_t port(const caf::actor& daemon) {
    const auto x = get<actors::listening_on>(daemon, actors::await_listening{});
    return x ? x->local.port : 0;
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(daemon_test)

BOOST_FIXTURE_TEST_CASE(a_target_is_dialed_and_reported, two_daemons) {
  world.run_for(1s);
  BOOST_TEST(peers(anna) == 1u);
  BOOST_TEST(peers(bert) == 1u);
  BOOST_TEST((target(bert).now == connected));
  BOOST_TEST(target(bert).dials == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_node_that_crashed_comes_back_on_its_port_and_is_dialed_again, two_daemons) {
  world.run_for(1s);
  const auto before = port(anna);
  const auto node = part(anna, "node");
  caf::anon_send(node, runtime::inject_crash{"on purpose"});
  world.run_for(5s);
  BOOST_TEST((part(anna, "node") != node));
  BOOST_TEST(port(anna) == before);
  BOOST_TEST(peers(anna) == 1u);
  BOOST_TEST(peers(bert) == 1u);
  BOOST_TEST((part(anna, "echo") != nullptr));
}

BOOST_FIXTURE_TEST_CASE(a_port_that_the_system_chose_is_kept_too, two_daemons) {
  world.run_for(1s);
  const auto before = port(bert);
  BOOST_TEST(before != 0);
  caf::anon_send(part(bert, "node"), runtime::inject_crash{"on purpose"});
  world.run_for(5s);
  BOOST_TEST(port(bert) == before);
  BOOST_TEST(peers(bert) == 1u);  // The new node has the old one's targets.
}

BOOST_FIXTURE_TEST_CASE(a_helper_that_crashed_does_not_touch_the_node, two_daemons) {
  world.run_for(1s);
  const auto node = part(bert, "node");
  caf::anon_send(part(bert, "echo"), runtime::inject_crash{"on purpose"});
  caf::anon_send(part(bert, "event_log"), runtime::inject_crash{"on purpose"});
  world.run_for(5s);
  BOOST_TEST((part(bert, "node") == node));
  BOOST_TEST(peers(bert) == 1u);
  BOOST_TEST((target(bert).now == connected));
}

BOOST_FIXTURE_TEST_CASE(a_lost_peer_is_dialed_again_and_again, two_daemons) {
  world.run_for(1s);
  world.host(0).power_off();
  world.partition({&world.host(0)}, {&world.host(1)});
  world.run_for(5min);  // Silence is noticed, dials fail.
  BOOST_TEST(peers(bert) == 0u);
  BOOST_TEST((target(bert).now != connected));
  BOOST_TEST(target(bert).error != "");
  BOOST_TEST(target(bert).dials > 3u);
}

BOOST_AUTO_TEST_SUITE_END()
