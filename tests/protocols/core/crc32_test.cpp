// SPDX-License-Identifier: MIT
#include "protocols/core/crc32.hpp"

#include <boost/test/unit_test.hpp>

#include <string_view>

using namespace librats;

namespace {

std::uint32_t of(std::string_view text) {
  return crc32{}.update(as_bytes(text)).value();
}

} // namespace

BOOST_AUTO_TEST_SUITE(crc32_value)

BOOST_AUTO_TEST_CASE(known_answers) {
  BOOST_TEST(of("") == 0u);
  BOOST_TEST(of("123456789") == 0xCBF43926u); // The check value of the catalogue of parametrised CRC algorithms.
  BOOST_TEST(of("The quick brown fox jumps over the lazy dog") == 0x414FA339u);
}

BOOST_AUTO_TEST_CASE(pieces_of_any_size_give_the_same_value) {
  const std::string_view text = "The quick brown fox jumps over the lazy dog";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    crc32 x;
    x.update(as_bytes(text.substr(0, cut))).update(as_bytes(text.substr(cut)));
    BOOST_TEST(x.value() == of(text), cut);
  }
}

BOOST_AUTO_TEST_SUITE_END()
