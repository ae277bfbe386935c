// SPDX-License-Identifier: MIT
#include "tests/protocols/support/dht_world.hpp"

#include "protocols/dht/announce_schedule.hpp"
#include "protocols/dht/secure_node_id.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;
using namespace std::chrono_literals;

namespace {

/// Bytes a second that a node sends and receives, with all headers.
constexpr std::uint64_t header_bytes = 28;

std::uint64_t traffic(const dht_core::figures& x) {
  const auto datagrams = x.queries_in + x.queries_out + x.replies_in + x.replies_out;
  return x.bytes_in + x.bytes_out + header_bytes * datagrams;
}

bool has(const std::vector<endpoint>& peers, const endpoint& x) {
  return std::find(peers.begin(), peers.end(), x) != peers.end();
}

} // namespace

BOOST_AUTO_TEST_SUITE(dht_networks)

BOOST_AUTO_TEST_CASE(hundreds_of_nodes_find_each_other_and_any_key) {
  constexpr std::size_t count = 300;
  dht_world world{{}};
  world.grow(count);
  for (const auto& x : world.nodes)
    BOOST_TEST_REQUIRE(x.core->table().confirmed() >= 10u);
  std::size_t close = 0;
  std::uint64_t hops = 0;
  std::uint64_t sent = 0;
  constexpr int rounds = 60;
  for (int i = 0; i < rounds; ++i) {
    const auto target = world.random_id();
    const auto from = world.random().below(count);
    auto cfg = world.nodes[from].core->lookup_config(lookup::purpose::find_node, target);
    const auto found = world.look_up(from, cfg);
    close += world.truly_closest(target, found.closest);
    hops += found.counted.hops;
    sent += found.counted.sent;
    BOOST_TEST(found.counted.hops <= std::ceil(std::log2(count)));
    BOOST_TEST((found.counted.took < 5s));
  }
  BOOST_TEST(close > rounds * 7u); // Of eight each.
  BOOST_TEST(hops < rounds * 4u);  // About log2(300) / 3: an answer brings the target three bits nearer.
  BOOST_TEST(sent < rounds * 25u);
}

BOOST_AUTO_TEST_CASE(whoever_announces_is_found_from_everywhere) {
  constexpr std::size_t count = 200;
  dht_world::options lossy;
  lossy.seed = 3;
  lossy.loss = 0.05;
  dht_world world{lossy};
  world.grow(count);
  for (int round = 0; round < 20; ++round) {
    const auto hash = world.random_id();
    std::vector<endpoint> announced;
    for (int i = 0; i < 5; ++i) {
      const auto from = world.random().below(count);
      const auto port = static_cast<std::uint16_t>(1000 + i);
      BOOST_TEST(world.announce(from, hash, port).counted.stored >= 4u);
      announced.push_back({world.nodes[from].at.address, port});
    }
    const auto found = world.get_peers(world.random().below(count), hash);
    for (const auto& x : announced)
      BOOST_TEST(has(found.peers, x));
  }
}

BOOST_AUTO_TEST_CASE(items_are_stored_found_and_replaced) {
  constexpr std::size_t count = 100;
  dht_world::options cfg;
  cfg.seed = 4;
  dht_world world{cfg};
  world.grow(count);
  const auto walk = [&](std::size_t from, const node_id& target) {
    return world.nodes[from].core->lookup_config(lookup::purpose::get_item, target);
  };
  const dht_item fixed{{'5', ':', 'f', 'i', 'x', 'e', 'd'}, {}};
  const auto put = world.look_up(1, walk(1, target_of(fixed)), lookup::storing{lookup::item_to_store{fixed, {}}});
  BOOST_TEST(put.counted.stored >= 6u);
  BOOST_TEST((world.look_up(90, walk(90, target_of(fixed))).item == fixed));

  const auto key = item_key_pair::from_seed({9, 9, 9});
  for (std::int64_t seq = 1; seq <= 3; ++seq) {
    const auto version = sign_item(key, {}, seq, {'i', static_cast<std::uint8_t>('0' + seq), 'e'});
    const auto writer = static_cast<std::size_t>(10 * seq);
    world.look_up(writer, walk(writer, target_of(version)), lookup::storing{lookup::item_to_store{version, {}}});
    BOOST_TEST((world.look_up(77, walk(77, target_of(version))).item == version));
  }
  const auto old = sign_item(key, {}, 2, {'i', '2', 'e'});
  const auto late = world.look_up(5, walk(5, target_of(old)), lookup::storing{lookup::item_to_store{old, {}}});
  BOOST_TEST(late.counted.stored == 0u);
  BOOST_TEST(world.look_up(77, walk(77, target_of(old))).item->proof->seq == 3);
}

