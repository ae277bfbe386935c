// SPDX-License-Identifier: MIT
#include "protocols/bencode/writer.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>

using namespace librats;
using namespace librats::protocols;

BOOST_AUTO_TEST_SUITE(bencode_writer)

BOOST_AUTO_TEST_CASE(values_of_every_kind_are_written) {
  bytes out;
  bencode::writer w{out};
  w.open_dictionary();
  w.key("a").open_list().integer(-3).string("xyz").open_dictionary().close().close();
  w.member("b", std::int64_t{7}).member("c", "text").member("d", bytes_view{});
  w.key("e").raw(as_bytes("li1ee"));
  BOOST_TEST(!w.complete());
  w.close();
  BOOST_TEST(w.complete());
  BOOST_TEST(as_text(out) == "d1:ali-3e3:xyzdee1:bi7e1:c4:text1:d0:1:eli1eee");
}

BOOST_AUTO_TEST_CASE(numbers_fill_64_bits) {
  bytes out;
  bencode::writer w{out};
  w.open_list()
    .integer(std::numeric_limits<std::int64_t>::min())
    .integer(0)
    .integer(std::numeric_limits<std::int64_t>::max())
    .close();
  BOOST_TEST(as_text(out) == "li-9223372036854775808ei0ei9223372036854775807ee");
}

BOOST_AUTO_TEST_CASE(it_appends_to_what_is_there) {
  bytes out{'>'};
  bencode::writer{out}.string("ab");
  BOOST_TEST(as_text(out) == ">2:ab");
}

BOOST_AUTO_TEST_SUITE_END()
