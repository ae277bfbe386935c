// SPDX-License-Identifier: MIT
#include "protocols/mdns/mdns_browser.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;
using namespace std::chrono_literals;

namespace {

const auto type = *dns_name::parse("_librats._tcp.local");
const message_origin other{{ip_address::v4(192, 168, 1, 77), mdns_port}, false};

struct fixture {
  void run_for(duration how_long) {
    const auto end = now + how_long;
    for (auto due = uut.next_wakeup(); due && *due <= end; due = uut.next_wakeup()) {
      now = std::max(now, *due);
      uut.advance(now);
      for (const auto& x : uut.take_output()) {
        out.push_back(*decode_dns(x));
        times.push_back(now);
      }
    }
    now = end;
  }
  dns_message question() const {
    dns_message x;
    x.questions = {{type, dns_type::ptr}};
    return x;
  }

  time_point now{1h};
  mdns_browser uut{{}, type, 1, 7};
  std::vector<dns_message> out;
  std::vector<time_point> times;
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(mdns_browsers, fixture)

BOOST_AUTO_TEST_CASE(it_asks_soon_and_then_less_often_but_every_thirty_seconds) {
  const auto start = now;
  uut.start(now);
  run_for(300s);
  BOOST_REQUIRE(times.size() > 12u);
  BOOST_TEST((times[0] - start >= 20ms && times[0] - start <= 120ms));
  duration expected = 1s;
  for (std::size_t i = 1; i < times.size(); ++i) {
    const auto pause = times[i] - times[i - 1];
    BOOST_TEST((pause <= expected && pause >= expected * 9 / 10 - 1ms));
    expected = std::min<duration>(expected * 2, 30s);
  }
  for (const auto& x : out) {
    BOOST_TEST(x.flags == 0);
    BOOST_TEST(x.id == 0);
    BOOST_TEST(!x.questions.at(0).unicast_response);
    BOOST_TEST((x.questions[0].name == type));
  }
}

BOOST_AUTO_TEST_CASE(somebody_elses_question_serves_us_too) {
  uut.start(now);
  run_for(60s);
  out.clear();
  for (int i = 0; i < 20; ++i) {
    uut.handle_query(question(), other, true, now);
    run_for(20s);
  }
  BOOST_TEST(out.empty());
}

BOOST_AUTO_TEST_CASE(questions_that_hide_answers_or_reach_few_do_not_serve_us) {
  uut.start(now);
  run_for(60s);
  auto knows_more = question();
  knows_more.answers = {make_ptr_record(type, *type.below("stranger"), 120)};
  auto goes_on = question();
  goes_on.flags = dns_flag_truncated;
  auto unicast = question();
  unicast.questions[0].unicast_response = true;
  for (const auto& x : {knows_more, goes_on, unicast}) {
    out.clear();
    for (int i = 0; i < 4; ++i) {
      uut.handle_query(x, other, true, now);
      run_for(15s);
    }
    BOOST_TEST(out.size() >= 2u);
  }
  out.clear();
  for (int i = 0; i < 4; ++i) {
    uut.handle_query(question(), other, false, now);
    run_for(15s);
  }
  BOOST_TEST(out.size() >= 2u);
}

BOOST_AUTO_TEST_CASE(it_tells_what_it_knows) {
  uut.start(now);
  run_for(10s);
  dns_message x;
  const auto host = *dns_name::parse("h.local");
  for (int i = 0; i < 60; ++i) {
    const auto instance = *type.below("rats-0badcafe-" + std::to_string(i));
    x.answers.push_back(make_ptr_record(type, instance, 4500));
    x.answers.push_back(make_srv_record(instance, 1, host, 4500, true));
    x.answers.push_back(make_txt_record(instance, {}, 4500, true));
  }
  x.answers.push_back(make_address_record(host, ip_address::v4(10, 0, 0, 1), 4500, true));
  uut.handle_response(x, other, now);
  BOOST_REQUIRE(uut.cache().services().size() == 60u);
  out.clear();
  run_for(30s);
  BOOST_REQUIRE(out.size() >= 2u);
  BOOST_TEST(out[0].is_truncated());
  BOOST_TEST(out[0].questions.size() == 1u);
  BOOST_TEST(!out[1].is_truncated());
  BOOST_TEST(out[1].questions.empty());
  BOOST_TEST(out[0].answers.size() + out[1].answers.size() == 60u);
}

BOOST_AUTO_TEST_CASE(it_stops_and_hears_nothing_after_that) {
  uut.start(now);
  run_for(5s);
  uut.stop();
  BOOST_TEST(!uut.next_wakeup().has_value());
  dns_message x;
  x.answers = {make_ptr_record(type, *type.below("x"), 120)};
  uut.handle_response(x, other, now);
  BOOST_TEST(uut.cache().size() == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
