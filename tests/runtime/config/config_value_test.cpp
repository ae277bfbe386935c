// SPDX-License-Identifier: MIT
#include "runtime/config/config_value.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace librats::runtime {
namespace {

using namespace std::chrono_literals;
using namespace std::string_view_literals;

constexpr std::int64_t kib = 1024;
constexpr std::int64_t gib = kib * kib * kib;

const config_rule boolean{config_kind::boolean, 0, 0, {}};
const config_rule port{config_kind::integer, 0, 65535, {}};
const config_rule offset{config_kind::integer, -10, 10, {}};
const config_rule size{config_kind::size, kib, gib, {}};
const config_rule span{config_kind::span, 0, duration{5min}.count(), {}};
const config_rule word{config_kind::word, 0, 0, {"noise", "plaintext"}};
const config_rule text{config_kind::text, 1, 8, {}};
const config_rule address{config_kind::address, 0, 4095, {}};
const config_rule tags{config_kind::text_list, 0, 8, {}};
const config_rule peers{config_kind::endpoint_list, 0, 4095, {}};

struct good_case {
  const config_rule& rule;
  std::string_view text;
  config_value value;
};

struct bad_case {
  const config_rule& rule;
  std::string_view text;
  std::string_view problem;
};

void check_good(const std::vector<good_case>& cases) {
  for (const auto& c : cases)
    BOOST_TEST_CONTEXT("text: " << c.text) {
      const auto parsed = parse_value(c.rule, c.text);
      BOOST_TEST(parsed.problem == "");
      BOOST_TEST((parsed.value == c.value));
    }
}

void check_bad(const std::vector<bad_case>& cases) {
  for (const auto& c : cases)
    BOOST_TEST_CONTEXT("text: " << c.text)
  BOOST_TEST(parse_value(c.rule, c.text).problem == c.problem);
}

BOOST_AUTO_TEST_SUITE(config_value_suite)

BOOST_AUTO_TEST_CASE(booleans_and_words_are_read_in_any_case) {
  check_good({{boolean, "true", true}, {boolean, "Yes", true}, {boolean, "ON", true}, {boolean, "1", true},
    {boolean, "false", false}, {boolean, "no", false}, {boolean, "Off", false}, {boolean, "0", false},
    {word, "noise", std::string{"noise"}}, {word, "PlainText", std::string{"plaintext"}}});
  check_bad({{boolean, "", "is neither true nor false"}, {boolean, "2", "is neither true nor false"},
    {boolean, "truee", "is neither true nor false"}, {word, "", "is not one of the accepted words"},
    {word, "nois", "is not one of the accepted words"}});
}

BOOST_AUTO_TEST_CASE(integers_are_whole_decimal_and_within_their_range) {
  check_good({{port, "0", std::int64_t{0}}, {port, "65535", std::int64_t{65535}}, {port, "007", std::int64_t{7}},
    {offset, "-10", std::int64_t{-10}}});
  for (const auto bad :
    {""sv, "x"sv, "1x"sv, "1.5"sv, "0x10"sv, "+1"sv, "1 2"sv, "- 1"sv, "1e3"sv, "--1"sv, "1,000"sv, "1\0"sv})
    check_bad({{port, bad, "is not a whole number"}});
  for (const auto bad : {"65536"sv, "-1"sv, "99999999999999999999"sv, "-99999999999999999999"sv})
    check_bad({{port, bad, "is out of range"}});
  check_bad({{offset, "11", "is out of range"}, {offset, "-11", "is out of range"}});
}

BOOST_AUTO_TEST_CASE(sizes_take_binary_units) {
  check_good({{size, "1024", kib}, {size, "2048 B", 2 * kib}, {size, "64KiB", 64 * kib}, {size, "64 KiB", 64 * kib},
    {size, "8  mib", 8 * kib * kib}, {size, "1 GiB", gib}});
  check_bad({{size, "", "is not a size in whole numbers"}, {size, "KiB", "is not a size in whole numbers"},
    {size, "1.5 MiB", "is not a size in whole numbers"}, {size, "64 KB", "has an unknown unit"},
    {size, "64 K", "has an unknown unit"}, {size, "64 KiB x", "has an unknown unit"},
    {size, "0x10", "has an unknown unit"}, {size, "1023", "is out of range"}, {size, "2 GiB", "is out of range"},
    {size, "-64 KiB", "is out of range"}, {size, "9999999999999 GiB", "is out of range"},
    {size, "99999999999999999999", "is out of range"}});
}

BOOST_AUTO_TEST_CASE(times_need_a_unit) {
  check_good({{span, "250ms", duration{250ms}}, {span, "15 s", duration{15s}}, {span, "5 min", duration{5min}},
    {span, "0 h", duration{0}}, {span, "0", duration{0}}, {span, "300 S", duration{300s}}});
  check_bad({{span, "", "is not a time in whole numbers"}, {span, "s", "is not a time in whole numbers"},
    {span, "1.5 s", "is not a time in whole numbers"}, {span, "15", "has no unit"},
    {span, "15 sec", "has an unknown unit"}, {span, "15 m", "has an unknown unit"},
    {span, "1 d", "has an unknown unit"}, {span, "6 min", "is out of range"}, {span, "-1 s", "is out of range"},
    {span, "9223372036854775807 h", "is out of range"}, {span, "-9223372036854775808 h", "is out of range"}});
}

BOOST_AUTO_TEST_CASE(text_is_utf8_without_control_characters_and_of_limited_length) {
  check_good({{text, "x", std::string{"x"}}, {text, "12345678", std::string{"12345678"}},
    {text, "\xe2\x82\xac", std::string{"\xe2\x82\xac"}}});
  check_bad({{text, "", "is too short"}, {text, "123456789", "is too long"}, {text, "\xff", "is not UTF-8"},
    {text, "a\nb", "has a control character"}, {text, "a\tb", "has a control character"},
    {text, "a\0b"sv, "has a control character"}, {text, "\x7f", "has a control character"}});
}

BOOST_AUTO_TEST_CASE(addresses_are_literals_or_nothing) {
  check_good({{address, "", std::string{}}, {address, "127.0.0.1", std::string{"127.0.0.1"}},
    {address, "::", std::string{"::"}}, {address, "fe80::1", std::string{"fe80::1"}}});
  for (const auto bad :
    {"localhost"sv, "1.2.3"sv, "256.0.0.1"sv, "[::1]"sv, "fe80::1%eth0"sv, "127.0.0.1:80"sv, ":::"sv})
    check_bad({{address, bad, "is not an IP address"}});
  check_bad({{address, "127.0.0.1\0x"sv, "has a control character"}});
}

BOOST_AUTO_TEST_CASE(list_elements_are_read_one_by_one) {
  check_good({{tags, "", std::vector<std::string>{}}, {tags, "a b", std::vector<std::string>{"a b"}}});
  check_bad({{tags, "123456789", "is too long"}, {tags, "\x01", "has a control character"}});
}

BOOST_AUTO_TEST_CASE(a_single_endpoint_is_read_without_a_rule) {
  BOOST_TEST((parse_host_port("[::1]:7003") == host_port{"::1", 7003}));
  BOOST_TEST((parse_host_port("localhost:1") == host_port{"localhost", 1}));
  for (const auto* bad : {"", "localhost", "localhost:0", "::1:7003", "local host:1"})
    BOOST_TEST(!parse_host_port(bad).has_value(), bad);
}

BOOST_AUTO_TEST_CASE(endpoints_are_host_and_port) {
  const auto one = [](const char* host, std::uint16_t p) { return std::vector<host_port>{{host, p}}; };
  const std::string label(63, 'a');
  const auto longest = label + "." + label + "." + label + "." + std::string(61, 'a');
  check_good({{peers, "", std::vector<host_port>{}}, {peers, "127.0.0.1:1", one("127.0.0.1", 1)},
    {peers, "peer.example.com:65535", one("peer.example.com", 65535)}, {peers, "my_host-1:80", one("my_host-1", 80)},
    {peers, "example.com.:80", one("example.com.", 80)}, {peers, "[::1]:7001", one("::1", 7001)},
    {peers, longest + ":1", one(longest.c_str(), 1)}});
  for (const auto bad : {"host"sv, "127.0.0.1"sv, "[::1]"sv})
    check_bad({{peers, bad, "has no port"}});
  for (const auto bad : {"host:"sv, "host:0"sv, "host:65536"sv, "host:x"sv, "host:-1"sv, "host:1x"sv, "host: 1"sv,
         "host:99999999999999999999"sv})
    check_bad({{peers, bad, "has no port from 1 to 65535"}});
  check_bad({{peers, "::1:80", "has several colons; an IPv6 address goes in brackets"},
    {peers, "a:1:2", "has several colons; an IPv6 address goes in brackets"},
    {peers, "[127.0.0.1]:80", "has no IPv6 address between its brackets"},
    {peers, "[host]:80", "has no IPv6 address between its brackets"},
    {peers, "[]:80", "has no IPv6 address between its brackets"},
    {peers, "[fe80::1%eth0]:80", "has no IPv6 address between its brackets"},
    {peers, "[::1\0]:80"sv, "has a control character"}});
  const auto too_long = longest + "a:1";
  const auto long_label = label + "a.com:1";
  for (const auto bad : {":80"sv, ".:80"sv, "a..b:80"sv, ".a:80"sv, "ho st:80"sv, "1.2.3:80"sv, "256.1.1.1:80"sv,
         "a/b:80"sv, "http//x:80"sv, "b\xc3\xbc:80"sv, std::string_view{too_long}, std::string_view{long_label}})
    check_bad({{peers, bad, "has no host name or IPv4 address before the port"}});
}

BOOST_AUTO_TEST_CASE(values_print_in_the_largest_whole_unit_and_read_back) {
  const std::vector<good_case> cases = {{size, "1 KiB", kib}, {size, "1025 B", kib + 1}, {size, "1 GiB", gib},
    {size, "1536 KiB", 1536 * kib}, {span, "0 s", duration{0}}, {span, "90 s", duration{90s}},
    {span, "1 min", duration{60s}}, {span, "1500 ms", duration{1500ms}}, {boolean, "true", true},
    {boolean, "false", false}, {offset, "-3", std::int64_t{-3}}, {word, "noise", std::string{"noise"}}};
  for (const auto& c : cases) {
    const auto printed = format_value(c.rule, c.value);
    BOOST_REQUIRE(printed.size() == 1u);
    BOOST_TEST(printed[0] == c.text);
    BOOST_TEST((parse_value(c.rule, printed[0]).value == c.value));
  }
  const std::vector<host_port> list = {{"::1", 1}, {"a.b", 2}};
  const std::vector<std::string> expected = {"[::1]:1", "a.b:2"};
  BOOST_TEST(format_value(peers, list) == expected, boost::test_tools::per_element());
  BOOST_TEST(format_value(peers, std::vector<host_port>{}).empty());
}

BOOST_AUTO_TEST_CASE(what_is_accepted_is_told_with_unit_and_range) {
  BOOST_TEST(describe_accepted(boolean) == "true or false");
  BOOST_TEST(describe_accepted(port) == "a whole number from 0 to 65535");
  BOOST_TEST(describe_accepted(size) == "a size in B, KiB, MiB or GiB from 1 KiB to 1 GiB");
  BOOST_TEST(describe_accepted(span) == "a time in ms, s, min or h from 0 s to 5 min");
  BOOST_TEST(describe_accepted(word) == "noise or plaintext");
  BOOST_TEST(describe_accepted({config_kind::word, 0, 0, {"a", "b", "c"}}) == "a, b or c");
  BOOST_TEST(describe_accepted(text) == "text of 1 to 8 bytes");
  BOOST_TEST(describe_accepted(address) == "an IPv4 or IPv6 address, or nothing");
  BOOST_TEST(describe_accepted(tags) == "text of at most 8 bytes; may be repeated");
  BOOST_TEST(describe_accepted(peers) == "host:port or [IPv6]:port; may be repeated");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace librats::runtime
