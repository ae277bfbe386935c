// SPDX-License-Identifier: MIT
#include "librats_sim.h"

#include "runtime/sim/sim_host.hpp"

#include <boost/test/unit_test.hpp>

#include <stdexcept>

namespace librats {

namespace {

using namespace std::chrono_literals;
using words = std::vector<std::string>;

/// Two nodes that are linked.
struct pair {
  explicit pair(std::uint64_t seed = 1) : net{{seed}} {
    a.connect(b);
    BOOST_TEST_REQUIRE(net.run_until([&] { return !a.peers().empty() && !b.peers().empty(); }, 10s));
  }

  SimulatedNetwork net;
  SimulatedNode& a = net.add_node();
  SimulatedNode& b = net.add_node();
};

} // namespace

BOOST_AUTO_TEST_SUITE(simulated_networks)

BOOST_AUTO_TEST_CASE(equal_seeds_are_equal_histories) {
  const auto live = [](std::uint64_t seed) {
    pair x{seed};
    x.b.subscribe("t", [](const std::string&, const std::string&) {});
    x.a.publish("t", "hello");
    x.net.run_for(1min);
    return std::pair{x.net.event_hash(), x.a.id()};
  };
  const auto first = live(7);
  BOOST_TEST((live(7) == first));
  BOOST_TEST(live(8).first != first.first);
  BOOST_TEST(live(8).second != first.second);
}

BOOST_AUTO_TEST_CASE(messages_reach_the_last_handler_of_their_type_alone) {
  pair x;
  words heard;
  x.b.on("t", [&](const std::string&, const nlohmann::json&) { heard.push_back("the first"); });
  x.b.on("t", [&](const std::string& from, const nlohmann::json& m) { heard.push_back(from + m.dump()); });
  x.a.send(x.b.id(), "t", {{"k", 1}});
  x.a.send(x.b.id(), "u", 2);
  x.a.send("no id", "t", 3);
  x.a.send(std::string(64, '0'), "t", 4);
  x.net.run_for(5s);
  BOOST_TEST(heard == (words{x.a.id() + "{\"k\":1}"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_node_that_crashed_comes_back_as_who_it_was) {
  pair x;
  words heard;
  x.b.on("t", [&](const std::string&, const nlohmann::json& m) { heard.push_back(m.get<std::string>()); });
  x.b.subscribe("news", [&](const std::string& author, const std::string& data) { heard.push_back(author + data); });
  const auto id = x.b.id();
  x.b.crash();
  BOOST_TEST(!x.b.running());
  x.b.crash();
  x.b.publish("news", "nobody says this");
  x.net.run_for(3min);
  BOOST_TEST(x.a.peers().empty());
  x.b.start();
  BOOST_TEST(x.b.id() == id);
  BOOST_TEST(x.net.run_until([&] { return x.a.peers() == words{id}; }, 5min));
  x.net.run_for(5s);
  x.a.send(id, "t", "typed");
  x.net.run_for(5s);
  x.a.publish("news", "published");
  x.net.run_for(5s);
  BOOST_TEST(heard == (words{"typed", x.a.id() + "published"}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(who_dialed_dials_again_in_its_next_life) {
  pair x;
  x.a.crash();
  x.a.start();
  BOOST_TEST(x.net.run_until([&] { return x.a.peers() == words{x.b.id()}; }, 10s));
}

BOOST_AUTO_TEST_CASE(who_is_isolated_hears_nothing_until_it_is_healed) {
  pair x;
  int heard = 0;
  x.b.on("t", [&](const std::string&, const nlohmann::json&) { ++heard; });
  x.net.isolate({&x.b});
  x.a.send(x.b.id(), "t", 1);
  x.net.run_for(5s);
  BOOST_TEST(heard == 0);
  x.net.heal();
  BOOST_TEST(x.net.run_until([&] { return heard == 1; }, 1min));
}

BOOST_AUTO_TEST_CASE(the_text_of_a_node_is_judged_and_followed) {
  SimulatedNetwork net;
  BOOST_CHECK_EXCEPTION(net.add_node("[gossip]\nd = many\n"), std::invalid_argument,
    [](const auto& x) { return std::string{x.what()}.find("add_node:2") != std::string::npos; });
  BOOST_TEST(net.size() == 0u);
  auto& a = net.add_node("[node]\nlisten_port = 7777\n");
  auto& b = net.add_node("[node]\nconnect = " + a.host().address().to_string() + ":7777\n");
  BOOST_TEST(net.run_until([&] { return a.peers() == words{b.id()}; }, 10s));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats
