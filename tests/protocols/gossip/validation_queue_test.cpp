// SPDX-License-Identifier: MIT
#include "protocols/gossip/validation_queue.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;
using namespace std::chrono_literals;

namespace {

constexpr time_point start{1h};
peer_id peer(std::uint8_t n) {
  return peer_id{filled(n)};
}
message_id id(std::uint64_t n) {
  return {peer(1), n};
}
gossip_delivery message(std::uint64_t n, std::uint8_t from) {
  return {id(n), peer(from), {}, authorship::claimed};
}
byte_slice payload(std::size_t size) {
  return byte_slice{bytes(size, 9)};
}

} // namespace

BOOST_AUTO_TEST_SUITE(validation_queues)

BOOST_AUTO_TEST_CASE(a_ticket_gives_its_message_once) {
  validation_queue x{{}, 1};
  const auto first = x.add(start, message(1, 7), payload(10));
  const auto second = x.add(start, message(2, 7), payload(10));
  BOOST_TEST_REQUIRE((first && second && *first != *second));
  BOOST_TEST(!x.add(start, message(1, 8), payload(10)));
  const auto taken = x.take(*first);
  BOOST_TEST_REQUIRE(taken.has_value());
  BOOST_TEST((taken->message.id == id(1)));
  BOOST_TEST(!x.take(*first));
  BOOST_TEST(x.size() == 1u);
}

BOOST_AUTO_TEST_CASE(those_who_bring_it_meanwhile_are_noted_once) {
  validation_queue x{{}, 1};
  const auto ticket = x.add(start, message(1, 7), payload(10));
  BOOST_TEST(!x.add_carrier(id(1), peer(7)));
  BOOST_TEST(x.add_carrier(id(1), peer(8)));
  BOOST_TEST(!x.add_carrier(id(1), peer(8)));
  BOOST_TEST(!x.add_carrier(id(2), peer(8)));
  for (int n = 10; n < 100; ++n)
    x.add_carrier(id(1), peer(static_cast<std::uint8_t>(n)));
  const auto taken = x.take(*ticket);
  BOOST_TEST((taken->carriers[0] == peer(7) && taken->carriers[1] == peer(8)));
  BOOST_TEST(taken->carriers.size() == validation_queue::carriers_max);
}

BOOST_AUTO_TEST_CASE(whoever_waits_too_long_comes_out_in_order) {
  validation_queue x{{}, 1};
  x.add(start, message(1, 7), payload(1));
  x.add(start + 1s, message(2, 7), payload(1));
  BOOST_TEST((x.poll_timeout() == start + 10s));
  BOOST_TEST(!x.take_expired(start + 10s - 1ns));
  BOOST_TEST((x.take_expired(start + 10s)->message.id == id(1)));
  BOOST_TEST(!x.take_expired(start + 10s));
  BOOST_TEST((x.poll_timeout() == start + 11s));
}

BOOST_AUTO_TEST_CASE(number_bytes_and_shares_are_bounded) {
  validation_queue::config cfg;
  cfg.messages_max = 5;
  cfg.messages_per_peer_max = 3;
  cfg.bytes_max = 100;
  validation_queue x{cfg, 1};
  for (std::uint64_t n = 1; n <= 3; ++n)
    BOOST_TEST(x.add(start, message(n, 7), payload(10)).has_value());
  BOOST_TEST(!x.add(start, message(4, 7), payload(10)));
  BOOST_TEST(!x.add(start, message(4, 8), payload(71)));
  const auto large = x.add(start, message(4, 8), payload(70));
  BOOST_TEST_REQUIRE(large.has_value());
  BOOST_TEST(!x.add(start, message(5, 8), payload(1)));
  x.take(*large);
  BOOST_TEST(x.add(start, message(5, 8), payload(1)).has_value());
  BOOST_TEST(x.add(start, message(6, 8), payload(1)).has_value());
  BOOST_TEST(!x.add(start, message(7, 9), payload(1)));
}

BOOST_AUTO_TEST_SUITE_END()
