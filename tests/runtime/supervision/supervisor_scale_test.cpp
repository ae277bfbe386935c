// SPDX-License-Identifier: MIT
#include "tests/runtime/supervision/supervision_fixture.hpp"

#include <chrono>

namespace librats::runtime {
namespace {

using namespace std::chrono_literals;

constexpr int many = 10'000;

/// A list of children that is walked once per event makes these tests take minutes.
struct scale_fixture : supervision_fixture {
  std::chrono::steady_clock::time_point began = std::chrono::steady_clock::now();
  ~scale_fixture() { BOOST_TEST((std::chrono::steady_clock::now() - began < 60s)); }

  void start_many(const supervision_options& options, restart_kind kind) {
    start(options, [this, kind](auto& x) {
      for (int i = 0; i < many; ++i)
        x.add_child(spec("child" + std::to_string(i), kind));
    });
    BOOST_TEST(journal.size() == std::size_t{many});
    take();
  }
};

supervision_options patient() {
  supervision_options out;
  out.limits.restarts_max = many;
  return out;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(supervisor_scale_tests, scale_fixture)

BOOST_AUTO_TEST_CASE(ten_thousand_children_start_and_stop_in_order) {
  start_many({}, restart_kind::permanent);
  const ending end{boss};
  stop();
  BOOST_REQUIRE(end.seen());
  BOOST_REQUIRE(journal.size() == 2u * many + 1u);
  for (int i = 0; i < many; ++i)
    BOOST_REQUIRE(journal[2u * static_cast<unsigned>(i)] == "stop child" + std::to_string(many - 1 - i));
}

BOOST_AUTO_TEST_CASE(ten_thousand_temporary_children_stop_together) {
  start_many({}, restart_kind::temporary);
  const ending end{boss};
  stop();
  BOOST_TEST(end.seen());
  BOOST_TEST(world.elapsed().count() == 0);
}

BOOST_AUTO_TEST_CASE(a_storm_of_orderly_ends_leaves_the_others_alone) {
  start_many({}, restart_kind::temporary);
  for (int i = 1; i < many; ++i)
    inside<worker>(child("child" + std::to_string(i)), [](worker& x) { x.quit(); });
  world.settle();
  BOOST_TEST(top().child_count() == 1u);
  BOOST_TEST((child("child0") != nullptr));
}

BOOST_AUTO_TEST_CASE(a_storm_of_crashes_is_repaired_within_the_budget) {
  start_many(patient(), restart_kind::permanent);
  for (int i = 0; i < many; ++i)
    caf::anon_send(child("child" + std::to_string(i)), inject_crash{"storm"});
  world.run_for(5s);
  BOOST_TEST(top().child_count() == std::size_t{many});
  for (int i = 0; i < many; ++i)
    BOOST_REQUIRE_MESSAGE(child("child" + std::to_string(i)), "child " << i << " is down");
}

BOOST_AUTO_TEST_CASE(a_storm_of_crashes_beyond_the_budget_ends_the_supervisor_once) {
  start_many({}, restart_kind::permanent);
  const ending end{boss};
  for (int i = 0; i < many; ++i)
    caf::anon_send(child("child" + std::to_string(i)), inject_crash{"storm"});
  world.run_for(1min);
  BOOST_REQUIRE(end.seen());
  BOOST_TEST(journal.back() == "all stopped");
}

BOOST_AUTO_TEST_CASE(the_tree_shows_ten_thousand_children) {
  start_many({}, restart_kind::temporary);
  BOOST_TEST(tree_of(boss).children.size() == std::size_t{many});
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::runtime
