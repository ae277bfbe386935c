// SPDX-License-Identifier: MIT
#include "protocols/mdns/service_text.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;

using strings = std::vector<std::string>;

BOOST_AUTO_TEST_SUITE(service_texts)

BOOST_AUTO_TEST_CASE(entries_are_written_as_upstream_writes_them) {
  BOOST_TEST((encode_txt({{"flag", ""}, {"v", "1"}}) == strings{"flag", "v=1"}));
  BOOST_TEST((encode_txt({}) == strings{}));
  BOOST_TEST((encode_txt({{"k", "a=b"}}) == strings{"k=a=b"}));
}

BOOST_AUTO_TEST_CASE(what_no_record_can_hold_is_refused) {
  BOOST_TEST(!encode_txt({{"", "x"}}));
  BOOST_TEST(!encode_txt({{"a=b", "x"}}));
  BOOST_TEST(!encode_txt({{"a\n", "x"}}));
  BOOST_TEST(encode_txt({{"k", std::string(253, 'x')}}).has_value());
  BOOST_TEST(!encode_txt({{"k", std::string(254, 'x')}}));
  txt_map many;
  for (char c = 'a'; c < 'e'; ++c)
    many[std::string(1, c)] = std::string(222, 'x');
  BOOST_TEST(encode_txt(many).has_value()); // 4 * 225: exactly txt_size_max.
  many["a"] += 'x';
  BOOST_TEST(!encode_txt(many));
}

BOOST_AUTO_TEST_CASE(texts_of_strangers_are_read_with_care) {
  const auto x = decode_txt({"", "=no key", "Key=1", "key=2", "KEY", "flag", "empty=", "bin=\x00\xff", "k\x01=x"});
  BOOST_TEST(x.size() == 4u);
  BOOST_TEST(x.at("Key") == "1");
  BOOST_TEST(x.at("flag").empty());
  BOOST_TEST(x.at("empty").empty());
  BOOST_TEST(x.count("bin") == 1u);
  BOOST_TEST(*find_txt(x, "kEY") == "1");
  BOOST_TEST(find_txt(x, "other") == nullptr);
  strings flood;
  for (int i = 0; i < 100; ++i)
    flood.push_back("k" + std::to_string(i) + "=" + std::string(200, 'x'));
  BOOST_TEST(decode_txt(flood).size() == 4u);
}

BOOST_AUTO_TEST_CASE(labels_are_cleaned_as_upstream_cleans_them) {
  BOOST_TEST(clean_label("my_host name.local", "x") == "my-host-name-local");
  BOOST_TEST(clean_label("", "fallback") == "fallback");
  BOOST_TEST(clean_label("\xc3\xa4", "x") == "--");
  BOOST_TEST(clean_label(std::string(100, 'a'), "x").size() == 63u);
}

BOOST_AUTO_TEST_CASE(a_number_makes_another_name_that_still_fits) {
  BOOST_TEST(numbered_label("rats-0badcafe", 1) == "rats-0badcafe");
  BOOST_TEST(numbered_label("rats-0badcafe", 2) == "rats-0badcafe-2");
  const auto longest = numbered_label(std::string(63, 'a'), 1234);
  BOOST_TEST(longest == std::string(58, 'a') + "-1234");
}

BOOST_AUTO_TEST_CASE(a_node_says_who_it_is_and_nobody_can_say_it_for_it) {
  peer_id id;
  id.raw.fill(0xab);
  id.raw[0] = 0x0b;
  BOOST_TEST(instance_label(id) == "rats-0bababab");
  const auto x = node_txt(id, "librats/1.0", {{"ID", "forged"}, {"mood", "good"}});
  BOOST_TEST(x.size() == 3u);
  BOOST_TEST(x.at("id") == id.to_string());
  BOOST_TEST(x.at("proto") == "librats/1.0");
  BOOST_TEST(x.at("mood") == "good");
}

BOOST_AUTO_TEST_SUITE_END()
