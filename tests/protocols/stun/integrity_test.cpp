// SPDX-License-Identifier: MIT
#include "protocols/stun/integrity.hpp"

#include "protocols/stun/attributes.hpp"
#include "protocols/stun/message_builder.hpp"
#include "tests/protocols/stun/stun_samples.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace librats;
using namespace librats::protocols;
using namespace librats::protocols::stun;
using namespace librats::test;

namespace {

const auto id = stun_id("000102030405060708090a0b");

} // namespace

BOOST_AUTO_TEST_SUITE(stun_integrity)

BOOST_AUTO_TEST_CASE(the_samples_with_short_term_credentials_are_authentic) {
  const auto key = as_bytes(stun_samples::short_term_password);
  for (const auto& raw : {stun_samples::request(), stun_samples::response_v4(), stun_samples::response_v6()}) {
    const auto x = message_view::decode(raw);
    BOOST_TEST_REQUIRE(x.ok());
    BOOST_TEST((check_integrity(*x, key) == integrity::good));
    BOOST_TEST((check_integrity(*x, as_bytes("VOkJxbRl1RmTxUk/WvJxBT")) == integrity::wrong));
    BOOST_TEST((check_integrity_sha256(*x, key) == integrity::absent));
    BOOST_TEST((check_fingerprint(*x) == integrity::good));
  }
}

BOOST_AUTO_TEST_CASE(the_sample_with_long_term_credentials_is_authentic) {
  const auto raw = stun_samples::long_term_request();
  const auto x = message_view::decode(raw);
  BOOST_TEST_REQUIRE(x.ok());
  const auto user = find_text(*x, attribute::username, username_size_max);
  const auto realm = find_text(*x, attribute::realm);
  BOOST_TEST(user.value() == stun_samples::user);
  BOOST_TEST(realm.value() == stun_samples::realm);
  BOOST_TEST(find_text(*x, attribute::nonce).value() == "f//499k954d6OL34oL9FSTvy64sA");
  BOOST_TEST((check_integrity(*x, long_term_key(*user, *realm, stun_samples::password)) == integrity::good));
  BOOST_TEST((check_integrity(*x, long_term_key(*user, *realm, "The\u00ADM\u00AAtr\u2168")) == integrity::wrong));
  BOOST_TEST((check_fingerprint(*x) == integrity::absent));
}

BOOST_AUTO_TEST_CASE(the_sample_with_sha256_and_a_hashed_name_is_authentic) {
  const auto raw = stun_samples::sha256_request();
  const auto x = message_view::decode(raw);
  BOOST_TEST_REQUIRE(x.ok());
  const auto hashed = user_hash(stun_samples::user, stun_samples::realm);
  BOOST_TEST(to_hex(x->find(attribute::userhash)->value) == to_hex(hashed));
  const auto key = long_term_key_sha256(stun_samples::user, stun_samples::realm, stun_samples::password);
  BOOST_TEST((check_integrity_sha256(*x, key) == integrity::good));
  const auto md5_key = long_term_key(stun_samples::user, stun_samples::realm, stun_samples::password);
  BOOST_TEST((check_integrity_sha256(*x, md5_key) == integrity::wrong));
  BOOST_TEST((check_integrity(*x, key) == integrity::absent));
}

BOOST_AUTO_TEST_CASE(a_changed_bit_anywhere_is_noticed) {
  const auto key = as_bytes(stun_samples::short_term_password);
  const auto whole = stun_samples::request();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    for (int bit = 0; bit < 8; ++bit) {
      auto raw = whole;
      raw[at] = static_cast<std::uint8_t>(raw[at] ^ 1 << bit);
      const auto x = message_view::decode(raw);
      if (!x)
        continue;
      BOOST_REQUIRE((check_fingerprint(*x) != integrity::good));
      const bool sealed = at < whole.size() - 8; // The fingerprint comes behind the seal.
      BOOST_REQUIRE((check_integrity(*x, key) == integrity::good) == !sealed);
    }
  }
}

BOOST_AUTO_TEST_CASE(seals_may_be_combined_and_each_is_checked_alone) {
  const auto key = as_bytes("secret");
  const auto raw = message_builder{message_class::request, method::binding, id}
                     .add_text(attribute::username, "a")
                     .seal(key)
                     .seal_sha256(key)
                     .add_fingerprint()
                     .take();
  const auto x = message_view::decode(raw);
  BOOST_TEST_REQUIRE(x.ok());
  BOOST_TEST((check_integrity(*x, key) == integrity::good));
  BOOST_TEST((check_integrity_sha256(*x, key) == integrity::good));
  BOOST_TEST((check_fingerprint(*x) == integrity::good));
}

BOOST_AUTO_TEST_CASE(a_cut_sha256_is_accepted_down_to_16_bytes) {
  const auto key = as_bytes("secret");
  for (std::size_t size = 16; size <= 32; size += 4) {
    const auto raw = message_builder{message_class::request, method::binding, id}.seal_sha256(key, size).take();
    BOOST_TEST((check_integrity_sha256(*message_view::decode(raw), key) == integrity::good));
  }
  for (const std::size_t size : {0u, 4u, 12u, 15u, 17u, 36u}) {
    // The first bytes of the right value, in a wrong number.
    message_builder out{message_class::request, method::binding, id};
    const auto before = message_builder{message_class::request, method::binding, id}.take();
    auto value = to_bytes(integrity_sha256_value(before, size, key));
    value.resize(size);
    const auto raw = out.add(attribute::message_integrity_sha256, value).take();
    BOOST_TEST((check_integrity_sha256(*message_view::decode(raw), key) == integrity::wrong));
  }
}

BOOST_AUTO_TEST_CASE(values_of_a_wrong_size_are_wrong) {
  for (const std::size_t size : {0u, 4u, 19u, 21u, 32u}) {
    const auto raw = message_builder{message_class::request, method::binding, id}
                       .add(attribute::message_integrity, bytes(size))
                       .add(attribute::fingerprint, bytes(size == 4 ? 5 : size))
                       .take();
    const auto x = message_view::decode(raw);
    BOOST_TEST((check_integrity(*x, as_bytes("k")) == integrity::wrong));
    BOOST_TEST((check_fingerprint(*x) == integrity::wrong));
  }
}

BOOST_AUTO_TEST_CASE(the_fingerprint_is_the_usual_crc) {
  // Of 000100082112a442000102030405060708090a0b, with crc32() of zlib.
  const auto header = message_builder{message_class::request, method::binding, id}.take();
  BOOST_TEST(fingerprint_value(header) == 0x5b0ff6fcu);
}

BOOST_AUTO_TEST_SUITE_END()
