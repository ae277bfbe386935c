// SPDX-License-Identifier: MIT
#include "protocols/core/take_front.hpp"

#include <boost/test/unit_test.hpp>

#include <deque>
#include <memory>

using namespace librats;

BOOST_AUTO_TEST_SUITE(taking_the_front)

BOOST_AUTO_TEST_CASE(elements_come_out_in_order_and_then_none) {
  std::deque<std::unique_ptr<int>> queue; // Can only be moved.
  queue.push_back(std::make_unique<int>(1));
  queue.push_back(std::make_unique<int>(2));
  BOOST_TEST(**take_front(queue) == 1);
  BOOST_TEST(queue.size() == 1u);
  BOOST_TEST(**take_front(queue) == 2);
  BOOST_TEST(!take_front(queue));
}

BOOST_AUTO_TEST_SUITE_END()
