// SPDX-License-Identifier: MIT
#include "protocols/dht/item.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

#include <functional>
#include <limits>
#include <memory>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;

namespace {

// The test vectors of BEP 44, of which two are mutable and share a key.
const bytes hello = to_bytes(as_bytes("12:Hello World!"));

template <class Array>
Array array_of(std::string_view hex) {
  const auto raw = unhex(hex);
  Array out;
  BOOST_TEST_REQUIRE(raw.size() == out.size());
  std::copy(raw.begin(), raw.end(), out.begin());
  return out;
}

item_public_key known_key() {
  return array_of<item_public_key>("77ff84905a91936367c01360803104f92432fcd904a43511876df5cdf3e7e548");
}

dht_item known_item() {
  return {hello,
    item_proof{known_key(), {}, 1,
      array_of<item_signature>("305ac8aeb6c9c151fa120f120ea2cfb923564e11552d06a5d856091e5e853cff"
                               "1260d3f39e4999684aa92eb73ffd136e6f4f3ecbfda0ce53a1608ecd7ae21f01")}};
}

dht_item known_salted_item() {
  return {hello,
    item_proof{known_key(), to_bytes(as_bytes("foobar")), 1,
      array_of<item_signature>("6834284b6b24c3204eb2fea824d82f88883a3d95e8b4a21b8c0ded553d17d17d"
                               "df9a8a7104b1258f30bed3787e6cb896fca78c58f8e03b5f18f14951a87d9a08")}};
}

/// Whether a copy of `x` with this change is refused for its signature.
bool forged(const dht_item& x, const std::function<void(dht_item&)>& change) {
  const auto copy = std::make_unique<dht_item>(x);
  change(*copy);
  return check_item(*copy) == item_errc::bad_signature;
}

struct fixture {
  item_key_pair key = item_key_pair::from_seed(filled(7));
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(dht_items, fixture)

BOOST_AUTO_TEST_CASE(the_immutable_vector_lies_where_bep_44_says) {
  const dht_item x{hello, std::nullopt};
  BOOST_TEST(target_of(x).to_string() == "e5f96f6f38320f0f33959cb4d3d656452117aadb");
  BOOST_TEST(!check_item(x).has_value());
}

BOOST_AUTO_TEST_CASE(the_mutable_vectors_lie_where_bep_44_says_and_verify) {
  BOOST_TEST(target_of(known_item()).to_string() == "4a533d47ec9c7d95b1ad75f576cffc641853b750");
  BOOST_TEST(target_of(known_salted_item()).to_string() == "411eba73b6f087ca51a3795d9c8c938d365e32c1");
  BOOST_TEST(!check_item(known_item()).has_value());
  BOOST_TEST(!check_item(known_salted_item()).has_value());
}

BOOST_AUTO_TEST_CASE(what_is_signed_is_what_bep_44_says) {
  BOOST_TEST(as_text(item_signing_buffer({}, 1, hello)) == "3:seqi1e1:v12:Hello World!");
  BOOST_TEST(as_text(item_signing_buffer(as_bytes("foobar"), 4, as_bytes("12:Hello world!")))
    == "4:salt6:foobar3:seqi4e1:v12:Hello world!");
}

BOOST_AUTO_TEST_CASE(keys_come_from_seeds_as_in_rfc_8032) {
  // Section 7.1, test 1.
  const auto seed = unhex32("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
  BOOST_TEST(to_hex(item_key_pair::from_seed(seed).public_key)
    == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
}

BOOST_AUTO_TEST_CASE(every_part_is_under_the_signature) {
  const auto good = sign_item(key, to_bytes(as_bytes("salt")), 5, to_bytes(as_bytes("i42e")));
  BOOST_TEST(!check_item(good).has_value());
  BOOST_TEST(forged(good, [](dht_item& x) { x.value = to_bytes(as_bytes("i43e")); }));
  BOOST_TEST(forged(good, [](dht_item& x) { x.proof->seq = 6; }));
  BOOST_TEST(forged(good, [](dht_item& x) { x.proof->salt.clear(); }));
  BOOST_TEST(forged(good, [](dht_item& x) { x.proof->key = item_key_pair::from_seed(filled(8)).public_key; }));
  for (std::size_t i = 0; i < good.proof->signature.size(); ++i)
    BOOST_TEST(forged(good, [i](dht_item& x) { x.proof->signature[i] ^= 1; }), i);
  auto known = known_salted_item(); // A salt moved into the value signs the same bytes for neither.
  known.proof->salt.clear();
  BOOST_TEST((check_item(known) == item_errc::bad_signature));
}

BOOST_AUTO_TEST_CASE(sizes_have_limits) {
  const auto value_of = [](std::size_t encoded) { // Three digits and a colon before the content.
    const auto size = encoded - 4;
    auto out = to_bytes(as_bytes(std::to_string(size) + ":"));
    out.resize(out.size() + size, 'x');
    return out;
  };
  BOOST_TEST(value_of(1000).size() == 1000u);
  BOOST_TEST(!check_item({value_of(1000), std::nullopt}).has_value());
  BOOST_TEST((check_item({value_of(1001), std::nullopt}) == item_errc::value_too_big));
  BOOST_TEST(!check_item(sign_item(key, bytes(64, 1), 1, value_of(1000))).has_value());
  BOOST_TEST((check_item(sign_item(key, bytes(65, 1), 1, hello)) == item_errc::salt_too_big));
  BOOST_TEST((check_item(sign_item(key, {}, 1, value_of(1001))) == item_errc::value_too_big));
}

BOOST_AUTO_TEST_CASE(a_value_is_one_bencoded_value) {
  for (const auto* text : {"", "x", "i1", "i1ei2e", "12:Hello", "d1:ai1e1:ai1ee"}) {
    BOOST_TEST((check_item({to_bytes(as_bytes(text)), std::nullopt}) == item_errc::malformed), text);
    if (*text != 0)
      BOOST_TEST((check_item(sign_item(key, {}, 1, to_bytes(as_bytes(text)))) == item_errc::malformed), text);
  }
  for (const auto* text : {"i1e", "le", "de", "0:", "d1:bi1e1:ai1ee"})
    BOOST_TEST(!check_item({to_bytes(as_bytes(text)), std::nullopt}).has_value(), text);
}

BOOST_AUTO_TEST_CASE(sequence_numbers_are_not_negative) {
  BOOST_TEST((check_item(sign_item(key, {}, -1, hello)) == item_errc::malformed));
  BOOST_TEST(!check_item(sign_item(key, {}, 0, hello)).has_value());
  BOOST_TEST(!check_item(sign_item(key, {}, std::numeric_limits<std::int64_t>::max(), hello)).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
