// SPDX-License-Identifier: MIT
#include "protocols/dht/sampler.hpp"

#include "tests/protocols/support/dht_names.hpp"
#include "tests/protocols/support/dht_world.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <set>

using namespace librats;
using namespace librats::protocols;
using namespace std::chrono_literals;

namespace {

const secret_random::key_type some_key{1, 2, 3, 4, 5, 6, 7, 8};

/// Nodes that know all others, and a sampler among them that a test drives query by query.
struct fixture : test::dht_names {
  struct asked_one {
    time_point when;
    endpoint at;
    node_id target;
  };
  using answerer = std::function<std::optional<krpc::response>(const node_contact&, const node_id& target)>;

  fixture() {
    cfg.self = random_id();
    answer = [this](const node_contact& who, const node_id& target) { return honest(who, target); };
  }

  node_contact add(const endpoint& at) {
    nodes.push_back({random_id(), at});
    by_address[at] = nodes.size() - 1;
    return nodes.back();
  }
  node_contact add() { return add(new_address()); }
  void add_many(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
      add();
  }
  std::vector<node_contact> closest(const node_id& target, std::size_t count) const {
    std::vector<node_contact> out(std::min(count, nodes.size()));
    std::partial_sort_copy(nodes.begin(), nodes.end(), out.begin(), out.end(),
      [&](const auto& a, const auto& b) { return closer(target, a.id, b.id); });
    return out;
  }
  /// As a store does that hands out all it has.
  krpc::response honest(const node_contact& who, const node_id& target) {
    krpc::response out;
    out.sender = who.id;
    out.nodes = closest(target, 32); // As far as it knows: nobody knows all of them.
    random.shuffle_front(out.nodes, 8);
    out.nodes.resize(std::min<std::size_t>(out.nodes.size(), 8));
    const auto& mine = stored[who.at];
    out.samples = krpc::sample_report{{mine.begin(), mine.end()}, static_cast<std::int64_t>(mine.size()), interval};
    return out;
  }
  /// Leaves a hash where an announcement would.
  info_hash store(const info_hash& hash) {
    for (const auto& one : closest(hash, 8))
      stored[one.at].insert(hash);
    return hash;
  }

  void start() {
    spider.emplace(cfg, some_key);
    drive();
  }
  /// Lets it do what is due now.
  void drive() {
    while (auto next = spider->poll_request(now)) {
      const auto& what = std::get<krpc::sample_infohashes>(next->what);
      asked.push_back({now, next->to, what.target});
      const auto found = by_address.find(next->to);
      const auto who = found != by_address.end() ? nodes[found->second] : node_contact{next->id, next->to};
      if (mute)
        handles.push_back(next->handle);
      else if (const auto response = answer(who, what.target))
        spider->answered(next->handle, *response, now);
      else
        spider->failed(next->handle, now);
    }
    bool news = false;
    while (const auto event = spider->poll_event()) {
      if (const auto* found = std::get_if<sampler::hashes_found>(&*event)) {
        told.insert(told.end(), found->hashes.begin(), found->hashes.end());
      } else {
        const auto& target = std::get<sampler::nodes_wanted>(*event).target;
        wanted.push_back(target);
        spider->add_nodes(table ? table(target) : closest(target, 8), now);
        news = true;
      }
    }
    if (news)
      drive();
  }
  void run_for(duration x) {
    const auto end = now + x;
    for (;;) {
      const auto due = spider->poll_timeout();
      if (!due || *due > end)
        break;
      BOOST_TEST_REQUIRE((*due >= now)); // What was due was done.
      now = std::max(now + 1ns, *due);
      drive();
    }
    now = end;
  }
  std::vector<time_point> times_of(const endpoint& at) const {
    std::vector<time_point> out;
    for (const auto& one : asked)
      if (one.at == at)
        out.push_back(one.when);
    return out;
  }
  std::set<endpoint> addresses_asked() const {
    std::set<endpoint> out;
    for (const auto& one : asked)
      out.insert(one.at);
    return out;
  }

