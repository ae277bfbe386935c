// SPDX-License-Identifier: MIT
#include "protocols/stun/address_mask.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols::stun;

BOOST_AUTO_TEST_SUITE(stun_address_mask)

BOOST_AUTO_TEST_CASE(it_is_the_cookie_and_then_the_id) {
  const transaction_id id{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  BOOST_TEST(to_hex(mask_for(id)) == "2112a4420102030405060708090a0b0c");
  BOOST_TEST(port_mask(mask_for(id)) == 0x2112);
  BOOST_TEST(port_mask(no_mask) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
