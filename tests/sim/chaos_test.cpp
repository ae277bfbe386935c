// SPDX-License-Identifier: MIT
#include "tests/actors/sim_nodes.hpp"
#include "tests/sim/seeds.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace librats::test {

namespace {

constexpr std::size_t town_size = 20;
constexpr auto rounds = 60;
const std::array<const char*, 7> parts{"io_broker-0", "datagram_mux", "peer_directory", "connection_supervisor",
  "typed_messaging", "liveness", "peer_connection"};

runtime::sim_options options_of(std::uint64_t seed) {
  runtime::sim_options out;
  out.seed = seed;
  out.link.latency = 20ms;
  out.link.jitter = 30ms;
  out.link.loss = 0.01;
  return out;
}

/// A ring with chords under loss, jitter, crashed parts, dead machines and partitions, then peace. The seed decides
/// all.
class chaos : public sim_nodes {
public:
  explicit chaos(std::uint64_t seed) : sim_nodes(options_of(seed)), random_(seed ^ 0xc4a05) {
    for (std::size_t i = 0; i < town_size; ++i)
      living_.push_back(start(world.add_host(), i));
    for (std::size_t i = 0; i < town_size; ++i)
      for (const std::size_t step : {1, 3, 8})
        wanted_.insert(std::minmax({i, (i + step) % town_size}));
  }

  void run_scenario() {
    dial_all();
    run(5s);
    for (int round = 0; round < rounds; ++round) {
      say("round " + std::to_string(round));
      do_harm();
      run(1s);
    }
    make_peace();
    say("peace");
    run(10s);
  }

  /// What must hold whatever happened before; one line for each breach.
  std::vector<std::string> breaches() {
    std::vector<std::string> out;
    std::vector<std::map<peer_id, bytes>> links(town_size);
    for (std::size_t i = 0; i < town_size; ++i)
      for (const auto& one : peers(*living_[i]))
        links[i][one.link.id] = one.link.handshake_hash;
    for (const auto& [i, j] : wanted_) {
      const auto there = links[i].find(living_[j]->id);
      const auto back = links[j].find(living_[i]->id);
      if (there == links[i].end() || back == links[j].end())
        out.push_back(node_name(i) + " and " + node_name(j) + " are not connected");
      else if (there->second != back->second)
        out.push_back(node_name(i) + " and " + node_name(j) + " kept different links");
      else
        for (const auto& [from, to] : {std::pair{i, j}, std::pair{j, i}})
          if (heard(to, from, "peace") != 1)
            out.push_back(node_name(to) + " did not hear the peace message of " + node_name(from));
    }
    for (std::size_t i = 0; i < town_size; ++i) {
      const auto& frames = living_[i]->heard->frames;
      if (std::set<std::string>{frames.begin(), frames.end()}.size() != frames.size())
        out.push_back(node_name(i) + " got a message twice");
      for (const auto& part : tree(*living_[i]).children)
        if (part.state != "running")
          out.push_back(part.name + " of " + node_name(i) + " is " + part.state);
    }
    return out;
  }

  [[nodiscard]] std::size_t delivered() const {
    std::size_t out = 0;
    for (const auto* one : living_)
      out += one->heard->frame_count;
    return out;
  }

  std::size_t faults = 0;

private:
  sim_node* start(runtime::sim_host& host, std::size_t i) {
    auto& out = add_on(host, i);
    handle_channel(out, "town");
    return &out;
  }

  void dial_all() {
    for (const auto& [i, j] : wanted_) {
      const bool forward = random_.below(2) == 0;
      static_cast<void>(dial(*living_[forward ? i : j], *living_[forward ? j : i]));
    }
  }

  /// Every message differs from every other one, so that a copy shows.
  void say(const std::string& what) {
    ++words_;
    for (auto* one : living_)
      broadcast(*one, "town", what + " #" + std::to_string(words_));
  }

  std::size_t heard(std::size_t at, std::size_t from, const std::string& what) const {
    const auto text = node_name(from) + " town: " + what + " #" + std::to_string(words_);
    const auto& frames = living_[at]->heard->frames;
    return static_cast<std::size_t>(std::count(frames.begin(), frames.end(), text));
  }

  void do_harm() {
    const auto victim = random_.below(town_size);
    switch (random_.below(8)) {
      case 0:
      case 1:
      case 2:
        if (const auto part_of_it = part(*living_[victim], parts[random_.below(parts.size())])) {
          caf::anon_send(part_of_it, runtime::inject_crash{"chaos"});
          ++faults;
        }
        break;
      case 3: {
        std::vector<runtime::sim_host*> left;
        std::vector<runtime::sim_host*> right;
        for (auto* one : living_)
          (random_.below(2) == 0 ? left : right).push_back(&one->host);
        world.partition(left, right);
        ++faults;
        break;
      }
      case 4: {  // The power fails, and comes back.
        auto& host = living_[victim]->host;
        host.power_off();
        living_[victim] = start(host, victim);
        ++faults;
        break;
      }
      case 5: dial_all(); break;
      default: world.heal(); break;
    }
  }

  void make_peace() {
    world.heal();
    run(2min);  // Whatever is dead has been noticed by now.
    for (int attempt = 0; attempt < 3; ++attempt) {
      dial_all();
      run(20s);
    }
  }

  runtime::sim_random random_;
  std::vector<sim_node*> living_;
  std::set<std::pair<std::size_t, std::size_t>> wanted_;
  std::size_t words_ = 0;
};

struct outcome {
  std::uint64_t hash = 0;
  std::uint64_t events = 0;
  std::size_t delivered = 0;
};

outcome try_seed(std::uint64_t seed) {
  chaos town{seed};
  town.run_scenario();
  for (const auto& breach : town.breaches())
    BOOST_TEST(breach == "", "seed " << seed << ": " << breach);
  BOOST_TEST(town.faults > 10u);
  return {town.world.event_hash(), town.world.event_count(), town.delivered()};
}

} // namespace

BOOST_AUTO_TEST_SUITE(town_in_chaos)

BOOST_AUTO_TEST_CASE(a_town_heals_whatever_the_seed_did_to_it) {
  const auto [first, last] = seeds_to_try(20);
  std::set<std::uint64_t> hashes;
  for (auto seed = first; seed <= last; ++seed) {
    const auto run = try_seed(seed);
    BOOST_TEST(run.delivered > 1000u, "seed " << seed);
    hashes.insert(run.hash);
  }
  BOOST_TEST(hashes.size() == last - first + 1);
}

BOOST_AUTO_TEST_CASE(equal_seeds_give_equal_runs) {
  const auto first = try_seed(42);
  const auto second = try_seed(42);
  BOOST_TEST(first.hash == second.hash);
  BOOST_TEST(first.events == second.events);
  BOOST_TEST(first.delivered == second.delivered);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