  std::vector<node_contact> nodes;
  std::map<endpoint, std::size_t> by_address;
  std::map<endpoint, std::set<info_hash>> stored;
  std::chrono::seconds interval{600};
  answerer answer;
  bool mute = false; ///< Answers stay away.
  std::vector<std::uint32_t> handles;
  std::function<std::vector<node_contact>(const node_id&)> table; ///< What `nodes_wanted` brings; else the closest.
  sampler::config cfg;
  std::optional<sampler> spider;
  time_point now{1h};
  std::vector<asked_one> asked;
  std::vector<info_hash> told;
  std::vector<node_id> wanted;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(dht_sampler, fixture)

BOOST_AUTO_TEST_CASE(it_learns_all_that_is_stored_and_tells_each_once) {
  add_many(200);
  std::set<info_hash> all;
  for (int i = 0; i < 60; ++i)
    all.insert(store(random_id()));
  start();
  run_for(10min);
  BOOST_TEST((std::set<info_hash>(told.begin(), told.end()) == all));
  BOOST_TEST(told.size() == all.size());
  BOOST_TEST(spider->counted().hashes_fresh == all.size());
  BOOST_TEST(spider->counted().hashes_seen > all.size()); // Eight nodes have each.
  BOOST_TEST(spider->counted().answered == spider->counted().asked);
}

BOOST_AUTO_TEST_CASE(among_nodes_as_they_are_it_learns_what_was_announced) {
  test::dht_world world{{}};
  world.grow(100);
  std::set<info_hash> announced;
  for (std::size_t i = 0; i < 30; ++i) {
    const auto hash = *announced.insert(random_id()).first;
    BOOST_TEST(world.announce(3 * i, hash, 7777).counted.stored >= 8u);
  }
  const auto here = new_address();
  // One datagram there and one back; what else a node sends at that moment is lost, as on any network.
  answer = [&](const node_contact& who, const node_id& target) -> std::optional<krpc::response> {
    const auto there =
      std::find_if(world.nodes.begin(), world.nodes.end(), [&](const auto& x) { return x.at == who.at; });
    if (there == world.nodes.end())
      return std::nullopt;
    krpc::request query{cfg.self, krpc::sample_infohashes{target, {true, false}}, true};
    there->core->handle(here, krpc::encode({{'a', 'a'}, {}, query}), world.now());
    std::optional<krpc::response> out;
    while (const auto sent = there->core->poll_transmit())
      if (sent->to == here)
        out = std::get<krpc::response>(std::get<krpc::message>(krpc::decode(sent->datagram)).body);
    return out;
  };
  table = [&](const node_id& target) { return world.nodes[0].core->table().closest_confirmed(target, 16); };
  start();
  run_for(10min);
  std::size_t known = 0;
  for (const auto& one : announced)
    known += static_cast<std::size_t>(std::count(told.begin(), told.end(), one));
  BOOST_TEST(known == announced.size());
  BOOST_TEST(told.size() == announced.size());
  BOOST_TEST(addresses_asked().size() >= 90u);
  BOOST_TEST_MESSAGE(addresses_asked().size() << " of 100 nodes asked in " << asked.size() << " queries");
}

BOOST_AUTO_TEST_CASE(it_asks_one_node_a_second_and_another_one_each_time) {
  add_many(100);
  start();
  run_for(30s);
  BOOST_TEST_REQUIRE(asked.size() == 31u);
  for (std::size_t i = 1; i < asked.size(); ++i)
    BOOST_TEST((asked[i].when - asked[i - 1].when == 1s));
  BOOST_TEST(addresses_asked().size() == asked.size());
}

BOOST_AUTO_TEST_CASE(the_rate_is_a_parameter) {
  add_many(100);
  cfg.spacing = 250ms;
  start();
  run_for(10s);
  BOOST_TEST(asked.size() == 41u);
}

BOOST_AUTO_TEST_CASE(early_calls_bring_nothing) {
  add_many(10);
  start();
  const auto before = asked.size();
  for (int i = 0; i < 10; ++i)
    BOOST_TEST(!spider->poll_request(now + 999ms).has_value());
  BOOST_TEST(before == 1u);
  BOOST_TEST(spider->poll_request(now + 1s).has_value());
}

BOOST_AUTO_TEST_CASE(a_node_rests_for_as_long_as_it_asks_for) {
  const auto only = add();
  for (const auto& [asks_for, rests] : std::map<std::chrono::seconds, duration>{
         {0s, sampler::rest_min}, {600s, 600s}, {21600s, 21600s}, {99999s, 21600s}, {-5s, sampler::rest_min}}) {
    interval = asks_for;
    asked.clear();
    start();
    run_for(3 * rests);
    const auto times = times_of(only.at);
    BOOST_TEST_REQUIRE(times.size() >= 3u);
    for (std::size_t i = 1; i < times.size(); ++i) {
      BOOST_TEST((times[i] - times[i - 1] >= rests));
      BOOST_TEST((times[i] - times[i - 1] <= rests + sampler::dry_pause_max));
    }
  }
}

BOOST_AUTO_TEST_CASE(who_knows_nothing_of_it_is_asked_once_in_six_hours) {
  const auto only = add();
  answer = [](const node_contact& who, const node_id&) {
    krpc::response out;
    out.sender = who.id;
    return out;
  };
  start();
  run_for(6h - 1s);
  BOOST_TEST(times_of(only.at).size() == 1u);
  run_for(20s);
  BOOST_TEST(times_of(only.at).size() == 2u);
  BOOST_TEST(spider->counted().without_samples == 2u);
  BOOST_TEST(spider->counted().answered == 0u);
}

BOOST_AUTO_TEST_CASE(who_is_silent_is_asked_again_after_an_hour) {
  const auto only = add();
  answer = [](const node_contact&, const node_id&) { return std::nullopt; };
  start();
  run_for(1h - 1s);
  BOOST_TEST(times_of(only.at).size() == 1u);
  run_for(20s);
  BOOST_TEST(times_of(only.at).size() == 2u);
  BOOST_TEST(spider->counted().failed == 2u);
}

BOOST_AUTO_TEST_CASE(the_answer_of_somebody_else_is_none) {
  add();
  answer = [this](const node_contact& who, const node_id& target) {
    auto out = honest(who, target);
    out.sender = random_id();
    out.samples->samples = {random_id()};
    return out;
  };
  start();
  BOOST_TEST(spider->counted().failed == 1u);
  BOOST_TEST(told.empty());
}

BOOST_AUTO_TEST_CASE(answers_to_nothing_are_ignored) {
  const auto only = add();
  start();
  spider->answered(77, honest(only, only.id), now);
  spider->failed(77, now);
  BOOST_TEST(spider->counted().failed == 0u);
  BOOST_TEST(spider->counted().answered == 1u);
}

BOOST_AUTO_TEST_CASE(each_leg_leads_to_another_place_and_begins_with_known_nodes) {
  add_many(300);
  start();
  run_for(59s);
  BOOST_TEST_REQUIRE(asked.size() == 5 * sampler::queries_per_leg);
  BOOST_TEST_REQUIRE(wanted.size() == 5u);
  for (std::size_t i = 0; i < asked.size(); ++i)
    BOOST_TEST((asked[i].target == wanted[i / sampler::queries_per_leg]));
  BOOST_TEST(std::set<node_id>(wanted.begin(), wanted.end()).size() == 5u);
}

BOOST_AUTO_TEST_CASE(equal_keys_lead_the_same_way_and_others_elsewhere) {
  add_many(50);
  start();
  run_for(40s);
  const auto first = wanted;
  wanted.clear();
  start();
  run_for(40s);
  BOOST_TEST((wanted == first));
  wanted.clear();
  spider.emplace(cfg, secret_random::key_type{9});
  drive();
  BOOST_TEST((wanted.front() != first.front()));
}

BOOST_AUTO_TEST_CASE(with_nobody_left_it_wants_other_nodes_ever_less_often) {
  start();
  run_for(15s); // 0, 1, 3, 7, 15
  BOOST_TEST(wanted.size() == 5u);
  run_for(1min);
  BOOST_TEST(wanted.size() == 11u);
  BOOST_TEST(asked.empty());
  add();
  run_for(10s);
  BOOST_TEST(asked.size() == 1u);
}

BOOST_AUTO_TEST_CASE(many_ids_and_ports_at_one_address_are_one_node) {
  const auto at = new_address();
  for (std::uint16_t i = 0; i < 8; ++i)
    add({at.address, static_cast<std::uint16_t>(7000 + i)});
  start();
  run_for(9min);
  BOOST_TEST(asked.size() == 1u);
}

BOOST_AUTO_TEST_CASE(in_a_laboratory_and_behind_a_router_they_are_many) {
  for (std::uint16_t i = 0; i < 4; ++i)
    add({ip_address::v4(192, 168, 0, 1), static_cast<std::uint16_t>(7000 + i)});
  const auto at = new_address();
  for (std::uint16_t i = 0; i < 4; ++i)
    add({at.address, static_cast<std::uint16_t>(7000 + i)});
  start();
  run_for(9min);
  BOOST_TEST(asked.size() == 4u + 1u);
  asked.clear();
  cfg.restrict_addresses = false;
  start();
  run_for(9min);
  BOOST_TEST(asked.size() == 8u);
}

BOOST_AUTO_TEST_CASE(two_nodes_of_a_network_wait_at_most) {
  std::vector<node_contact> crowd;
  for (std::uint8_t i = 1; i < 30; ++i)
    crowd.push_back({random_id(), {ip_address::v4(25, 1, 1, i), 6881}});
  mute = true;
  table = [](const node_id&) { return std::vector<node_contact>{}; };
  start();
  spider->add_nodes(crowd, now);
  BOOST_TEST(spider->counted().queued == 2u);
  BOOST_TEST(spider->counted().refused == crowd.size() - 2);
}

BOOST_AUTO_TEST_CASE(what_nobody_can_dial_and_the_other_network_are_refused) {
  table = [this](const node_id&) {
    const auto v6 = *ip_address::parse("2a00:1450::1");
    return std::vector<node_contact>{{random_id(), {ip_address::v4(25, 1, 1, 1), 0}}, {random_id(), {v6, 6881}},
      {random_id(), {ip_address{}, 6881}}, {cfg.self, {ip_address::v4(25, 1, 1, 2), 6881}}};
  };
  start();
  BOOST_TEST(asked.empty());
  BOOST_TEST(spider->counted().refused == 4u);
}

BOOST_AUTO_TEST_CASE(a_public_node_does_not_lead_into_private_networks) {
  add();
  answer = [this](const node_contact& who, const node_id& target) {
    auto out = honest(who, target);
    out.nodes = {{random_id(), {ip_address::v4(192, 168, 1, 1), 53}}, {random_id(), {ip_address::v4_loopback(), 53}}};
    return out;
  };
  start();
  run_for(30s);
  BOOST_TEST(asked.size() == 1u);
  BOOST_TEST(spider->counted().refused == 2u);
}

BOOST_AUTO_TEST_CASE(the_nodes_of_the_other_network_are_not_mixed_up) {
  cfg.family = address_family::v6;
  const node_contact first{random_id(), {*ip_address::parse("2a00:1::1"), 6881}};
  const node_contact second{random_id(), {*ip_address::parse("2a00:2::1"), 6881}};
  table = [&](const node_id&) { return std::vector<node_contact>{first}; };
  answer = [&](const node_contact& who, const node_id&) {
    krpc::response out;
    out.sender = who.id;
    out.nodes = {{random_id(), new_address()}};
    out.nodes6 = {second};
    return out;
  };
  start();
  run_for(5s);
  BOOST_TEST((addresses_asked() == std::set<endpoint>{first.at, second.at}));
}

BOOST_AUTO_TEST_CASE(an_answer_adds_eight_nodes_at_most) {
  add();
  answer = [this](const node_contact& who, const node_id& target) {
    auto out = honest(who, target);
    out.nodes.clear();
    for (int i = 0; i < 50; ++i)
      out.nodes.push_back({random_id(), new_address()});
    return out;
  };
  start();
  BOOST_TEST(spider->counted().queued == 8u);
}

BOOST_AUTO_TEST_CASE(the_queue_is_bounded) {
  cfg.queue_max = 20;
  std::vector<node_contact> crowd;
  for (int i = 0; i < 200; ++i)
    crowd.push_back({random_id(), new_address()});
  mute = true;
  table = [](const node_id&) { return std::vector<node_contact>{}; };
  start();
  spider->add_nodes(crowd, now);
  BOOST_TEST(spider->counted().queued == 20u);
  cfg.queue_max = 0;
  start();
  spider->add_nodes(crowd, now);
  BOOST_TEST(spider->counted().queued == 0u);
}

BOOST_AUTO_TEST_CASE(it_waits_when_too_many_answers_are_missing) {
  add_many(100);
  mute = true;
  start();
  run_for(5min);
  BOOST_TEST(asked.size() == sampler::in_flight_max);
  BOOST_TEST(!spider->poll_timeout().has_value());
  spider->failed(handles.front(), now);
  drive();
  BOOST_TEST(asked.size() == sampler::in_flight_max + 1);
}

BOOST_AUTO_TEST_CASE(it_waits_when_it_can_remember_no_more_nodes_that_rest) {
  add_many(100);
  cfg.resting_max = 10;
  interval = 600s;
  start();
  run_for(599s);
  BOOST_TEST(asked.size() == 10u);
  BOOST_TEST(spider->counted().resting == 10u);
  run_for(11s);
  BOOST_TEST(asked.size() == 20u);
  BOOST_TEST(spider->counted().resting == 10u);
}

BOOST_AUTO_TEST_CASE(an_answer_that_asks_for_less_rest_makes_room_earlier) {
  add_many(20);
  cfg.resting_max = 2;
  interval = 60s;
  mute = true;
  start();
  run_for(10s);
  BOOST_TEST(asked.size() == 2u); // Both may be gone for six hours.
  mute = false;
  for (std::size_t i = 0; i < handles.size(); ++i)
    spider->answered(handles[i], honest(nodes[by_address[asked[i].at]], asked[i].target), now);
  drive();
  run_for(61s);
  BOOST_TEST(asked.size() > 2u);
}

BOOST_AUTO_TEST_CASE(of_the_hashes_the_latest_are_remembered) {
  add_many(3);
  cfg.recent_max = 4;
  const auto first = random_id();
  std::vector<std::vector<info_hash>> answers{
    {first, first}, {random_id(), random_id(), random_id(), random_id()}, {first}};
  answer = [&, n = std::size_t{0}](const node_contact& who, const node_id& target) mutable {
    auto out = honest(who, target);
    out.samples->samples = answers[n++ % answers.size()];
    return out;
  };
  start();
  run_for(3s);
  BOOST_TEST(told.size() == 6u);
  BOOST_TEST(std::count(told.begin(), told.end(), first) == 2);
  BOOST_TEST(spider->counted().hashes_seen == 7u);
}

BOOST_AUTO_TEST_CASE(one_answer_brings_a_datagram_of_hashes_at_most) {
  add();
  answer = [this](const node_contact& who, const node_id& target) {
    auto out = honest(who, target);
    for (int i = 0; i < 200; ++i)
      out.samples->samples.push_back(random_id());
    return out;
  };
  start();
  BOOST_TEST(told.size() == sampler::hashes_per_answer_max);
}

BOOST_AUTO_TEST_CASE(a_crowd_of_ids_in_one_place_takes_no_more_than_the_share_of_that_place) {
  add_many(300);
  const auto place = random_id();
  std::set<endpoint> crowd;
  for (int i = 0; i < 600; ++i) {
    auto x = add();
    std::copy_n(place.raw.begin(), 4, nodes.back().id.raw.begin());
    crowd.insert(x.at);
  }
  start();
  run_for(5min);
  const auto theirs = std::count_if(asked.begin(), asked.end(), [&](const auto& x) { return crowd.count(x.at) != 0; });
  BOOST_TEST(asked.size() > 250u);
  BOOST_TEST(theirs < 60); // They are two thirds of all nodes.
  BOOST_TEST_MESSAGE(theirs << " of " << asked.size() << " queries went to the crowd");
}

BOOST_AUTO_TEST_SUITE_END()
