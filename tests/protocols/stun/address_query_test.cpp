// SPDX-License-Identifier: MIT
#include "protocols/stun/address_query.hpp"

#include "protocols/stun/attributes.hpp"
#include "protocols/stun/binding_responder.hpp"
#include "protocols/stun/message_builder.hpp"
#include "tests/protocols/stun/stun_samples.hpp"

#include <boost/test/unit_test.hpp>

#include <set>
#include <utility>
#include <vector>

using namespace librats;
using namespace librats::protocols::stun;
using namespace librats::test;
using namespace std::chrono_literals;

namespace {

struct query_fixture {
  const endpoint first{ip_address::v4(192, 0, 2, 1), 19302};
  const endpoint second{ip_address::v4(192, 0, 2, 2), 19302};
  const endpoint third{ip_address::v4(192, 0, 2, 3), 3478};
  const endpoint mine{ip_address::v4(203, 0, 113, 7), 41234};
  time_point now{1h};
  const time_point start = now;
  address_query uut = query({first, second});

  [[nodiscard]] address_query query(std::vector<endpoint> servers, const address_query::config& cfg = {}) const {
    return address_query{cfg, std::move(servers), secret_random::key_type{7}, now};
  }
  /// The one datagram that wants to leave.
  address_query::transmit sent() {
    auto out = uut.poll_transmit();
    BOOST_REQUIRE(out.has_value());
    BOOST_REQUIRE(!uut.poll_transmit().has_value());
    return std::move(*out);
  }
  static transaction_id id_of(const address_query::transmit& x) { return message_view::decode(x.datagram)->id(); }
  /// Runs until its deadline.
  void wait() {
    BOOST_REQUIRE(uut.poll_timeout().has_value());
    now = *uut.poll_timeout();
    uut.handle_timeout(now);
  }
  bool failed() {
    const auto event = uut.poll_event();
    return event && std::holds_alternative<address_query::failed>(*event);
  }
  endpoint mapped() {
    const auto event = uut.poll_event();
    BOOST_REQUIRE(event.has_value() && std::holds_alternative<address_query::mapped>(*event));
    return std::get<address_query::mapped>(*event).address;
  }
  bool answer(const address_query::transmit& to, message_builder response) {
    return uut.handle_datagram(now, to.to, response.take());
  }
  static message_builder success(const address_query::transmit& to) {
    return {message_class::success, method::binding, id_of(to)};
  }
  static message_builder refer(const address_query::transmit& to, const endpoint& other) {
    message_builder out{message_class::error, method::binding, id_of(to)};
    out.add_error(error::try_alternate, "Try Alternate").add_address(attribute::alternate_server, other);
    return out;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(stun_address_query, query_fixture)

BOOST_AUTO_TEST_CASE(it_sends_what_upstream_sends_and_learns_the_address) {
  const auto request = sent();
  BOOST_TEST((request.to == first));
  // Apart from the transaction id.
  auto expected = find_case(load_vectors("stun.json"), "STUN binding request").raw;
  const auto id = id_of(request);
  std::copy(id.begin(), id.end(), expected.begin() + 8);
  BOOST_TEST(to_hex(request.datagram) == to_hex(expected));
  now += 40ms;
  const auto response = answer_binding(mine, request.datagram);
  BOOST_TEST(uut.handle_datagram(now, first, response.value()));
  const auto event = uut.poll_event();
  BOOST_TEST_REQUIRE(event.has_value());
  const auto& x = std::get<address_query::mapped>(*event);
  BOOST_TEST((x.address == mine));
  BOOST_TEST((x.server == first));
  BOOST_TEST((x.rtt == duration{40ms}));
  BOOST_TEST(uut.over());
  BOOST_TEST(!uut.poll_timeout().has_value());
  BOOST_TEST(!uut.poll_event().has_value());
  BOOST_TEST(!uut.handle_datagram(now, first, response.value()));
}

BOOST_AUTO_TEST_CASE(each_silent_server_gets_three_seconds) {
  std::vector<std::pair<duration, endpoint>> departures;
  while (!uut.over()) {
    while (const auto x = uut.poll_transmit())
      departures.emplace_back(now - start, x->to);
    wait();
  }
  const std::vector<std::pair<duration, endpoint>> expected{
    {0ms, first}, {500ms, first}, {1'500ms, first}, {3s, second}, {3'500ms, second}, {4'500ms, second}};
  BOOST_TEST((departures == expected));
  BOOST_TEST((now - start == 6s));
  BOOST_TEST(failed());
}

BOOST_AUTO_TEST_CASE(without_servers_it_fails_at_once) {
  uut = query({});
  BOOST_TEST(uut.over());
  BOOST_TEST(!uut.poll_transmit().has_value());
  BOOST_TEST(failed());
}

BOOST_AUTO_TEST_CASE(every_request_has_an_id_of_its_own) {
  std::vector<endpoint> servers(address_query::servers_max + 3, first);
  uut = query(servers);
  std::set<transaction_id> ids;
  std::size_t asked = 0;
  while (!uut.over()) {
    if (const auto x = uut.poll_transmit()) {
      ids.insert(id_of(*x));
      ++asked;
    }
    uut.handle_refused(now, first);
  }
  BOOST_TEST(asked == address_query::servers_max);
  BOOST_TEST(ids.size() == asked);
}

BOOST_AUTO_TEST_CASE(a_refused_server_is_given_up_at_once) {
  sent();
  uut.handle_refused(now, second); // Not the one that was asked.
  BOOST_TEST(!uut.poll_transmit().has_value());
  uut.handle_refused(now, first);
  BOOST_TEST((sent().to == second));
  uut.handle_refused(now, second);
  BOOST_TEST(failed());
}

BOOST_AUTO_TEST_CASE(answers_from_strangers_do_not_count) {
  const auto request = sent();
  const auto response = answer_binding(mine, request.datagram).value();
  BOOST_TEST(!uut.handle_datagram(now, second, response));
  BOOST_TEST(!uut.handle_datagram(now, {first.address, 1}, response));
  auto other_id = response;
  other_id[8] ^= 1;
  BOOST_TEST(!uut.handle_datagram(now, first, other_id));
  BOOST_TEST(!uut.handle_datagram(now, first, as_bytes("no STUN at all, and long enough")));
  BOOST_TEST(!uut.poll_event().has_value());
  BOOST_TEST(uut.handle_datagram(now, first, response));
  BOOST_TEST((mapped() == mine));
}

BOOST_AUTO_TEST_CASE(a_late_answer_of_the_server_before_does_not_count) {
  const auto request = sent();
  uut.handle_refused(now, first);
  BOOST_TEST(!uut.handle_datagram(now, first, answer_binding(mine, request.datagram).value()));
  BOOST_TEST(!uut.poll_event().has_value());
}

BOOST_AUTO_TEST_CASE(a_damaged_answer_is_swallowed_and_the_wait_goes_on) {
  address_query::config cfg;
  cfg.fingerprint = true;
  uut = query({first}, cfg);
  const auto request = sent();
  auto response = answer_binding(mine, request.datagram).value();
  response[header_size + 8] ^= 1;
  BOOST_TEST(uut.handle_datagram(now, first, response));
  BOOST_TEST(!uut.poll_event().has_value());
  response[header_size + 8] ^= 1;
  BOOST_TEST(uut.handle_datagram(now, first, response));
  BOOST_TEST((mapped() == mine));
}

BOOST_AUTO_TEST_CASE(an_old_server_names_the_address_plainly) {
  const auto request = sent();
  auto response = success(request);
  response.add_address(attribute::mapped_address, mine);
  BOOST_TEST(answer(request, response));
  BOOST_TEST((mapped() == mine));
}

BOOST_AUTO_TEST_CASE(useless_answers_lead_to_the_next_server) {
  const std::vector<endpoint> nonsense{{ip_address{}, 1}, {ip_address::v4(224, 0, 0, 1), 1}, {mine.address, 0}};
  for (const auto& address : nonsense) {
    uut = query({first, second});
    const auto request = sent();
    auto response = success(request);
    response.add_xor_address(attribute::xor_mapped_address, address);
    BOOST_TEST(answer(request, response));
    BOOST_TEST((sent().to == second));
  }
  uut = query({first, second});
  auto request = sent();
  BOOST_TEST(answer(request, success(request))); // It names no address.
  request = sent();
  BOOST_TEST((request.to == second));
  auto strange = success(request); // It says something that we should understand.
  strange.add_xor_address(attribute::xor_mapped_address, mine).add_flag(0x7abc);
  BOOST_TEST(answer(request, strange));
  BOOST_TEST(failed());
}

BOOST_AUTO_TEST_CASE(an_error_leads_to_the_next_server) {
  const auto request = sent();
  message_builder response{message_class::error, method::binding, id_of(request)};
  response.add_error(error::server_error, "Server Error");
  BOOST_TEST(answer(request, response));
  BOOST_TEST((sent().to == second));
}

BOOST_AUTO_TEST_CASE(the_failure_says_what_happened) {
  using outcome = address_query::outcome;
  const auto why = [&] {
    const auto event = uut.poll_event();
    BOOST_REQUIRE(event.has_value());
    return std::get<address_query::failed>(*event);
  };
  while (!uut.over())
    wait();
  BOOST_TEST((why().why == outcome::silence));

  uut = query({first, second});
  sent();
  uut.handle_refused(now, first);
  while (!uut.over())
    wait();
  BOOST_TEST((why().why == outcome::refused));

  uut = query({first, second});
  auto request = sent();
  message_builder refusal{message_class::error, method::binding, id_of(request)};
  refusal.add_error(error::server_error, "Server Error");
  BOOST_TEST(answer(request, refusal));
  sent();
  uut.handle_refused(now, second);
  const auto told = why();
  BOOST_TEST((told.why == outcome::error));
  BOOST_TEST(told.error_code == 500);

  uut = query({first});
  request = sent();
  BOOST_TEST(answer(request, success(request)));
  BOOST_TEST((why().why == outcome::no_address));
}

BOOST_AUTO_TEST_CASE(a_referral_is_followed_once) {
  auto request = sent();
  BOOST_TEST(answer(request, refer(request, third)));
  request = sent();
  BOOST_TEST((request.to == third));
  BOOST_TEST(answer(request, refer(request, {ip_address::v4(192, 0, 2, 4), 3478})));
  request = sent();
  BOOST_TEST((request.to == second));
  BOOST_TEST(uut.handle_datagram(now, second, answer_binding(mine, request.datagram).value()));
  BOOST_TEST((mapped() == mine));
}

BOOST_AUTO_TEST_CASE(a_referral_to_a_known_server_or_another_family_is_not_followed) {
  for (const auto& to : {first, second, endpoint{ip_address::v6_loopback(), 3478}, endpoint{third.address, 0}}) {
    uut = query({first, second});
    const auto request = sent();
    BOOST_TEST(answer(request, refer(request, to)));
    BOOST_TEST((sent().to == second));
    uut.handle_refused(now, second);
    BOOST_TEST(failed());
  }
}

BOOST_AUTO_TEST_SUITE_END()
