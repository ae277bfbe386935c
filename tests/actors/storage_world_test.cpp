// SPDX-License-Identifier: MIT
#include "tests/actors/storage_nodes.hpp"
#include "tests/sim/seeds.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

namespace librats::test {

namespace {

/// What happens to a world: the seed decides when and to whom.
struct trouble {
  std::size_t nodes = 5;
  int rounds = 30;
  int writes = 10; ///< A round.
  int keys = 40;
  double loss = 0;
  bool crashes = true;
  bool partitions = true;
  bool full_disks = true;
  bool wrong_clocks = true;
  bool restarts = true;
};

/// Many stores with a key space that they fight for; every one may fail in every way. In the end all disks must be
/// equal, and hold of each key something at least as late as the latest write that was acknowledged.
class storage_world : public storage_nodes {
public:
  storage_world(const trouble& how, std::uint64_t seed) : storage_nodes(options(how, seed)), how_(how), random_(seed) {
    for (std::size_t i = 0; i < how_.nodes; ++i) {
      auto& host = world.add_host();
      if (how_.wrong_clocks)
        host.set_clock_error(static_cast<std::int64_t>(random_.below(600)) - 300);
      members_.push_back(&start(host, i));
    }
  }

  void run_all() {
    for (int i = 0; i < how_.rounds; ++i)
      one_round();
    heal();
  }

  /// A sentence when something is not as it must be.
  std::string verdict() {
    const auto first = on_disk(members_.front()->host);
    for (const auto* one : members_)
      if (on_disk(one->host) != first)
        return one->name + " differs from " + members_.front()->name;
    std::size_t acknowledged = 0;
    for (const auto& [key, answers] : written_)
      for (const auto& answer : answers) {
        if (!answer->value)
          continue;
        ++acknowledged;
        const auto row = first.find(key);
        if (row == first.end())
          return "an acknowledged write to " + key + " is lost";
        if (entry_of(row->second).record.version.timestamp_ms < answer->value->timestamp_ms)
          return "something older than an acknowledged write to " + key + " is there";
      }
    return acknowledged == 0 ? "nothing was acknowledged" : "";
  }

private:
  static runtime::sim_options options(const trouble& how, std::uint64_t seed) {
    runtime::sim_options out;
    out.seed = seed;
    out.link.loss = how.loss;
    return out;
  }

  /// Everybody dials two others, for as long as it takes.
  sim_node& start(runtime::sim_host& host, std::size_t number) {
    return start_store(host, number, [&](actors::node_options& x) {
      x.storage.durability = runtime::database_durability::full;
      for (const auto step : {std::size_t{1}, std::size_t{7}}) {
        const auto other = (number + step) % how_.nodes;
        if (other != number)
          x.mesh.targets.push_back({runtime::sim_host::address_of(other).to_string(), sim_node::port});
      }
      x.mesh.reconnect.enabled = true;
      x.mesh.reconnect.max_delay = 3s;
    });
  }

  sim_node& any() { return *members_[random_.below(members_.size())]; }

  void one_round() {
    for (int i = 0; i < how_.writes; ++i) {
      auto& who = any();
      const auto key = "key " + std::to_string(random_.below(static_cast<std::uint64_t>(how_.keys)));
      if (random_.chance(0.2))
        request<actors::key_removed>(who, who.node, actors::remove_key{key});
      else
        written_.emplace_back(key, std::vector{put_later(who, key, std::to_string(random_.u64()))});
    }
    if (how_.crashes && random_.chance(0.5))
      crash_something();
    if (how_.partitions && random_.chance(0.2))
      cut();
    if (how_.partitions && random_.chance(0.2))
      world.heal();
    if (how_.full_disks && random_.chance(0.2))
      any().host.databases().set_full(random_.chance(0.5));
    if (how_.restarts && random_.chance(0.1))
      restart();
    run(std::chrono::milliseconds{random_.below(2000)});
  }

  void crash_something() {
    auto& who = any();
    const auto name = random_.chance(0.3) ? "storage" : "storage_shard-" + std::to_string(random_.below(4));
    if (const auto victim = part(who, name))
      caf::anon_send(victim, runtime::inject_crash{"crashed by the test"});
  }

  void cut() {
    std::vector<runtime::sim_host*> left;
    std::vector<runtime::sim_host*> right;
    for (auto* one : members_)
      (random_.chance(0.5) ? left : right).push_back(&one->host);
    world.partition(left, right);
  }

  void restart() {
    const auto number = random_.below(members_.size());
    auto& host = members_[number]->host;
    if (random_.chance(0.5))
      host.power_off();
    else
      host.kill_processes();
    members_[number] = &start(host, number);
  }

  void heal() {
    world.heal();
    for (auto* one : members_)
      one->host.databases().set_full(false);
    eventually([&] { return verdict().find("differs") == std::string::npos; }, 5min);
  }

  trouble how_;
  runtime::sim_random random_;
  std::vector<sim_node*> members_;
  std::vector<std::pair<std::string, std::vector<answer_ptr<actors::value_put>>>> written_;
};

void expect_convergence(const trouble& how, std::uint64_t seeds) {
  quiet_log quiet;
  const auto range = seeds_to_try(seeds);
  for (auto seed = range.first; seed <= range.last; ++seed) {
    storage_world x{how, seed};
    x.run_all();
    BOOST_TEST(x.verdict() == "", "seed " << seed << ": " << x.verdict());
  }
}

} // namespace

BOOST_AUTO_TEST_SUITE(storage_worlds)

BOOST_AUTO_TEST_CASE(two_nodes_converge_whatever_happens) {
  trouble how;
  how.nodes = 2;
  expect_convergence(how, 200);
}

BOOST_AUTO_TEST_CASE(five_nodes_converge_whatever_happens) {
  trouble how;
  how.loss = 0.02;
  expect_convergence(how, 60);
}

BOOST_AUTO_TEST_CASE(fifty_nodes_converge_whatever_happens) {
  trouble how;
  how.nodes = 50;
  how.rounds = 15;
  how.writes = 20;
  expect_convergence(how, 4);
}

BOOST_AUTO_TEST_CASE(a_seed_runs_the_same_way_twice) {
  quiet_log quiet;
  trouble how;
  how.rounds = 10;
  std::vector<std::uint64_t> hashes;
  for (int i = 0; i < 2; ++i) {
    storage_world x{how, 7};
    x.run_all();
    hashes.push_back(x.world.event_hash());
  }
  BOOST_TEST(hashes[0] == hashes[1]);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
