// SPDX-License-Identifier: MIT
#include "protocols/stun/client_transaction.hpp"

#include "protocols/stun/binding_responder.hpp"
#include "protocols/stun/message_builder.hpp"
#include "tests/protocols/stun/stun_samples.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

using namespace librats;
using namespace librats::protocols::stun;
using namespace librats::test;
using namespace std::chrono_literals;

namespace {

struct transaction_fixture {
  const endpoint server{ip_address::v4(192, 0, 2, 1), 3478};
  const transaction_id id = stun_id("000102030405060708090a0b");
  const time_point start{1h};
  bytes request = message_builder{message_class::request, method::binding, id}.take();
  client_transaction uut{{}, server, request, start};
  using status = client_transaction::status;

  [[nodiscard]] bytes response(message_class kind = message_class::success) const {
    return message_builder{kind, method::binding, id}.add_error(500, "").take();
  }
  [[nodiscard]] bool matches(const endpoint& from, const bytes& raw) const {
    return uut.matches(from, *message_view::decode(raw));
  }
  /// When copies of the request leave, since the start, until it is over.
  std::vector<duration> departures() {
    std::vector<duration> out;
    auto now = start;
    for (;;) {
      while (const auto copy = uut.poll_transmit()) {
        BOOST_TEST((*copy == request));
        out.push_back(now - start);
      }
      const auto due = uut.poll_timeout();
      if (!due)
        return out;
      now = *due;
      over = now - start;
      uut.handle_timeout(now);
    }
  }
  duration over{};
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(stun_client_transaction, transaction_fixture)

BOOST_AUTO_TEST_CASE(an_unanswered_request_is_repeated_as_the_rfc_says) {
  // RFC 8489 section 6.2.1, its own example.
  const std::vector<duration> expected{0ms, 500ms, 1'500ms, 3'500ms, 7'500ms, 15'500ms, 31'500ms};
  BOOST_TEST((departures() == expected));
  BOOST_TEST((over == 39'500ms));
  BOOST_TEST((uut.state() == status::timed_out));
  BOOST_TEST(uut.requests() == 7);
}

BOOST_AUTO_TEST_CASE(the_schedule_can_be_set) {
  uut = client_transaction{{100ms, 3, 4}, server, request, start};
  BOOST_TEST((departures() == std::vector<duration>{0ms, 100ms, 300ms}));
  BOOST_TEST((over == 700ms));
  uut = client_transaction{{100ms, 1, 4}, server, request, start};
  BOOST_TEST((departures() == std::vector<duration>{0ms}));
  BOOST_TEST((over == 400ms));
}

BOOST_AUTO_TEST_CASE(an_early_call_changes_nothing_and_a_late_one_repeats_once) {
  uut.poll_transmit();
  uut.handle_timeout(start + 499ms);
  BOOST_TEST(!uut.poll_transmit().has_value());
  uut.handle_timeout(start + 20s);
  BOOST_TEST(uut.poll_transmit().has_value());
  BOOST_TEST(!uut.poll_transmit().has_value());
  BOOST_TEST((uut.poll_timeout() == start + 21s));
}

BOOST_AUTO_TEST_CASE(an_answer_ends_it) {
  uut.poll_transmit();
  BOOST_TEST_REQUIRE(matches(server, response()));
  uut.handle_response(start + 80ms);
  BOOST_TEST((uut.state() == status::answered));
  BOOST_TEST((uut.rtt() == duration{80ms}));
  BOOST_TEST(!uut.poll_timeout().has_value());
  BOOST_TEST(!matches(server, response())); // A repeated one is nobody's.
  uut.handle_timeout(start + 1h);
  uut.handle_refused(server);
  BOOST_TEST(!uut.poll_transmit().has_value());
  BOOST_TEST((uut.state() == status::answered));
}

BOOST_AUTO_TEST_CASE(a_repeated_request_tells_no_round_trip) {
  uut.handle_timeout(start + 500ms);
  uut.handle_response(start + 510ms);
  BOOST_TEST(!uut.rtt().has_value());
}

BOOST_AUTO_TEST_CASE(only_a_response_to_this_request_from_whom_we_asked_matches) {
  BOOST_TEST(matches(server, response(message_class::error)));
  BOOST_TEST(!matches(server, response(message_class::request)));
  BOOST_TEST(!matches(server, response(message_class::indication)));
  BOOST_TEST(!matches({server.address, 3479}, response()));
  BOOST_TEST(!matches({ip_address::v4(192, 0, 2, 2), 3478}, response()));
  auto other_id = id;
  other_id[11] ^= 1;
  BOOST_TEST(!matches(server, message_builder{message_class::success, method::binding, other_id}.take()));
  BOOST_TEST(!matches(server, message_builder{message_class::success, 3, id}.take()));
}

BOOST_AUTO_TEST_CASE(a_refusal_of_the_server_ends_it_and_others_do_not) {
  uut.handle_refused({server.address, 3479});
  BOOST_TEST((uut.state() == status::waiting));
  uut.handle_refused(server);
  BOOST_TEST((uut.state() == status::refused));
  BOOST_TEST(!uut.poll_transmit().has_value());
  BOOST_TEST(!uut.poll_timeout().has_value());
}

BOOST_AUTO_TEST_SUITE_END()