BOOST_AUTO_TEST_CASE(a_third_may_leave_and_keys_are_still_found) {
  constexpr std::size_t count = 200;
  dht_world::options cfg;
  cfg.seed = 5;
  dht_world world{cfg};
  world.grow(count);
  for (std::size_t i = 0; i < count; i += 3)
    world.nodes[i].up = false;
  const auto live = [&] {
    std::size_t out = 0;
    do
      out = world.random().below(count);
    while (!world.nodes[out].up);
    return out;
  };
  for (int round = 0; round < 10; ++round) { // At once.
    const auto hash = world.random_id();
    const auto from = live();
    world.announce(from, hash, 1000);
    BOOST_TEST(has(world.get_peers(live(), hash).peers, {world.nodes[from].at.address, 1000}));
  }
  world.run_for(40min);
  std::size_t close = 0;
  for (int round = 0; round < 20; ++round) {
    const auto target = world.random_id();
    close += world.truly_closest(target, world.get_peers(live(), target).closest);
  }
  BOOST_TEST(close > 20u * 7);
}

// -- what it costs ----------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(an_idle_node_causes_less_than_300_bytes_a_second_all_told) {
  // Table, neighbours, what others ask us, and for some the announcements and searches for a key that they share; with
  // IP and UDP headers. The figures are in the README.md of protocols/dht.
  constexpr std::size_t count = 200;
  constexpr std::size_t members = 15;
  constexpr auto watched = 40min;
  dht_world::options cfg;
  cfg.seed = 6;
  dht_world world{cfg};
  world.grow(count, 100ms, 5min);
  const auto key = info_hash_of("librats/1.0");
  std::vector<announce_schedule> schedules;
  std::vector<std::uint64_t> before;
  std::vector<std::size_t> known(members);
  for (const auto& x : world.nodes)
    before.push_back(traffic(x.core->counted()));
  for (std::size_t i = 0; i < members; ++i) {
    schedules.emplace_back(announce_schedule::config{}, world.now() + i * 100ms, i);
    schedules.back().set_listening(world.now(), true);
  }
  const auto until = world.now() + watched;
  while (world.now() < until) {
    for (std::size_t i = 0; i < members; ++i)
      if (const auto action = schedules[i].poll_action(world.now())) {
        const bool announces = *action == announce_schedule::action::announce;
        const auto found = announces ? world.announce(i, key, 4000) : world.get_peers(i, key);
        const auto fresh = found.peers.size() > known[i] ? found.peers.size() - known[i] : 0;
        known[i] = std::max(known[i], found.peers.size());
        schedules[i].lookup_ended(world.now(), fresh, found.counted.stored != 0);
        schedules[i].set_peers_wanted(world.now(), known[i] < 4);
      }
    world.run_for(1s);
  }
  double sum = 0;
  double sum_of_members = 0;
  double most = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto bytes = static_cast<double>(traffic(world.nodes[i].core->counted()) - before[i]);
    const auto rate = bytes / std::chrono::duration<double>{watched}.count();
    sum += rate;
    sum_of_members += i < members ? rate : 0;
    most = std::max(most, rate);
  }
  BOOST_TEST(sum / count < 150);
  BOOST_TEST(sum_of_members / members < 200);
  BOOST_TEST(most < 300);
}

// -- who we are -------------------------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_node_learns_its_address_and_takes_an_id_that_fits) {
  dht_world::options cfg;
  cfg.seed = 7;
  dht_world world{cfg};
  world.grow(40);
  const auto address = world.new_address();
  auto node = world.node_config(address);
  node.follow_address = true;
  node.id = world.random_id();
  BOOST_TEST_REQUIRE(!is_secure_node_id(node.id, address));
  const auto index = world.add({address, 6881}, node);
  world.run_for(2min);
  const auto& core = *world.nodes[index].core;
  BOOST_TEST((core.external_address() == address));
  BOOST_TEST(is_secure_node_id(core.own_id(), address));
  BOOST_TEST(world.nodes[index].told.size() == 1u);
  BOOST_TEST(core.table().confirmed() >= 20u); // It kept whom it knew.
}

