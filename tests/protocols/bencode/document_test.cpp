// SPDX-License-Identifier: MIT
#include "protocols/bencode/document.hpp"

#include "protocols/bencode/writer.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>
#include <random>
#include <string>

using namespace librats;
using namespace librats::protocols;
using bencode::document;
using bencode::errc;
using bencode::kind;

namespace {

auto parse(std::string_view text, const bencode::limits& limit = {}) {
  return document::parse(as_bytes(text), limit);
}

/// Empty when it is accepted.
std::optional<errc> refusal(std::string_view text, const bencode::limits& limit = {}) {
  const auto x = parse(text, limit);
  return x ? std::nullopt : std::optional{x.error()};
}

/// Writes again what a value holds, from the outside in.
void rewrite(const bencode::value& x, bencode::writer& out) {
  switch (x.type()) {
  case kind::integer: out.integer(*x.integer()); return;
  case kind::string: out.string(*x.string()); return;
  case kind::list:
    out.open_list();
    for (const auto item : x)
      rewrite(item, out);
    out.close();
    return;
  case kind::dictionary:
    out.open_dictionary();
    for (auto it = x.begin(); it != x.end(); ++it) {
      out.key(as_text(*(*it).string()));
      ++it;
      rewrite(*it, out);
    }
    out.close();
  }
}

std::string repeat(std::string_view text, std::size_t count) {
  std::string out;
  while (count-- != 0)
    out += text;
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(bencode_document)

BOOST_AUTO_TEST_CASE(every_kind_of_value_is_read) {
  BOOST_TEST(*parse("i42e")->root().integer() == 42);
  BOOST_TEST(*parse("i-42e")->root().integer() == -42);
  BOOST_TEST(*parse("i0e")->root().integer() == 0);
  BOOST_TEST(as_text(*parse("4:spam")->root().string()) == "spam");
  BOOST_TEST(parse("0:")->root().string()->empty());
  BOOST_TEST(as_text(*parse("11:hello:world")->root().string()) == "hello:world");

  const auto list = parse("l4:spami7ele1:xe");
  BOOST_TEST_REQUIRE(list.ok());
  std::vector<std::string> items;
  for (const auto item : list->root())
    items.emplace_back(as_text(item.raw()));
  BOOST_TEST((items == std::vector<std::string>{"4:spam", "i7e", "le", "1:x"}));

  const auto dictionary = parse("d3:cow3:moo4:spamd1:ai1eee");
  BOOST_TEST_REQUIRE(dictionary.ok());
  const auto root = dictionary->root();
  BOOST_TEST(as_text(*root.find_string("cow")) == "moo");
  BOOST_TEST(*root.find_dictionary("spam")->find_integer("a") == 1);
  BOOST_TEST(as_text(root.find("spam")->raw()) == "d1:ai1ee");
  BOOST_TEST(dictionary->size() == 7u);
}

BOOST_AUTO_TEST_CASE(a_value_is_not_taken_for_one_of_another_kind) {
  const auto x = parse("d1:ai1e1:bl1:xe1:cd1:yi1ee1:s1:ve");
  BOOST_TEST_REQUIRE(x.ok());
  const auto root = x->root();
  BOOST_TEST(!root.integer());
  BOOST_TEST(!root.string());
  BOOST_TEST(!root.find("nothing"));
  BOOST_TEST(!root.find_string("a"));
  BOOST_TEST(!root.find_list("a"));
  BOOST_TEST(!root.find_dictionary("b"));
  BOOST_TEST(!root.find_integer("s"));
  BOOST_TEST(!root.find("a")->find("x"));
  BOOST_TEST(!root.find("b")->find("x")); // An item is no key...
  BOOST_TEST(!root.find("v"));            // ...and neither is a value.
  BOOST_TEST(!root.find("y"));            // Nor what lies deeper.
  const auto number = *root.find("a");
  BOOST_TEST((number.begin() == number.end()));
}

BOOST_AUTO_TEST_CASE(the_bytes_of_any_part_are_those_that_arrived) {
  // Keys out of order, as a signature over them must survive.
  const std::string text = "d1:zi1e4:infod4:name1:x3:abcle2:aal1:be2:abi-5eee";
  const auto x = parse(text);
  BOOST_TEST_REQUIRE(x.ok());
  BOOST_TEST(as_text(x->root().raw()) == text);
  const auto info = *x->root().find_dictionary("info");
  BOOST_TEST(as_text(info.raw()) == "d4:name1:x3:abcle2:aal1:be2:abi-5ee");
  BOOST_TEST((info.raw().data() == reinterpret_cast<const std::uint8_t*>(text.data()) + 13)); // Not a copy.
}

BOOST_AUTO_TEST_CASE(integers_fill_64_bits_and_no_more) {
  BOOST_TEST(*parse("i9223372036854775807e")->root().integer() == std::numeric_limits<std::int64_t>::max());
  BOOST_TEST(*parse("i-9223372036854775808e")->root().integer() == std::numeric_limits<std::int64_t>::min());
  BOOST_TEST(*parse("i-9223372036854775807e")->root().integer() == -std::numeric_limits<std::int64_t>::max());
  for (const auto* text : {"i9223372036854775808e", "i-9223372036854775809e", "i18446744073709551615e",
         "i18446744073709551616e", "i99999999999999999999999999e", "i-99999999999999999999999999e"})
    BOOST_TEST((refusal(text) == errc::integer_overflow), text);
}

BOOST_AUTO_TEST_CASE(integers_are_canonical) {
  for (const auto* text : {"i-0e", "i00e", "i01e", "i-01e", "i0000000000000000000000001e"})
    BOOST_TEST((refusal(text) == errc::not_canonical), text);
  for (const auto* text : {"ie", "i-e", "i+1e", "i 1e", "i1 e", "i--1e", "i1.0e", "i0x1e", "i1:", "ixe", "i1-e"})
    BOOST_TEST((refusal(text) == errc::unexpected_byte), text);
  for (const auto* text : {"i", "i-", "i1", "i-1"})
    BOOST_TEST((refusal(text) == errc::truncated), text);
}

BOOST_AUTO_TEST_CASE(lengths_are_canonical_and_do_not_reach_beyond_the_end) {
  BOOST_TEST((refusal("00:") == errc::not_canonical));
  BOOST_TEST((refusal("01:a") == errc::not_canonical));
  BOOST_TEST((refusal("1") == errc::truncated));
  BOOST_TEST((refusal("1:") == errc::truncated));
  BOOST_TEST((refusal("5:abcd") == errc::truncated));
  BOOST_TEST((refusal("4294967296:abcd") == errc::truncated));
  BOOST_TEST((refusal("4294967300:abcd") == errc::truncated)); // 4 in 32 bits.
  BOOST_TEST((refusal("18446744073709551615:abcd") == errc::truncated));
  BOOST_TEST((refusal("18446744073709551620:abcd") == errc::truncated)); // 4 in 64 bits.
  BOOST_TEST((refusal("99999999999999999999999999999:a") == errc::truncated));
  BOOST_TEST((refusal("1x:a") == errc::unexpected_byte));
  BOOST_TEST((refusal("-1:a") == errc::unexpected_byte));
  BOOST_TEST((refusal("1e:a") == errc::unexpected_byte));
}

BOOST_AUTO_TEST_CASE(what_begins_with_anything_else_is_refused) {
  BOOST_TEST((refusal("") == errc::truncated));
  for (const auto* text : {"e", "x", ":", "-", "I1e", "l x e", "\n"})
    BOOST_TEST((refusal(text) == errc::unexpected_byte), text);
}

BOOST_AUTO_TEST_CASE(nothing_may_follow) {
  for (const auto* text : {"i1ei2e", "i1ee", "lee", "dee", "1:aa", "le\n", "de0:", "0:0:"})
    BOOST_TEST((refusal(text) == errc::trailing_bytes), text);
}

BOOST_AUTO_TEST_CASE(containers_end) {
  for (const auto* text : {"l", "d", "li1e", "l1:a", "d1:a", "d1:ai1e", "ll", "lle", "d1:al", "d1:ade"})
    BOOST_TEST((refusal(text) == errc::truncated), text);
}

BOOST_AUTO_TEST_CASE(keys_are_strings_with_a_value_each) {
  for (const auto* text : {"di1ei2ee", "dlei2ee", "ddei2ee", "d1:ai1ei1ei1ee", "dx1:ae"})
    BOOST_TEST((refusal(text) == errc::key_not_a_string), text);
  BOOST_TEST((refusal("d1:ae") == errc::unexpected_byte));
  BOOST_TEST((refusal("d1:ai1e1:be") == errc::unexpected_byte));
}

BOOST_AUTO_TEST_CASE(keys_come_in_any_order_but_do_not_repeat) {
  BOOST_TEST(!refusal("d1:ai1e1:bi2e1:ci3ee"));
  BOOST_TEST(!refusal("d1:ci1e1:bi2e1:ai3ee"));
  BOOST_TEST(*parse("d1:ci1e1:bi2e1:ai3ee")->root().find_integer("a") == 3);
  for (const auto* text : {"d1:ai1e1:ai2ee", "d1:bi1e1:ai2e1:bi3ee", "d1:ai1e1:ci1e1:bi1e1:ci2ee", "d0:i1e0:i1ee",
         "d1:ad1:xi1e1:xi1eee", "ld1:zi1e1:yi1e1:zi1eee", "d1:bd1:ai1ee1:al1:be1:ble1:cdee"})
    BOOST_TEST((refusal(text) == errc::duplicate_key), text);
  BOOST_TEST(!refusal("d1:ai1e2:aai1e0:i1ee")); // Prefixes of each other.
  BOOST_TEST(!refusal("d1:ad1:ai1ee1:bd1:ai1eee"));
  BOOST_TEST(!refusal(std::string_view{"d1:\xff"
                                       "i1e1:\x7fi1ee",
    14})); // Unsigned bytes.
}

BOOST_AUTO_TEST_CASE(nesting_ends_at_the_limit_without_recursion) {
  BOOST_TEST(!refusal(repeat("l", 100) + repeat("e", 100)));
  BOOST_TEST((refusal(repeat("l", 101) + repeat("e", 101)) == errc::too_deep));
  BOOST_TEST((refusal(repeat("d1:a", 101) + "i1e" + repeat("e", 101)) == errc::too_deep));
  BOOST_TEST((refusal(repeat("l", 1000000)) == errc::too_deep));
  bencode::limits deep;
  deep.depth_max = 1000000;
  deep.values_max = 2000000;
  deep.size_max = 4000000;
  const auto text = repeat("l", 1000000) + repeat("e", 1000000);
  const auto x = parse(text, deep);
  BOOST_TEST_REQUIRE(x.ok());
  BOOST_TEST(x->size() == 1000000u);
  BOOST_TEST(as_text((*x->root().begin()).raw()).size() == 1999998u);
  bencode::limits flat;
  flat.depth_max = 0;
  BOOST_TEST(!refusal("i1e", flat));
  BOOST_TEST((refusal("le", flat) == errc::too_deep));
}

BOOST_AUTO_TEST_CASE(the_number_of_values_and_the_size_have_limits) {
  bencode::limits few;
  few.values_max = 5;
  BOOST_TEST(!refusal("l0:0:0:0:e", few));
  BOOST_TEST((refusal("l0:0:0:0:0:e", few) == errc::too_many_values));
  BOOST_TEST(!refusal("d1:a0:1:b0:e", few));
  BOOST_TEST((refusal("d1:a0:1:b0:1:c0:e", few) == errc::too_many_values));
  few.size_max = 8;
  BOOST_TEST(!refusal("6:abcdef", few));
  BOOST_TEST((refusal("7:abcdefg", few) == errc::too_large));
}

BOOST_AUTO_TEST_CASE(every_truncated_length_is_refused) {
  const std::string whole = "d1:ad2:id20:abcdefghij01234567895:valuesl6:axje.ui-45ee1:t2:aae";
  const std::string text = "d1:ad2:id20:abcdefghij01234567894:listl6:axje.ui-45eee1:t2:aae";
  BOOST_TEST(!refusal(text));
  BOOST_TEST(refusal(whole).has_value()); // A length that is one short shifts everything after it.
  for (std::size_t n = 0; n < text.size(); ++n)
    BOOST_TEST((refusal(text.substr(0, n)) == errc::truncated), n);
}

BOOST_AUTO_TEST_CASE(random_bytes_never_do_more_than_fail) {
  std::mt19937_64 random{20260923};
  static constexpr std::string_view letters = "dddlleee0123i-:abi1e0:1:a";
  std::size_t accepted = 0;
  for (int i = 0; i < 200000; ++i) {
    std::string text(1 + random() % 14, ' ');
    for (auto& c : text)
      c = letters[random() % letters.size()];
    const auto x = parse(text);
    if (!x)
      continue;
    ++accepted;
    BOOST_TEST(as_text(x->root().raw()) == text);
    BOOST_TEST(x->size() <= text.size() / 2 + 1);
  }
  BOOST_TEST(accepted > 100u);
}

BOOST_AUTO_TEST_CASE(what_is_sorted_is_written_as_it_was_read) {
  for (const auto* text : {"i0e", "0:", "le", "de", "d1:ai1e1:bl1:xi-3ed0:0:eee", "lllleeee", "l3:abci123ee"}) {
    bytes out;
    bencode::writer w{out};
    rewrite(parse(text)->root(), w);
    BOOST_TEST(w.complete());
    BOOST_TEST(as_text(out) == text);
  }
}

BOOST_AUTO_TEST_CASE(every_error_has_a_sentence) {
  for (int code = 1; code <= static_cast<int>(errc::too_large); ++code)
    BOOST_TEST(std::string{to_string(static_cast<errc>(code))} != "unknown error");
}

BOOST_AUTO_TEST_SUITE_END()
