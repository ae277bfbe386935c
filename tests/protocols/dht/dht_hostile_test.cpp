// SPDX-License-Identifier: MIT
#include "tests/protocols/support/dht_world.hpp"

#include "protocols/dht/secure_node_id.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;
using namespace std::chrono_literals;

namespace {

dht_world::options seeded(std::uint64_t seed) {
  dht_world::options out;
  out.seed = seed;
  return out;
}

std::optional<node_id> target_of_query(const krpc::query& x) {
  if (const auto* get_peers = std::get_if<krpc::get_peers>(&x))
    return get_peers->target;
  if (const auto* find_node = std::get_if<krpc::find_node>(&x))
    return find_node->target;
  return std::nullopt;
}

/// As close to `target` as 80 bits make it.
node_id forged_around(dht_world& world, const node_id& target) {
  auto out = world.random_id();
  std::copy_n(target.raw.begin(), 10, out.raw.begin());
  return out;
}

/// Every tenth node, say, lies: `lie` makes its answers.
void corrupt(dht_world& world, double share, const dht_world::liar& lie) {
  for (auto& x : world.nodes)
    if (world.random().share() < share)
      x.lie = lie;
}

std::size_t honest(dht_world& world) {
  std::size_t out = 0;
  do
    out = world.random().below(world.nodes.size());
  while (world.nodes[out].lie);
  return out;
}

bool has(const std::vector<endpoint>& peers, const endpoint& x) {
  return std::find(peers.begin(), peers.end(), x) != peers.end();
}

} // namespace

BOOST_AUTO_TEST_SUITE(dht_attacks)

BOOST_AUTO_TEST_CASE(a_tenth_that_names_nodes_that_do_not_exist_does_not_hide_a_key) {
  dht_world world{seeded(21)};
  world.grow(200, 100ms, 30s);
  corrupt(world, 0.1, [&](const krpc::request& x, const endpoint&) -> std::optional<krpc::response> {
    const auto target = target_of_query(x.what);
    if (!target)
      return std::nullopt;
    krpc::response out;
    out.token = {1};
    for (int i = 0; i < 8; ++i)
      out.nodes.push_back({forged_around(world, *target), {world.new_address(), 6881}});
    return out;
  });
  world.run_for(20min);
  std::uint64_t sent = 0;
  std::size_t close = 0;
  for (int round = 0; round < 30; ++round) {
    const auto hash = world.random_id();
    const auto from = honest(world);
    world.announce(from, hash, 1000);
    const auto found = world.get_peers(honest(world), hash);
    BOOST_TEST(has(found.peers, {world.nodes[from].at.address, 1000}));
    BOOST_TEST((found.counted.took < 10s));
    sent += found.counted.sent;
    close += world.truly_closest(hash, found.closest);
  }
  BOOST_TEST(sent < 30u * 40);
  BOOST_TEST(close > 30u * 7);
}

BOOST_AUTO_TEST_CASE(a_tenth_that_invents_peers_adds_a_bounded_number_of_them) {
  dht_world world{seeded(22)};
  world.grow(150, 100ms, 60s);
  corrupt(world, 0.1, [&](const krpc::request& x, const endpoint&) -> std::optional<krpc::response> {
    if (!std::holds_alternative<krpc::get_peers>(x.what))
      return std::nullopt;
    krpc::response out;
    out.token = {1};
    const auto network = world.new_address();
    for (std::uint16_t i = 1; i < 100; ++i)
      out.values.push_back({network, i});
    return out;
  });
  for (int round = 0; round < 20; ++round) {
    const auto hash = world.random_id();
    const auto from = honest(world);
    world.announce(from, hash, 1000);
    const auto found = world.get_peers(honest(world), hash);
    BOOST_TEST(has(found.peers, {world.nodes[from].at.address, 1000}));
    BOOST_TEST(found.peers.size() < 60u);
  }
}

