// SPDX-License-Identifier: MIT
// own_test: how a program that uses librats tests itself in a network that does not exist, on time that does not pass.
//
// Takes a fraction of a second, although minutes go by, and finds the same each time: nothing here depends on the
// machine. A failure in one seed is a failure in that seed for ever.
#define BOOST_TEST_MODULE own_test
#include <boost/test/unit_test.hpp>

#include <librats_sim.h>
#include <runtime/log/log_setup.hpp>

using namespace std::chrono_literals;

/// What nodes log is for those who look for something.
struct quiet {
  quiet() {
    auto log = librats::runtime::current_log_options();
    log.level = librats::runtime::log_level::off;
    BOOST_TEST_REQUIRE(!librats::runtime::configure_logging(log));
  }
};
BOOST_TEST_GLOBAL_FIXTURE(quiet);

BOOST_AUTO_TEST_CASE(a_greeting_is_answered) {
  librats::SimulatedNetwork net;
  auto& alice = net.add_node();
  auto& bob = net.add_node();
  std::string heard;
  bob.on("greeting", [&](const std::string& from, const nlohmann::json&) {
    bob.send(from, "answer", {{"text", "hi"}});
  });
  alice.on("answer", [&](const std::string&, const nlohmann::json& message) { heard = message["text"]; });
  alice.connect(bob);
  BOOST_TEST(net.run_until([&] { return !alice.peers().empty(); }, 10s));
  alice.send(bob.id(), "greeting", {});
  BOOST_TEST(net.run_until([&] { return heard == "hi"; }, 1s));
}

BOOST_AUTO_TEST_CASE(news_reach_who_was_cut_off_and_who_crashed) {
  librats::SimulatedNetwork net{{/*seed=*/7, /*latency=*/50ms, /*jitter=*/20ms, /*loss=*/0.01}};
  std::map<std::string, int> heard;
  for (std::size_t i = 0; i < 12; ++i) {
    auto& node = net.add_node("[gossip]\nd = 4\n");
    node.subscribe("news", [&](const std::string&, const std::string& data) { ++heard[data]; });
    for (std::size_t other = i < 3 ? 0 : i - 3; other < i; ++other)
      node.connect(net.node(other));
  }
  net.run_for(20s);
  net.isolate({&net.node(10), &net.node(11)});
  net.node(5).crash();
  net.node(0).publish("news", "first");
  net.run_for(20s);
  BOOST_TEST(heard["first"] == 8); // All but who said it, who is down and who was cut off.
  net.heal();
  net.node(5).start();
  net.run_for(3min); // Links that were given up are dialed again.
  net.node(0).publish("news", "second");
  net.run_for(10s);
  BOOST_TEST(heard["second"] == 11);
}
