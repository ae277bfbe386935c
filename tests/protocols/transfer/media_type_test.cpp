// SPDX-License-Identifier: MIT
#include "protocols/transfer/media_type.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

namespace librats::protocols {

BOOST_AUTO_TEST_SUITE(media_type)

BOOST_AUTO_TEST_CASE(the_ending_names_the_type_in_either_case) {
  const auto of = [](std::string_view name) { return std::string{media_type_of(name)}; };
  BOOST_TEST(of("a.png") == "image/png");
  BOOST_TEST(of("Photos/A.B.JPEG") == "image/jpeg");
  BOOST_TEST(of("7z.7z") == "application/x-7z-compressed"); // The first of the table...
  BOOST_TEST(of("x.zst") == "application/zstd");            // ... and the last.
  BOOST_TEST(of("page.htm") == of("page.html"));
}

BOOST_AUTO_TEST_CASE(what_says_nothing_is_just_bytes) {
  for (const auto* name : {"", "png", ".", "x.", "dir.png/x", "dir.png\\x", "x.pngg", "x.longending", "x.\xff"})
    BOOST_TEST(std::string{media_type_of(name)} == "application/octet-stream", name);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::protocols
