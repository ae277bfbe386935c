// SPDX-License-Identifier: MIT
#include "apps/rats-sim/shrink.hpp"

#include "apps/rats-sim/scenario.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

namespace librats::apps {

namespace {

using namespace std::chrono_literals;

constexpr auto text = R"([scenario]
duration = 600 s
[network]
latency = 30 ms
loss = 2 %
[group west]
count = 40
dial = ring
[group east]
count = 30
[partition cable]
left = west
right = east
at = 5 s
until = 7 s
[workload news]
from = west
begin = 1 s
[workload other]
from = east
[expect a]
components_max = 1
[expect b]
workload = other
duplicates_max = 3
)";

/// A bug that shows with three nodes in the west, a lossy network and eleven seconds.
std::optional<failure> planted(const std::string& candidate) {
  const auto x = load_scenario_text(candidate, "candidate");
  BOOST_TEST_REQUIRE(x.ok());
  const auto west =
    std::find_if(x.what.groups.begin(), x.what.groups.end(), [](const auto& one) { return one.name == "west"; });
  if (west == x.what.groups.end() || west->count < 3 || x.what.length < duration{11s} || x.what.link.loss == 0)
    return std::nullopt;
  return failure{"a.components_max", duration{10500ms}};
}

constexpr auto never = [] { return false; };
constexpr auto ignore = [](const scenario&, std::size_t) {};

} // namespace

BOOST_AUTO_TEST_SUITE(shrinking)

BOOST_AUTO_TEST_CASE(what_does_not_matter_goes_and_what_matters_stays) {
  std::size_t told = 0;
  shrinker uut{scenario_text{text, {}}, *planted(text), planted, 200};
  const auto best = uut.work(never, [&](const scenario&, std::size_t) { ++told; }).to_string();
  BOOST_TEST(best == "[scenario]\nduration = 11 s\n[network]\nloss = 2 %\n[group west]\ncount = 3\n");
  BOOST_TEST(told > 5u);
  BOOST_TEST(uut.runs() < 60u);
  BOOST_TEST(planted(best).has_value());
}

BOOST_AUTO_TEST_CASE(another_failure_is_not_the_one_that_is_looked_for) {
  const auto two = [](const std::string& candidate) -> std::optional<failure> {
    auto out = planted(candidate);
    // Small networks fail in another way.
    if (!out || load_scenario_text(candidate, "candidate").what.node_count() < 40)
      return failure{"b.duplicates_max", std::nullopt};
    return out;
  };
  shrinker uut{scenario_text{text, {}}, *planted(text), two, 200};
  const auto best = uut.work(never, ignore).to_string();
  BOOST_TEST(load_scenario_text(best, "best").what.node_count() >= 40u);
  BOOST_TEST(two(best)->what == "a.components_max");
}

BOOST_AUTO_TEST_CASE(runs_have_a_limit_and_a_signal_ends_it) {
  std::size_t runs = 0;
  const auto counted = [&](const std::string& candidate) {
    ++runs;
    return planted(candidate);
  };
  shrinker few{scenario_text{text, {}}, *planted(text), counted, 5};
  static_cast<void>(few.work(never, ignore));
  BOOST_TEST(runs == 5u);
  BOOST_TEST(few.runs() == 5u);
  runs = 0;
  shrinker ended{scenario_text{text, {}}, *planted(text), counted, 200};
  const auto best = ended.work([&] { return runs == 2; }, ignore).to_string();
  BOOST_TEST(runs == 2u);
  BOOST_TEST(planted(best).has_value());
}

BOOST_AUTO_TEST_CASE(what_cannot_be_made_smaller_stays_as_it_is) {
  const auto small = std::string{"[scenario]\nduration = 1 s\n[group west]\ncount = 1\n"};
  const auto always = [](const std::string&) { return failure{"exit code 11", std::nullopt}; };
  shrinker uut{scenario_text{small, {}}, {"exit code 11", std::nullopt}, always, 200};
  BOOST_TEST(uut.work(never, ignore).to_string() == small);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::apps
