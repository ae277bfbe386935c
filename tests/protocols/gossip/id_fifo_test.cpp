// SPDX-License-Identifier: MIT
#include "protocols/gossip/id_fifo.hpp"

#include "protocols/core/small_random.hpp"
#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

#include <deque>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;

namespace {

message_id id(std::uint64_t n) {
  return {peer_id{filled(1)}, n};
}

} // namespace

BOOST_AUTO_TEST_SUITE(id_fifos)

BOOST_AUTO_TEST_CASE(it_agrees_with_a_plain_queue_through_a_hundred_thousand_changes) {
  id_fifo<std::uint64_t> x{7};
  std::deque<std::uint64_t> model;
  small_random random{3};
  std::uint64_t next = 0;
  for (int i = 0; i < 100'000; ++i) {
    // Grows and shrinks in waves, down to nothing.
    const bool grow = model.empty() || random.below(100) < (i / 5'000 % 2 == 0 ? 60u : 35u);
    if (grow) {
      BOOST_TEST_REQUIRE(x.push(id(next), next * 2) != nullptr);
      model.push_back(next++);
    } else {
      BOOST_TEST_REQUIRE(x.front().value == model.front() * 2);
      x.pop_front();
      model.pop_front();
    }
    BOOST_TEST_REQUIRE(x.size() == model.size());
    const auto probe = random.below(next + 2);
    const bool there = !model.empty() && probe >= model.front() && probe < next;
    const auto* found = x.find(id(probe));
    BOOST_TEST_REQUIRE((found != nullptr) == there);
    if (there) {
      BOOST_TEST_REQUIRE(*found == probe * 2);
      BOOST_TEST_REQUIRE(x.push(id(probe), 1) == nullptr);
    }
  }
  for (const auto n : model)
    BOOST_TEST_REQUIRE(x.contains(id(n)));
}

BOOST_AUTO_TEST_CASE(entries_are_numbered_in_the_order_of_their_coming) {
  id_fifo<int> x{1};
  BOOST_TEST(x.empty());
  for (int i = 0; i < 10; ++i)
    x.push(id(static_cast<std::uint64_t>(i)), i);
  for (int i = 0; i < 4; ++i)
    x.pop_front();
  BOOST_TEST(x.first() == 4u);
  BOOST_TEST(x.end() == 10u);
  for (auto at = x.first(); at < x.end(); ++at)
    BOOST_TEST(x.at(at).value == static_cast<int>(at));
  *x.find(id(5)) = 50;
  BOOST_TEST(x.at(5).value == 50);
}

BOOST_AUTO_TEST_SUITE_END()
