// SPDX-License-Identifier: MIT
#include "protocols/dns/dns_name.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats::protocols;

BOOST_AUTO_TEST_SUITE(dns_names)

BOOST_AUTO_TEST_CASE(a_name_is_read_with_and_without_its_final_dot) {
  const auto a = dns_name::parse("_librats._tcp.local.");
  const auto b = dns_name::parse("_librats._tcp.local");
  BOOST_REQUIRE((a && b));
  BOOST_TEST((*a == *b));
  BOOST_TEST(a->to_string() == "_librats._tcp.local.");
  BOOST_TEST(a->wire_labels() == std::string_view{"\x08_librats\x04_tcp\x05local"});
  BOOST_TEST(a->wire_size() == 21u);
  BOOST_TEST(dns_name::parse(".")->is_root());
  BOOST_TEST(dns_name::parse("")->to_string() == ".");
}

BOOST_AUTO_TEST_CASE(dots_backslashes_and_odd_bytes_are_escaped_and_read_back) {
  const std::string_view label{"a.b\\c d\x01\xff\n", 10};
  const auto x = dns_name::of({label, "local"});
  BOOST_REQUIRE(x.has_value());
  BOOST_TEST(x->to_string() == "a\\.b\\\\c\\032d\\001\\255\\010.local.");
  const auto back = dns_name::parse(x->to_string());
  BOOST_REQUIRE(back.has_value());
  BOOST_TEST(back->first_label() == label);
  BOOST_TEST((*back == *x));
}

BOOST_AUTO_TEST_CASE(what_is_no_name_is_refused) {
  for (const auto* text : {"..", "a..b", ".a", "a\\", "a\\1", "a\\12", "a\\256", "a\\1x2"})
    BOOST_TEST(!dns_name::parse(text), text);
  BOOST_TEST(dns_name::parse(std::string(63, 'x')).has_value());
  BOOST_TEST(!dns_name::parse(std::string(64, 'x')));
  BOOST_TEST(!dns_name::of({"a", "", "b"}));
}

BOOST_AUTO_TEST_CASE(a_name_of_255_bytes_fits_and_one_more_does_not) {
  dns_name x;
  for (int i = 0; i < 3; ++i)
    BOOST_REQUIRE(x.append(std::string(63, 'x')));
  BOOST_TEST(!dns_name{x}.append(std::string(62, 'y')));
  BOOST_TEST(!x.below(std::string(62, 'y')));
  BOOST_TEST(x.below(std::string(61, 'y')).has_value());
  BOOST_REQUIRE(x.append(std::string(61, 'y')));
  BOOST_TEST(x.wire_size() == dns_name::wire_max);
  BOOST_TEST(!x.append("z"));
  BOOST_TEST(x.wire_size() == dns_name::wire_max);
}

BOOST_AUTO_TEST_CASE(case_does_not_matter_for_ascii_and_matters_beyond) {
  BOOST_TEST((*dns_name::parse("Rats-0A.LOCAL") == *dns_name::parse("rats-0a.local")));
  BOOST_TEST((*dns_name::of({"\xc3\x84"}) != *dns_name::of({"\xc3\xa4"}))); // Two umlauts in UTF-8.
  BOOST_TEST((*dns_name::of({"["}) != *dns_name::of({"{"})));               // 0x20 apart, and no letters.
  BOOST_TEST((*dns_name::of({"a", "b"}) != *dns_name::of({"a.b"})));
  BOOST_TEST(!(*dns_name::parse("A") < *dns_name::parse("a")));
  BOOST_TEST(!(*dns_name::parse("a") < *dns_name::parse("A")));
  BOOST_TEST((*dns_name::parse("a") < *dns_name::parse("b")));
}

BOOST_AUTO_TEST_CASE(families_of_names) {
  const auto type = *dns_name::parse("_librats._tcp.local");
  const auto x = *type.below("rats-1");
  BOOST_TEST(x.is_child_of(*dns_name::parse("_LIBRATS._tcp.local")));
  BOOST_TEST(!x.is_child_of(x));
  BOOST_TEST(!type.is_child_of(x));
  BOOST_TEST(!dns_name{}.is_child_of(dns_name{}));
  BOOST_TEST((dns_name{}.parent() == dns_name{}));
  BOOST_TEST(x.labels().size() == 4u);
  BOOST_TEST(x.first_label() == "rats-1");
}

BOOST_AUTO_TEST_CASE(text_of_strangers_becomes_one_harmless_line) {
  BOOST_TEST(escape_label("\x1b[31mred\nline") == "\\027[31mred\\010line");
  BOOST_TEST(ascii_lower("AbZ\xc4") == "abz\xc4");
}

BOOST_AUTO_TEST_SUITE_END()
