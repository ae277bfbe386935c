// SPDX-License-Identifier: MIT
#include "tests/actors/sim_nodes.hpp"
#include "tests/sim/seeds.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace librats::test {

namespace {

constexpr std::size_t town_size = 50;
/// Of these a fifth loses its power each minute.
constexpr std::size_t crashes_per_minute = town_size / 5;
constexpr int minutes_of_trouble = 5;
/// By then all must be one again, once the trouble is over: the longest wait between two dials is one minute, and a
/// dial that was begun just before takes 15 s to fail.
constexpr auto healing_time = 75s;

runtime::sim_options options_of(std::uint64_t seed) {
  runtime::sim_options out;
  out.seed = seed;
  out.link.latency = 20ms;
  out.link.jitter = 30ms;
  out.link.loss = 0.01;
  return out;
}

void self_keeping(actors::node_options& x) {
  x.mesh.reconnect.enabled = true;
  x.mesh.book_path = "/data/peers.json";
  x.mesh.exchange = true;
  x.mesh.pex.peers_wanted = 6;
}

/// Nodes that are told of one other node at birth and never again. Whoever loses its power comes back with nothing but
/// its disk.
class town : public sim_nodes {
public:
  town(std::uint64_t seed, node_adjuster adjust)
    : sim_nodes(options_of(seed)), random_(seed ^ 0x3e54), adjust_(std::move(adjust)) {
    for (std::size_t i = 0; i < town_size; ++i)
      living_.push_back(&add_on(world.add_host(), i, adjust_));
    for (std::size_t i = 1; i < town_size; ++i)
      static_cast<void>(dial(*living_[i], *living_[random_.below(i)]));
    run(30s);
  }

  void live_through_trouble() {
    for (int minute = 0; minute < minutes_of_trouble; ++minute) {
      if (minute == 1)
        split();
      for (std::size_t i = 0; i < crashes_per_minute; ++i) {
        const auto victim = random_.below(town_size);
        living_[victim]->host.power_off();
        run(1min / crashes_per_minute);
        living_[victim] = &add_on(living_[victim]->host, victim, adjust_);
        ++crashes;
      }
    }
  }

  /// How many groups there are that do not reach each other, over links that both ends know.
  std::size_t components() {
    std::vector<std::set<std::size_t>> links(town_size);
    for (std::size_t i = 0; i < town_size; ++i)
      for (const auto& one : peers(*living_[i]))
        if (const auto found = numbers_.find(one.link.id); found != numbers_.end())
          links[i].insert(found->second);
    std::set<std::size_t> unseen;
    for (std::size_t i = 0; i < town_size; ++i)
      unseen.insert(i);
    std::size_t out = 0;
    while (!unseen.empty()) {
      ++out;
      std::vector<std::size_t> front{*unseen.begin()};
      unseen.erase(unseen.begin());
      while (!front.empty()) {
        const auto at = front.back();
        front.pop_back();
        for (const auto next : links[at])
          if (links[next].count(at) != 0 && unseen.erase(next) != 0)
            front.push_back(next);
      }
    }
    return out;
  }

  /// Virtual time until the town is one, at most `limit`.
  std::optional<duration> heal_within(duration limit) {
    const auto begin = world.now();
    while (world.now() - begin < limit) {
      if (components() == 1)
        return world.now() - begin;
      run(5s);
    }
    return components() == 1 ? std::optional<duration>{world.now() - begin} : std::nullopt;
  }

  std::size_t crashes = 0;

private:
  void split() {
    std::vector<runtime::sim_host*> left;
    std::vector<runtime::sim_host*> right;
    for (auto* one : living_)
      (random_.below(2) == 0 ? left : right).push_back(&one->host);
    world.partition(left, right);
  }

  static std::map<peer_id, std::size_t> number_all() {
    std::map<peer_id, std::size_t> out;
    for (std::size_t i = 0; i < town_size; ++i)
      out.emplace(default_options(i).session->static_key.id(), i);
    return out;
  }

  runtime::sim_random random_;
  node_adjuster adjust_;
  std::vector<sim_node*> living_;
  std::map<peer_id, std::size_t> numbers_ = number_all();
};

struct outcome {
  std::uint64_t hash = 0;
  duration healed{};
};

outcome try_seed(std::uint64_t seed) {
  town x{seed, self_keeping};
  BOOST_TEST(x.components() == 1u, "seed " << seed << ": not one town at the beginning");
  x.live_through_trouble();
  BOOST_TEST(x.components() > 1u, "seed " << seed << ": the partition was none");
  x.world.heal();
  const auto healed = x.heal_within(healing_time);
  BOOST_TEST(healed.has_value(), "seed " << seed << ": " << x.components() << " towns after the trouble");
  BOOST_TEST(x.crashes == crashes_per_minute * minutes_of_trouble);
  return {x.world.event_hash(), healed.value_or(healing_time)};
}

} // namespace

BOOST_AUTO_TEST_SUITE(town_that_keeps_itself)

BOOST_AUTO_TEST_CASE(a_town_is_one_again_after_crashes_and_a_partition) {
  const auto [first, last] = seeds_to_try(30);
  duration longest{};
  for (auto seed = first; seed <= last; ++seed)
    longest = std::max(longest, try_seed(seed).healed);
  BOOST_TEST_MESSAGE("the slowest town of " << last - first + 1 << " took "
                                            << std::chrono::duration_cast<std::chrono::seconds>(longest).count()
                                            << " s to heal");
}

BOOST_AUTO_TEST_CASE(a_town_that_does_nothing_for_itself_falls_apart) {
  town x{1, {}};
  BOOST_TEST(x.components() == 1u);
  x.live_through_trouble();
  x.world.heal();
  BOOST_TEST(!x.heal_within(healing_time).has_value());
}

BOOST_AUTO_TEST_CASE(equal_seeds_give_equal_towns) {
  BOOST_TEST(try_seed(77).hash == try_seed(77).hash);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
