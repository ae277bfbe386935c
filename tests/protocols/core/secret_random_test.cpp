// SPDX-License-Identifier: MIT
#include "protocols/core/secret_random.hpp"

#include <boost/test/unit_test.hpp>

#include <set>

using namespace librats;

namespace {

constexpr secret_random::key_type key_of(std::uint8_t n) {
  return {n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
}

} // namespace

BOOST_AUTO_TEST_SUITE(secret_choices)

BOOST_AUTO_TEST_CASE(one_key_gives_one_sequence_and_another_key_another) {
  secret_random a{key_of(1)};
  secret_random b{key_of(1)};
  secret_random c{key_of(2)};
  for (int i = 0; i < 100; ++i) {
    const auto x = a.next();
    BOOST_TEST(x == b.next());
    BOOST_TEST(x != c.next());
  }
}

BOOST_AUTO_TEST_CASE(values_do_not_repeat_and_all_bits_move) {
  secret_random x{key_of(0)};
  std::set<std::uint64_t> seen;
  std::uint64_t ones = 0;
  std::uint64_t zeros = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto value = x.next();
    seen.insert(value);
    ones |= value;
    zeros |= ~value;
  }
  BOOST_TEST(seen.size() == 1000u);
  BOOST_TEST(ones == ~std::uint64_t{0});
  BOOST_TEST(zeros == ~std::uint64_t{0});
}

BOOST_AUTO_TEST_CASE(a_bound_is_kept_and_reached) {
  secret_random x{key_of(3)};
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 200; ++i)
    seen.insert(x.below(5));
  BOOST_TEST(seen.size() == 5u);
  BOOST_TEST(*seen.rbegin() == 4u);
  BOOST_TEST(x.below(0) == 0u);
}

BOOST_AUTO_TEST_CASE(odd_lengths_are_filled_to_the_last_byte) {
  std::array<bool, 13> touched{};
  secret_random x{key_of(4)};
  for (int i = 0; i < 20; ++i) {
    const auto drawn = x.draw<13>();
    for (std::size_t j = 0; j < drawn.size(); ++j)
      touched[j] = touched[j] || drawn[j] != 0;
  }
  for (const bool one : touched)
    BOOST_TEST(one);
}

BOOST_AUTO_TEST_SUITE_END()
