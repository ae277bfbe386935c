// SPDX-License-Identifier: MIT
#include "protocols/datagram/byte_queue.hpp"

#include "protocols/core/small_random.hpp"
#include "tests/protocols/support/allocations.hpp"
#include "tests/protocols/support/datagram_pair.hpp"

#include <boost/test/unit_test.hpp>

#include <deque>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;

BOOST_AUTO_TEST_SUITE(byte_queues)

BOOST_AUTO_TEST_CASE(it_does_what_a_deque_does) {
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    small_random random{seed};
    byte_queue uut;
    std::deque<std::uint8_t> model;
    for (int i = 0; i < 400; ++i) {
      if (random.below(2) == 0) {
        const auto in = pattern(random.below(random.below(2) == 0 ? 40'000 : 600), static_cast<std::uint32_t>(i));
        uut.append(in);
        model.insert(model.end(), in.begin(), in.end());
      } else {
        const auto n = static_cast<std::size_t>(random.below(model.size() + 1));
        uut.pop(n);
        model.erase(model.begin(), model.begin() + static_cast<std::ptrdiff_t>(n));
      }
      BOOST_TEST_REQUIRE(uut.size() == model.size());
      const auto from = static_cast<std::size_t>(random.below(model.size() + 1));
      bytes some(std::min<std::size_t>(random.below(40'000), model.size() - from));
      uut.copy(uut.begin() + from, some);
      BOOST_TEST_REQUIRE(std::equal(some.begin(), some.end(), model.begin() + static_cast<std::ptrdiff_t>(from)));
      const auto front = uut.front();
      BOOST_TEST_REQUIRE(front.empty() == model.empty());
      BOOST_TEST_REQUIRE(std::equal(front.begin(), front.end(), model.begin()));
    }
  }
}

BOOST_AUTO_TEST_CASE(an_empty_queue_holds_no_memory_and_a_short_one_little) {
  const auto before = allocated_bytes();
  byte_queue uut;
  BOOST_TEST(allocated_bytes() == before);
  uut.append(as_bytes("hello"));
  BOOST_TEST(allocated_bytes() - before < 600u);
  uut.append(pattern(100'000));
  BOOST_TEST(allocated_bytes() - before < 100'000u + 2 * byte_queue::chunk_size);
  uut.pop(100'000);
  BOOST_TEST(allocated_bytes() - before < 3 * byte_queue::chunk_size);
  uut.clear();
  BOOST_TEST(allocated_bytes() == before);
  BOOST_TEST(uut.begin() == 100'005u);
}

BOOST_AUTO_TEST_SUITE_END()
