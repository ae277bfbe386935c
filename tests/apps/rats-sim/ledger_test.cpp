// SPDX-License-Identifier: MIT
#include "apps/rats-sim/ledger.hpp"

#include <boost/test/unit_test.hpp>

#include <map>

namespace librats::apps {

namespace {

using namespace std::chrono_literals;

/// Members by the time since which they are up; who is not there is down.
struct roll final : presence {
  std::map<std::size_t, duration> since{{0, 0s}, {1, 0s}, {2, 0s}};
  [[nodiscard]] bool up_since(std::size_t member, duration wanted) const override {
    const auto found = since.find(member);
    return found != since.end() && found->second <= wanted;
  }
};

struct books {
  books() {
    what.grace = 10s;
    what.settle = 5s;
  }
  scenario::workload what;
  roll who;
  ledger all{what, 3, {0, 1, 2}};
};

} // namespace

BOOST_AUTO_TEST_SUITE(ledgers)

BOOST_FIXTURE_TEST_CASE(what_everybody_had_in_time_is_delivered, books) {
  const auto number = all.sent(20s, 0);
  all.arrived(20s + 40ms, number, 1);
  all.arrived(20s + 80ms, number, 2);
  all.judge(30s, who);
  BOOST_TEST(all.counted().owed == 0u); // Its grace is not over.
  all.judge(30s + 1ms, who);
  BOOST_TEST(all.counted().owed == 2u); // The sender owes itself nothing.
  BOOST_TEST(all.counted().delivered == 2u);
  BOOST_TEST(all.times().most().count() == duration{80ms}.count());
  BOOST_TEST(all.victims().empty());
}

BOOST_FIXTURE_TEST_CASE(what_a_sender_asks_of_its_own_node_is_owed_to_it, books) {
  const auto number = all.sent(20s, 1, 1);
  all.sent(20s, 1, 1);
  all.arrived(20s + 3ms, number, 1);
  all.judge(31s, who);
  BOOST_TEST(all.counted().owed == 2u);
  BOOST_TEST(all.counted().delivered == 1u);
}

BOOST_FIXTURE_TEST_CASE(what_is_missing_or_late_is_not_delivered, books) {
  const auto number = all.sent(20s, 0);
  all.judge(31s, who);
  all.arrived(32s, number, 1);
  BOOST_TEST(all.counted().owed == 2u);
  BOOST_TEST(all.counted().delivered == 0u);
  BOOST_TEST(all.counted().late == 1u);
  BOOST_TEST(all.victims() == (std::vector<std::size_t>{1, 2}), boost::test_tools::per_element());
  BOOST_TEST((all.first_missed_at() == duration{20s}));
}

BOOST_FIXTURE_TEST_CASE(nothing_is_owed_to_who_was_not_there, books) {
  who.since[1] = 16s; // Less than the settling time before.
  who.since.erase(2);
  all.sent(20s, 0);
  all.judge(31s, who);
  BOOST_TEST(all.counted().owed == 0u);
}

BOOST_FIXTURE_TEST_CASE(nothing_is_owed_by_a_sender_that_went_down, books) {
  who.since.erase(0);
  all.sent(20s, 0);
  all.judge(31s, who);
  BOOST_TEST(all.counted().owed == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_second_delivery_is_a_duplicate_except_in_another_life, books) {
  const auto number = all.sent(20s, 0);
  all.arrived(21s, number, 1);
  all.arrived(22s, number, 1);
  BOOST_TEST(all.counted().duplicates == 1u);
  all.forget(1);
  all.arrived(23s, number, 1);
  BOOST_TEST(all.counted().duplicates == 1u);
  all.judge(31s, who);
  all.arrived(60s, number, 1); // Also long after it was judged.
  BOOST_TEST(all.counted().duplicates == 2u);
}

BOOST_FIXTURE_TEST_CASE(old_messages_are_forgotten_and_numbers_go_on, books) {
  const auto first = all.sent(20s, 0);
  all.judge(20s + 10s + ledger::remembered + 1ms, who);
  all.arrived(10min, first, 1);
  BOOST_TEST(all.counted().unknown == 1u);
  BOOST_TEST((all.publisher_of(first) == scenario::none));
  const auto second = all.sent(10min, 1);
  BOOST_TEST(second == first + 1);
  BOOST_TEST(all.publisher_of(second) == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_message_to_one_is_owed_to_that_one, books) {
  const auto number = all.sent(20s, 0, 2);
  all.arrived(21s, number, 1); // By mistake, and no help to the other.
  all.judge(31s, who);
  BOOST_TEST(all.counted().owed == 1u);
  BOOST_TEST(all.counted().delivered == 0u);
}

BOOST_AUTO_TEST_CASE(quantiles_are_right_to_a_64th) {
  latencies times;
  for (int i = 1; i <= 1000; ++i)
    times.add(duration{1ms} * i);
  for (const auto& [share, wanted] : {std::pair{0.5, 500.0}, std::pair{0.99, 990.0}, std::pair{0.001, 1.0}}) {
    const auto found = std::chrono::duration<double, std::milli>(times.quantile(share)).count();
    BOOST_TEST(found >= wanted * 0.999);
    BOOST_TEST(found <= wanted * (1 + 1.0 / 32));
  }
  BOOST_TEST(times.quantile(1).count() == duration{1s}.count());
  BOOST_TEST(times.most().count() == duration{1s}.count());
  BOOST_TEST(latencies{}.quantile(0.5).count() == 0);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::apps
