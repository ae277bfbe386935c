// SPDX-License-Identifier: MIT
#include "apps/rats-sim/film.hpp"

#include "runtime/log/log_setup.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <set>

namespace librats::apps {

namespace {

using namespace std::chrono_literals;

scenario restless() {
  auto log = runtime::current_log_options();
  log.level = runtime::log_level::off;
  BOOST_TEST_REQUIRE(!runtime::configure_logging(log).has_value());
  const auto load = load_scenario_text(R"([scenario]
duration = 60 s
[group west]
count = 8
dial = ring
dials = 2
[group east]
count = 4
dial = random
dial_to = west
dials = 2
churn = 400 %
away = 2 s
)",
    "restless");
  BOOST_TEST_REQUIRE(load.ok());
  return load.what;
}

/// What a page shows at the end: the places of all nodes that are up, and the number of links.
std::pair<std::set<std::size_t>, std::size_t> last_picture(const nlohmann::json& film) {
  std::set<std::size_t> nodes;
  std::set<std::size_t> links;
  const auto toggle = [](std::set<std::size_t>& in, std::size_t x) {
    if (!in.erase(x))
      in.insert(x);
  };
  for (const auto& frame : film["frames"]) {
    for (const auto& x : frame["nodes"])
      toggle(nodes, x);
    for (const auto& x : frame["links"])
      toggle(links, x);
  }
  return {nodes, links.size()};
}

} // namespace

BOOST_AUTO_TEST_SUITE(films)

BOOST_AUTO_TEST_CASE(the_frames_together_give_the_network_as_it_is_and_stay_within_their_limit) {
  const auto what = restless();
  simulation of{what};
  film whole{of};
  film small{of, {1'000, 20'000, 40}};
  for (auto t = 1s; t <= 40s; t += 1s) {
    of.run_to(t, [] { return false; });
    whole.take();
    small.take();
  }
  std::set<std::size_t> up;
  std::set<std::pair<std::size_t, std::size_t>> links;
  for (std::size_t i = 0; i < of.members().size(); ++i) {
    if (of.members()[i].up)
      up.insert(i);
    for (const auto peer : of.members()[i].peers)
      links.insert({std::min(i, peer), std::max(i, peer)});
  }
  BOOST_TEST(of.crashes() > 5u);
  for (const auto* one : {&whole, &small}) {
    const auto json = one->to_json();
    const auto [nodes, count] = last_picture(json);
    BOOST_TEST((nodes == up));
    BOOST_TEST(count == links.size());
    BOOST_TEST(json["frames"].back()["at"].get<double>() <= 40.0);
  }
  const auto frames_of = [](const film& x) { return x.to_json()["frames"].size(); };
  BOOST_TEST(frames_of(small) < frames_of(whole));
}

BOOST_AUTO_TEST_CASE(of_many_nodes_some_of_each_group_are_watched_and_of_many_links_so_many) {
  const auto what = restless();
  simulation of{what};
  film uut{of, {6, 3, 1'000}};
  of.run_to(20s, [] { return false; });
  uut.take();
  BOOST_TEST(uut.watched() == (std::vector<std::size_t>{0, 2, 4, 6, 8, 10}), boost::test_tools::per_element());
  const auto json = uut.to_json();
  BOOST_TEST(json["links"].size() == 6u);
  BOOST_TEST(json["links_left_out"].get<int>() > 0);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::apps
