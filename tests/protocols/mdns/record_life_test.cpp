// SPDX-License-Identifier: MIT
#include "protocols/mdns/record_life.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;
using namespace std::chrono_literals;

namespace {

const time_point start{1h};

} // namespace

BOOST_AUTO_TEST_SUITE(record_lives)

BOOST_AUTO_TEST_CASE(a_record_is_asked_for_at_four_points_of_its_life) {
  record_life uut{start, 100, 0};
  for (const auto due : {80s, 85s, 90s, 95s}) {
    BOOST_REQUIRE(uut.refresh_due().has_value());
    BOOST_TEST((*uut.refresh_due() >= start + due - 1ms && *uut.refresh_due() <= start + due + 1ms));
    uut.asked(start + due);
  }
  BOOST_TEST(!uut.refresh_due());
  BOOST_TEST(!uut.is_over(start + 100s - 1ns));
  BOOST_TEST(uut.is_over(start + 100s));
}

BOOST_AUTO_TEST_CASE(jitter_delays_a_question_by_up_to_two_percent) {
  const record_life uut{start, 100, 0.5};
  BOOST_TEST((*uut.refresh_due() > start + 80900ms && *uut.refresh_due() < start + 81100ms));
}

BOOST_AUTO_TEST_CASE(questions_that_were_slept_through_are_not_made_up_for) {
  record_life uut{start, 100, 0};
  uut.asked(start + 92s);
  BOOST_TEST((*uut.refresh_due() >= start + 94999ms));
}

BOOST_AUTO_TEST_CASE(a_short_life_brings_no_burst_of_questions) {
  record_life uut{start, 4, 0};
  uut.asked(*uut.refresh_due());
  BOOST_TEST((*uut.refresh_due() >= start + 4200ms - 1ms)); // A second after 3.2, thus never.
}

BOOST_AUTO_TEST_CASE(a_record_is_fresh_for_half_of_its_life) {
  const record_life uut{start, 100, 0};
  BOOST_TEST(uut.is_fresh(start + 50s));
  BOOST_TEST(!uut.is_fresh(start + 50s + 1ns));
  BOOST_TEST(uut.seconds_left(start + 30500ms) == 69u);
  BOOST_TEST(uut.seconds_left(start + 200s) == 1u);
}

BOOST_AUTO_TEST_CASE(nobody_is_believed_for_ever) {
  const record_life uut{start, 0xffffffff, 0};
  BOOST_TEST((uut.expires() == start + record_life::ttl_max));
}

BOOST_AUTO_TEST_CASE(what_was_taken_back_ends_in_a_second_and_not_later_than_it_would_have) {
  record_life uut{start, 100, 0};
  uut.end_soon(start + 10s);
  BOOST_TEST((uut.expires() == start + 11s));
  BOOST_TEST(!uut.refresh_due());
  uut.end_soon(start + 10500ms);
  BOOST_TEST((uut.expires() == start + 11s));
}

BOOST_AUTO_TEST_CASE(what_is_in_doubt_is_asked_for_four_times_in_ten_seconds) {
  record_life uut{start, 100, 0.9};
  const auto now = start + 20s;
  uut.doubt(now, 0);
  BOOST_TEST((uut.expires() == now + 10s));
  int questions = 0;
  while (const auto due = uut.refresh_due()) {
    BOOST_TEST((*due >= now && *due < now + 10s));
    uut.asked(*due);
    ++questions;
  }
  BOOST_TEST(questions == 4);
  record_life ending{start, 5, 0};
  ending.doubt(start, 0);
  BOOST_TEST((ending.expires() == start + 5s));
}

BOOST_AUTO_TEST_SUITE_END()
