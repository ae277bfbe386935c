// SPDX-License-Identifier: MIT
#include "actors/discovery.hpp"

#include "tests/actors/sim_nodes.hpp"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace librats::test {

namespace {

constexpr std::uint16_t dht_port = 6881;

/// Nodes of one application that know nothing of each other but where the DHT begins: at the first machine.
struct dht_nodes : sim_nodes {
  static actors::dht_options dht() {
    actors::dht_options out;
    out.enabled = true;
    out.port = dht_port;
    out.ipv6 = false;
    return out;
  }
  /// `bootstrap`: whose DHT node to begin at.
  static node_adjuster in_dht(const std::vector<endpoint>& bootstrap = {}) {
    return [bootstrap](actors::node_options& x) {
      x.discovery.dht = dht();
      for (const auto& one : bootstrap)
        x.discovery.dht.bootstrap.push_back(protocols::dial_target::of({one.address, dht_port}));
    };
  }
  actors::dht_family_status v4(sim_node& x) {
    const auto all = ask<actors::dht_status>(x, actors::get_dht_status{}).value.value_or(actors::dht_status{});
    return all.families.empty() ? actors::dht_family_status{} : all.families.front();  // It may be down.
  }
  /// A DHT of `count` nodes; the first one is where others begin.
  std::vector<sim_node*> network(std::size_t count) {
    std::vector<sim_node*> out{&add(stranger())};
    while (out.size() < count)
      out.push_back(&add(stranger({out.front()->address()})));
    run(20s);
    return out;
  }
  /// Takes part in the DHT and belongs to another application each.
  node_adjuster stranger(const std::vector<endpoint>& bootstrap = {}) {
    return [this, bootstrap](actors::node_options& x) {
      in_dht(bootstrap)(x);
      x.discovery.key = "stranger " + std::to_string(++strangers_);
    };
  }
  bool connected(sim_node& a, sim_node& b) {
    return a.heard->count("connected " + b.name) > a.heard->count("disconnected " + b.name);
  }
  /// Announces some content of that name.
  protocols::info_hash announce(sim_node& x, const std::string& name) {
    const auto hash = protocols::info_hash_of(name);
    const auto told = ask<actors::peers_found>(x, actors::announce_peer{hash, 7777});
    BOOST_TEST((told.value && told.value->nodes_told != 0), told.error);
    return hash;
  }
  static node_adjuster spider_in_dht(const std::vector<endpoint>& bootstrap) {
    return [bootstrap](actors::node_options& x) {
      in_dht(bootstrap)(x);
      x.discovery.dht.spider = true;
    };
  }
  static std::size_t heard(const sim_node& x, const protocols::info_hash& hash) {
    const auto& all = x.heard->hashes;
    return static_cast<std::size_t>(std::count(all.begin(), all.end(), hash));
  }

private:
  std::size_t strangers_ = 0;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(dht_tests, dht_nodes)

BOOST_AUTO_TEST_CASE(two_nodes_that_know_only_the_name_of_their_application_meet) {
  const auto all = network(12);
  auto& a = add(in_dht({all[0]->address()}));
  auto& b = add(in_dht({all[0]->address()}));
  BOOST_TEST(eventually([&] { return connected(a, b); }, 15s));
}

BOOST_AUTO_TEST_CASE(the_first_two_nodes_of_a_dht_find_each_other) {
  auto& a = add(in_dht());
  run(1s);
  auto& b = add(in_dht({a.address()}));
  BOOST_TEST(eventually([&] { return connected(a, b); }, 15s));
}

BOOST_AUTO_TEST_CASE(a_node_is_found_although_all_that_it_was_announced_to_are_gone) {
  auto& first = add(stranger());
  auto& host = world.add_host();
  auto& a = add_on(host, 20, [&](actors::node_options& x) {
    in_dht({first.address()})(x);
    x.listener.local.address = host.address();
  });
  run(20s);
  first.host.kill_processes();
  auto& b = add(stranger({a.address()}));
  run(3s);
  actors::find_peers question;
  question.target = protocols::info_hash_of(a.session->protocol);
  question.dial = false;
  const auto found = ask<actors::peers_found>(b, question);
  BOOST_TEST_REQUIRE(found.value.has_value(), found.error);
  BOOST_TEST((found.value->peers == std::vector<endpoint>{a.address()}));  // Nobody but itself could say so.
}

BOOST_AUTO_TEST_CASE(nodes_of_other_applications_are_left_alone) {
  const auto all = network(6);
  for (auto* one : all)
    BOOST_TEST(one->heard->count("connected") == 0u);
}

BOOST_AUTO_TEST_CASE(what_one_announces_another_one_finds) {
  const auto all = network(12);
  const auto hash = protocols::info_hash_of("some content");
  const auto told = ask<actors::peers_found>(*all[3], actors::announce_peer{hash, 7777});
  BOOST_TEST_REQUIRE(told.value.has_value(), told.error);
  BOOST_TEST(told.value->nodes_told == 8u);
  actors::find_peers question;
  question.target = hash;
  question.dial = false;
  const auto found = ask<actors::peers_found>(*all[9], question);
  BOOST_TEST_REQUIRE(found.value.has_value(), found.error);
  BOOST_TEST_REQUIRE(found.value->peers.size() == 1u);
  BOOST_TEST((found.value->peers.front() == endpoint{all[3]->host.address(), 7777}));
}

BOOST_AUTO_TEST_CASE(what_lies_here_is_found_here) {
  const auto all = network(2);
  const auto hash = protocols::info_hash_of("some content");
  const auto told = ask<actors::peers_found>(*all[0], actors::announce_peer{hash, 7777});
  BOOST_TEST_REQUIRE(told.value.has_value(), told.error);
  const auto found = ask<actors::peers_found>(*all[1], actors::find_peers{hash, nullptr, false});
  BOOST_TEST_REQUIRE(found.value.has_value(), found.error);
  BOOST_TEST((found.value->peers == std::vector<endpoint>{{all[0]->host.address(), 7777}}));
}

BOOST_AUTO_TEST_CASE(an_item_is_stored_and_found) {
  const auto all = network(12);
  protocols::dht_item item;
  item.value = to_bytes(as_bytes("5:hello"));
  const auto stored = ask<actors::item_stored>(*all[2], actors::put_item{item, {}});
  BOOST_TEST_REQUIRE(stored.value.has_value(), stored.error);
  BOOST_TEST(stored.value->nodes == 8u);
  const auto got = ask<actors::item_got>(*all[8], actors::get_item{stored.value->target, {}});
  BOOST_TEST_REQUIRE(got.value.has_value(), got.error);
  BOOST_TEST((got.value->item == item));
}

BOOST_AUTO_TEST_CASE(an_item_that_is_no_bencoding_is_refused_with_a_sentence) {
  const auto all = network(2);
  protocols::dht_item item;
  item.value = to_bytes(as_bytes("hello"));
  const auto stored = ask<actors::item_stored>(*all[0], actors::put_item{item, {}});
  BOOST_TEST(stored.error.find("the item cannot be stored: ") == 0u, stored.error);
}

BOOST_AUTO_TEST_CASE(an_item_that_no_node_takes_is_an_error) {
  auto& alone = add(in_dht());
  protocols::dht_item item;
  item.value = to_bytes(as_bytes("5:hello"));
  BOOST_TEST(ask<actors::item_stored>(alone, actors::put_item{item, {}}).error == "no node of the DHT took it");
}

BOOST_AUTO_TEST_CASE(without_the_dht_a_search_is_an_error) {
  auto& a = add();
  BOOST_TEST(ask<actors::peers_found>(a, actors::find_peers{}).error != "");
  BOOST_TEST(ask<actors::dht_status>(a, actors::get_dht_status{}).value->families.empty());
}

BOOST_AUTO_TEST_CASE(the_dht_is_started_and_stopped_at_run_time) {
  const auto all = network(3);
  auto& a = add();
  actors::start_dht request{dht()};
  request.options.bootstrap = {protocols::dial_target::of({all[0]->host.address(), dht_port})};
  const auto started = ask<actors::dht_started>(a, request);
  BOOST_TEST_REQUIRE(started.value.has_value(), started.error);
  BOOST_TEST((started.value->v4 == endpoint{ip_address{}, dht_port}));
  BOOST_TEST(!started.value->v6.has_value());
  BOOST_TEST(eventually([&] { return v4(a).counted.confirmed >= 3; }, 15s));
  tell(a, actors::stop_dht{});
  run(1s);
  BOOST_TEST(ask<actors::dht_status>(a, actors::get_dht_status{}).value->families.empty());
  BOOST_TEST(ask<actors::dht_started>(a, request).value.has_value());
}

BOOST_AUTO_TEST_CASE(a_dht_that_is_stopped_and_wanted_again_at_once_starts_again) {
  const auto all = network(3);
  auto& a = add();
  actors::start_dht request{dht()};
  request.options.bootstrap = {protocols::dial_target::of({all[0]->host.address(), dht_port})};
  BOOST_TEST_REQUIRE(ask<actors::dht_started>(a, request).value.has_value());
  tell(a, actors::stop_dht{});
  const auto again = ask<actors::dht_started>(a, request);
  BOOST_TEST_REQUIRE(again.value.has_value(), again.error);
  BOOST_TEST(eventually([&] { return v4(a).counted.confirmed >= 3; }, 15s));
}

BOOST_AUTO_TEST_CASE(who_does_not_want_to_be_met_is_not_met_until_it_does) {
  const auto all = network(6);
  auto& a = add([&](actors::node_options& x) {
    in_dht({all[0]->address()})(x);
    x.discovery.meet = false;
  });
  auto& b = add(in_dht({all[0]->address()}));
  run(1min);
  BOOST_TEST(!connected(a, b));
  BOOST_TEST(ask<actors::dht_status>(a, actors::get_dht_status{}).value->announces == 0u);
  tell(a, actors::meet_peers{});
  BOOST_TEST(eventually([&] { return connected(a, b); }, 40s));
}

BOOST_AUTO_TEST_CASE(nodes_meet_under_the_key_that_they_have_now) {
  const auto all = network(6);
  auto& a = add(in_dht({all[0]->address()}));
  auto& b = add(stranger({all[0]->address()}));
  run(1min);
  BOOST_TEST(!connected(a, b));
  tell(a, actors::meet_peers{true, "the place"});
  tell(b, actors::meet_peers{true, "the place"});
  BOOST_TEST(eventually([&] { return connected(a, b); }, 40s));
}

BOOST_AUTO_TEST_CASE(a_taken_port_is_replaced_by_another_one) {
  auto& a = add(in_dht());
  run(1s);
  auto& b = add_on(a.host, 7, [](actors::node_options& x) {
    in_dht()(x);
    x.listener.local.port = 4001;
  });
  run(1s);
  BOOST_TEST(v4(a).local->port == dht_port);
  BOOST_TEST(v4(b).local->port != dht_port);
}

BOOST_AUTO_TEST_CASE(the_routing_table_survives_a_restart) {
  const auto keep = [](actors::node_options& x) { x.discovery.dht.state_folder = "/data"; };
  const auto all = network(10);
  auto& a = add([&](actors::node_options& x) {
    in_dht({all[0]->address()})(x);
    keep(x);
  });
  BOOST_TEST(eventually([&] { return v4(a).counted.confirmed >= 8; }, 30s));
  const auto id = v4(a).id;
  stop(a);
  auto& again = add_on(a.host, 50, [&](actors::node_options& x) {
    in_dht()(x);  // Nobody tells it where to begin.
    keep(x);
  });
  BOOST_TEST(eventually([&] { return v4(again).counted.confirmed >= 8; }, 30s));
  BOOST_TEST((v4(again).id == id));
}

BOOST_AUTO_TEST_CASE(a_crashed_dht_node_is_back_on_its_port_and_finds_its_way) {
  const auto all = network(6);
  auto& a = add(in_dht({all[0]->address()}));
  BOOST_TEST(eventually([&] { return v4(a).counted.confirmed >= 3; }, 15s));
  crash(a, "dht_node-v4");
  BOOST_TEST(eventually([&] { return v4(a).counted.confirmed >= 3; }, 30s));
  BOOST_TEST(v4(a).local->port == dht_port);
}

BOOST_AUTO_TEST_CASE(a_node_that_does_not_listen_asks_but_does_not_answer) {
  const auto all = network(4);
  auto& a = add([&](actors::node_options& x) {
    in_dht({all[0]->address()})(x);
    x.listen = false;
  });
  BOOST_TEST(eventually([&] { return v4(a).counted.confirmed >= 3; }, 15s));
  run(1min);
  BOOST_TEST(v4(a).counted.replies_out == 0u);
  for (auto* one : all)
    BOOST_TEST(v4(*one).counted.nodes == 3u);  // Each other, and not it.
}

BOOST_AUTO_TEST_CASE(a_spider_learns_what_others_announced) {
  const auto all = network(12);
  std::set<protocols::info_hash> announced;
  for (const std::size_t i : {2u, 5u, 9u})
    announced.insert(announce(*all[i], "content of " + std::to_string(i)));
  auto& spider = add(spider_in_dht({all[0]->address()}));
  tell(spider, actors::watch_hashes{spider.watcher});
  const auto began = world.now();
  const auto knows = [&](const protocols::info_hash& x) { return heard(spider, x) != 0; };
  BOOST_TEST(eventually([&] { return std::all_of(announced.begin(), announced.end(), knows); }, 1min));
  run(10min);
  for (const auto& one : announced)
    BOOST_TEST(heard(spider, one) == 1u);  // Eight nodes told it, again and again.
  const auto status = v4(spider);
  BOOST_TEST_REQUIRE(status.sampled.has_value());
  BOOST_TEST(status.sampled->hashes_fresh == spider.heard->hashes.size());
  BOOST_TEST(status.sampled->hashes_seen > status.sampled->hashes_fresh);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(world.now() - began).count();
  BOOST_TEST(status.sampled->asked <= static_cast<std::uint64_t>(seconds) + 1);
  BOOST_TEST(status.sampled->asked >= 12u);
  BOOST_TEST(eventually([&] { return v4(spider).lookups_running == 0u; }, 10s));  // It is none of them.
}

BOOST_AUTO_TEST_CASE(who_is_no_spider_samples_nothing) {
  const auto all = network(4);
  announce(*all[1], "content");
  tell(*all[2], actors::watch_hashes{all[2]->watcher});
  run(2min);
  BOOST_TEST(!v4(*all[2]).sampled.has_value());
  BOOST_TEST(all[2]->heard->hashes.empty());
}

BOOST_AUTO_TEST_CASE(watchers_hear_of_hashes_after_a_crash_of_the_spider_and_of_its_node) {
  const auto all = network(6);
  auto& spider = add(spider_in_dht({all[0]->address()}));
  tell(spider, actors::watch_hashes{spider.watcher});
  const auto first = announce(*all[1], "first");
  BOOST_TEST(eventually([&] { return heard(spider, first) != 0; }, 2min));
  for (const std::string victim : {"dht_spider", "dht_node-v4"}) {
    crash(spider, victim);
    const auto next = announce(*all[2], "after the crash of " + victim);
    BOOST_TEST(eventually([&] { return heard(spider, next) != 0; }, 3min), victim);
  }
}

BOOST_AUTO_TEST_CASE(no_network_at_first_and_then_one) {
  const auto all = network(6);
  auto& a = add(in_dht({all[0]->address()}));
  auto& b = add(in_dht({all[0]->address()}));
  a.host.down();
  run(1min);
  BOOST_TEST(!connected(a, b));
  a.host.up();
  BOOST_TEST(eventually([&] { return connected(a, b); }, 40s));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