BOOST_AUTO_TEST_CASE(a_node_that_only_reads_is_in_nobodys_table_and_finds_everything) {
  dht_world::options cfg;
  cfg.seed = 8;
  dht_world world{cfg};
  world.grow(60);
  const auto address = world.new_address();
  auto node = world.node_config(address);
  node.read_only = true;
  const auto index = world.add({address, 6881}, node);
  world.run_for(5min);
  const auto& reader = *world.nodes[index].core;
  BOOST_TEST(reader.table().confirmed() >= 10u);
  BOOST_TEST(reader.counted().replies_out == 0u);
  BOOST_TEST(reader.counted().queries_in == 0u);
  for (std::size_t i = 0; i < index; ++i)
    for (const auto& x : world.nodes[i].core->table().nodes(world.now()))
      BOOST_TEST_REQUIRE((x.contact.at.address != address));
  const auto hash = world.random_id();
  world.announce(3, hash, 1000);
  BOOST_TEST(world.get_peers(index, hash).peers.size() == 1u);
}

BOOST_AUTO_TEST_CASE(what_was_saved_brings_a_node_back_without_bootstrap_nodes) {
  dht_world::options cfg;
  cfg.seed = 9;
  dht_world world{cfg};
  world.grow(60);
  const auto text = world.nodes[20].core->saved(world.now()).to_text();
  world.nodes[20].up = false;
  const auto saved = saved_nodes::parse(text);
  BOOST_TEST_REQUIRE(saved.ok());
  auto& node = world.nodes[20];
  auto again = world.node_config(node.at.address);
  again.id = *saved->own_id;
  again.follow_address = false;
  node.core = std::make_unique<dht_core>(again, world.now());
  BOOST_TEST(node.core->seeds(again.id).empty());
  node.core->restore(*saved, world.now());
  BOOST_TEST(node.core->table().confirmed() == 0u); // Asked before they are believed.
  node.up = true;
  BOOST_TEST(!world.get_peers(20, world.random_id()).closest.empty());
  world.run_for(60s);
  BOOST_TEST(node.core->table().confirmed() >= 10u);
}

BOOST_AUTO_TEST_CASE(the_same_holds_in_the_other_network) {
  dht_world::options cfg;
  cfg.seed = 10;
  cfg.family = address_family::v6;
  dht_world world{cfg};
  world.grow(80);
  for (int round = 0; round < 10; ++round) {
    const auto hash = world.random_id();
    const auto from = world.random().below(80);
    world.announce(from, hash, 1000);
    BOOST_TEST(has(world.get_peers(world.random().below(80), hash).peers, {world.nodes[from].at.address, 1000}));
  }
}

BOOST_AUTO_TEST_CASE(a_whole_network_may_live_on_one_machine_or_behind_one_router) {
  for (const bool one_machine : {true, false}) {
    dht_world::options cfg;
    cfg.seed = 13;
    dht_world world{cfg};
    for (std::uint16_t i = 0; i < 60; ++i) {
      const auto own = ip_address::v4(10, 0, 0, static_cast<std::uint8_t>(i + 1));
      const endpoint at{one_machine ? ip_address::v4_loopback() : own, static_cast<std::uint16_t>(10'000 + i)};
      auto node = world.node_config(at.address);
      if (one_machine)
        node.relax_for_laboratory();
      world.add(at, node);
      world.run_for(200ms);
    }
    world.run_for(60s);
    for (int round = 0; round < 20; ++round) {
      const auto hash = world.random_id();
      const auto from = world.random().below(60);
      world.announce(from, hash, 1000);
      const auto found = world.get_peers(world.random().below(60), hash);
      BOOST_TEST(has(found.peers, {world.nodes[from].at.address, 1000}));
      BOOST_TEST(world.truly_closest(hash, found.closest) >= 7u);
    }
  }
}

BOOST_AUTO_TEST_CASE(one_seed_gives_one_run) {
  const auto trace = [](std::uint64_t seed) {
    dht_world::options cfg;
    cfg.seed = seed;
    dht_world world{cfg};
    world.grow(50, 100ms, 2min);
    return world.trace();
  };
  const auto first = trace(11);
  BOOST_TEST(trace(11) == first);
  BOOST_TEST(trace(12) != first);
}

BOOST_AUTO_TEST_SUITE_END()