BOOST_AUTO_TEST_CASE(ids_forged_around_a_key_do_not_hide_it) {
  dht_world world{seeded(23)};
  world.grow(200, 100ms, 30s);
  const auto hash = world.random_id();
  std::vector<node_contact> gang;
  const auto first = world.nodes.size();
  for (int i = 0; i < 32; ++i) { // In 32 networks, and nearer to the key than anybody.
    const auto address = world.new_address();
    auto cfg = world.node_config(address);
    cfg.follow_address = false;
    cfg.id = forged_around(world, hash);
    gang.push_back({cfg.id, {address, 6881}});
    world.add({address, 6881}, cfg);
  }
  for (auto i = first; i < world.nodes.size(); ++i)
    world.nodes[i].lie = [&](const krpc::request& x, const endpoint&) -> std::optional<krpc::response> {
      if (std::holds_alternative<krpc::ping>(x.what))
        return std::nullopt;
      krpc::response out; // Takes what is announced, gives nothing, and knows only its own.
      out.token = {1};
      for (int k = 0; k < 8; ++k)
        out.nodes.push_back(gang[world.random().below(gang.size())]);
      return out;
    };
  world.run_for(10min);

  double in_tables = 0;
  for (std::size_t i = 0; i < first; ++i)
    for (const auto& x : world.nodes[i].core->table().nodes(world.now()))
      in_tables += std::find(gang.begin(), gang.end(), x.contact) != gang.end() ? 1 : 0;
  BOOST_TEST(in_tables / static_cast<double>(first) < 2); // Of 32.

  constexpr int rounds = 20;
  const auto found_back = [&](bool also_fitting) {
    int out = 0;
    for (int round = 0; round < rounds; ++round) {
      const auto from = world.random().below(first);
      const auto port = static_cast<std::uint16_t>(1000 + round + (also_fitting ? 100 : 0));
      auto cfg = world.nodes[from].core->lookup_config(lookup::purpose::get_peers, hash);
      cfg.also_fitting = also_fitting;
      world.look_up(from, cfg, lookup::storing{lookup::announcement{port, false}});
      const auto to = world.random().below(first);
      cfg.self = world.nodes[to].core->own_id();
      out += has(world.look_up(to, cfg).peers, {world.nodes[from].at.address, port}) ? 1 : 0;
    }
    return out;
  };
  BOOST_TEST(found_back(false) == 0); // As BEP 5 has it the key is gone;
  BOOST_TEST(found_back(true) == rounds);
}

BOOST_AUTO_TEST_CASE(ids_forged_around_a_node_do_not_cut_it_off) {
  dht_world world{seeded(24)};
  world.grow(150, 100ms, 30s);
  constexpr std::size_t victim = 70;
  const auto first = world.nodes.size();
  for (int i = 0; i < 40; ++i) {
    const auto address = world.new_address();
    auto cfg = world.node_config(address);
    cfg.follow_address = false;
    cfg.id = forged_around(world, world.nodes[victim].core->own_id());
    const auto index = world.add({address, 6881}, cfg);
    world.nodes[index].lie = [](const krpc::request&, const endpoint&) { return krpc::response{}; };
    world.nodes[index].core->query(world.nodes[victim].at, {}, krpc::ping{}, world.now());
  }
  world.run_for(30min);
  std::size_t forged = 0;
  for (const auto& x : world.nodes[victim].core->table().nodes(world.now()))
    for (std::size_t i = first; i < world.nodes.size(); ++i)
      forged += world.nodes[i].core->own_id() == x.contact.id ? 1 : 0;
  BOOST_TEST(forged == 0u);
  std::size_t close = 0;
  for (int round = 0; round < 20; ++round) {
    const auto target = world.random_id();
    close += world.truly_closest(target, world.get_peers(victim, target).closest);
  }
  BOOST_TEST(close > 20u * 7);
}

BOOST_AUTO_TEST_CASE(a_twentieth_that_lies_about_our_address_does_not_change_our_id) {
  dht_world world{seeded(25)};
  world.grow(100, 100ms, 2min);
  const auto wrong = world.new_address();
  std::vector<node_id> before;
  for (const auto& x : world.nodes)
    before.push_back(x.core->own_id());
  for (auto& x : world.nodes)
    if (world.random().share() < 0.05)
      x.lie = [&](const krpc::request&, const endpoint&) {
        krpc::response out;
        out.requester = endpoint{wrong, 1};
        return out;
      };
  world.run_for(40min);
  for (std::size_t i = 0; i < world.nodes.size(); ++i) {
    BOOST_TEST((world.nodes[i].core->own_id() == before[i]));
    BOOST_TEST(world.nodes[i].told.count(wrong) == 0u);
  }
}

BOOST_AUTO_TEST_CASE(a_flood_of_queries_costs_others_nothing) {
  dht_world world{seeded(26)};
  world.grow(40, 100ms, 60s);
  const endpoint flooder{world.new_address(), 6881};
  const auto id = world.random_id();
  auto& victim = *world.nodes[5].core;
  for (int i = 0; i < 5000; ++i)
    victim.handle(flooder, krpc::encode({{0, 0}, {}, krpc::request{id, krpc::ping{}, false}}), world.now());
  std::size_t out = 0;
  while (victim.poll_transmit())
    ++out;
  BOOST_TEST(out <= 50u);
  const auto hash = world.random_id();
  world.announce(5, hash, 1000);
  BOOST_TEST(world.get_peers(6, hash).peers.size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
