// SPDX-License-Identifier: MIT
#include "actors/discovery.hpp"

#include "tests/actors/sim_nodes.hpp"

#include <algorithm>
#include <string>

namespace librats::test {

namespace {

/// Nodes on local networks, which multicast does not leave.
struct lan_nodes : sim_nodes {
  static void with_mdns(actors::node_options& x) { x.discovery.mdns.enabled = true; }

  sim_node& on(const std::string& lan, const node_adjuster& adjust = with_mdns) {
    auto& host = world.add_host();
    host.set_lan(lan);
    return add_on(host, nodes.size() + 1, adjust);
  }
  bool connected(sim_node& a, sim_node& b) {
    return a.heard->count("connected " + b.name) > a.heard->count("disconnected " + b.name);
  }
  actors::mdns_status mdns(sim_node& x) {
    return ask<actors::mdns_status>(x, actors::get_mdns_status{}).value.value_or(actors::mdns_status{});
  }
  static bool sees(const actors::mdns_status& x, const std::string& instance) {
    return std::any_of(x.services.begin(), x.services.end(), [&](const auto& y) { return y.instance == instance; });
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(mdns_tests, lan_nodes)

BOOST_AUTO_TEST_CASE(two_nodes_on_a_lan_are_connected_within_two_seconds) {
  auto& a = on("home");
  auto& b = on("home");
  BOOST_TEST(eventually([&] { return connected(a, b); }, 2s));
}

BOOST_AUTO_TEST_CASE(a_newcomer_is_connected_within_two_seconds) {
  auto& a = on("home");
  run(10min);
  auto& b = on("home");
  BOOST_TEST(eventually([&] { return connected(a, b); }, 2s));
}

BOOST_AUTO_TEST_CASE(two_nodes_on_one_machine_find_each_other) {
  auto& a = on("home");
  auto& b = add_on(a.host, 9, [](actors::node_options& x) {
    with_mdns(x);
    x.listener.local.port = 4001;
  });
  BOOST_TEST(eventually([&] { return connected(a, b); }, 2s));
}

BOOST_AUTO_TEST_CASE(another_lan_and_another_application_are_left_alone) {
  auto& a = on("home");
  auto& b = on("office");
  auto& c = on("home", [](actors::node_options& x) {
    with_mdns(x);
    auto session = std::make_shared<protocols::session_config>(*x.session);
    session->protocol = "another/1.0";
    x.session = std::move(session);
  });
  run(2min);
  BOOST_TEST(!connected(a, b));
  BOOST_TEST(!connected(a, c));
  BOOST_TEST(mdns(a).services.size() == 1u);  // It sees the other application, and does not dial it.
  BOOST_TEST(status(c).handshakes_failed == 0u);
}

BOOST_AUTO_TEST_CASE(a_node_that_stops_says_good_bye) {
  auto& a = on("home");
  auto& b = on("home");
  const auto name = protocols::instance_label(b.id);
  BOOST_TEST(eventually([&] { return sees(mdns(a), name); }, 2s));
  stop(b);
  BOOST_TEST(eventually([&] { return !sees(mdns(a), name); }, 2s));
}

BOOST_AUTO_TEST_CASE(texts_and_a_name_of_ones_own_are_told) {
  auto& a = on("home", [](actors::node_options& x) {
    with_mdns(x);
    x.discovery.mdns.instance = "my-node";
    x.discovery.mdns.txt = {{"app", "chat"}};
  });
  auto& b = on("home");
  BOOST_TEST(eventually([&] { return sees(mdns(b), "my-node"); }, 2s));
  const auto service = mdns(b).services.front();
  BOOST_TEST(service.port == sim_node::port);
  BOOST_TEST((service.addresses == std::vector<ip_address>{a.host.address()}));
  BOOST_TEST(service.txt.at("app") == "chat");
  BOOST_TEST(service.txt.at("id") == a.id.to_string());
}

BOOST_AUTO_TEST_CASE(the_second_one_of_a_name_takes_another_one) {
  const auto same = [](actors::node_options& x) {
    with_mdns(x);
    x.discovery.mdns.instance = "twin";
  };
  auto& a = on("home", same);
  run(5s);
  auto& b = on("home", same);
  BOOST_TEST(eventually([&] { return mdns(b).instance == "twin-2" && sees(mdns(a), "twin-2"); }, 10s));
  BOOST_TEST(mdns(a).instance == "twin");
  BOOST_TEST(eventually([&] { return connected(a, b); }, 5s));
}

BOOST_AUTO_TEST_CASE(without_multicast_it_says_so_and_the_rest_works) {
  auto& host = world.add_host();
  host.set_multicast(false);
  auto& a = add_on(host, 9);
  auto& b = add();
  const auto started = ask<actors::mdns_started>(a, actors::start_mdns{});
  BOOST_TEST(started.error == "no interface has multicast");
  BOOST_TEST(connect(a, b) == "");
}

BOOST_AUTO_TEST_CASE(a_lan_that_comes_later_is_used) {
  auto& a = on("home");
  a.host.down();
  auto& b = on("home");
  run(1min);
  BOOST_TEST(!connected(a, b));
  a.host.up();
  BOOST_TEST(eventually([&] { return connected(a, b); }, 10s));
}

BOOST_AUTO_TEST_CASE(a_crashed_mdns_actor_goes_on) {
  auto& a = on("home");
  run(5s);
  crash(a, "mdns");
  auto& b = on("home");
  BOOST_TEST(eventually([&] { return connected(a, b) && sees(mdns(a), protocols::instance_label(b.id)); }, 10s));
}

BOOST_AUTO_TEST_CASE(started_and_stopped_at_run_time) {
  auto& a = on("home", {});
  auto& b = on("home");
  const auto started = ask<actors::mdns_started>(a, actors::start_mdns{});
  BOOST_TEST_REQUIRE(started.value.has_value(), started.error);
  BOOST_TEST(started.value->interfaces == 1u);
  BOOST_TEST(eventually([&] { return connected(a, b); }, 2s));
  tell(a, actors::stop_mdns{});
  BOOST_TEST(eventually([&] { return mdns(b).services.empty(); }, 2s));
  BOOST_TEST(!mdns(a).running);
}

BOOST_AUTO_TEST_CASE(what_is_stopped_and_wanted_again_at_once_starts_again) {
  auto& a = on("home");
  auto& b = on("home");
  tell(a, actors::stop_mdns{});
  actors::start_mdns again;
  again.options.instance = "second-life";
  const auto started = ask<actors::mdns_started>(a, again);
  BOOST_TEST_REQUIRE(started.value.has_value(), started.error);
  BOOST_TEST(mdns(a).instance == "second-life");
  BOOST_TEST(eventually([&] { return sees(mdns(b), "second-life"); }, 5s));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
