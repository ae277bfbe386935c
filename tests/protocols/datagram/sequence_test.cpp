// SPDX-License-Identifier: MIT
#include "protocols/datagram/sequence.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats::protocols;

BOOST_AUTO_TEST_SUITE(sequence_numbers)

BOOST_AUTO_TEST_CASE(order_survives_the_wrap) {
  BOOST_TEST(sequence_before(1, 2));
  BOOST_TEST(!sequence_before(2, 2));
  BOOST_TEST(!sequence_before(2, 1));
  BOOST_TEST(sequence_before(0xffffffff, 0));
  BOOST_TEST(!sequence_before(0, 0xffffffff));
  BOOST_TEST(sequence_before(0xfffffff0, 0x10));
}

BOOST_AUTO_TEST_CASE(distances_are_signed) {
  BOOST_TEST(sequence_distance(5, 8) == 3);
  BOOST_TEST(sequence_distance(8, 5) == -3);
  BOOST_TEST(sequence_distance(0xffffffff, 1) == 2);
  BOOST_TEST(sequence_distance(1, 0xffffffff) == -2);
}

BOOST_AUTO_TEST_SUITE_END()
