// SPDX-License-Identifier: MIT
#include "protocols/stun/message_builder.hpp"

#include "protocols/stun/attributes.hpp"
#include "protocols/stun/integrity.hpp"
#include "tests/protocols/stun/stun_samples.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols::stun;
using namespace librats::test;

BOOST_AUTO_TEST_SUITE(stun_message_builder)

BOOST_AUTO_TEST_CASE(it_writes_what_upstream_writes) {
  const auto cases = load_vectors("stun.json");
  const auto id = stun_id("000102030405060708090a0b");
  const auto request =
    message_builder{message_class::request, method::binding, id}.add_text(attribute::software, "librats").take();
  BOOST_TEST(to_hex(request) == to_hex(find_case(cases, "STUN binding request").raw));
  const auto response = message_builder{message_class::success, method::binding, id}
                          .add_xor_address(attribute::xor_mapped_address, {ip_address::v4(203, 0, 113, 7), 41234})
                          .take();
  BOOST_TEST(to_hex(response)
    == to_hex(find_case(cases, "STUN success response with XOR-MAPPED-ADDRESS 203.0.113.7:41234").raw));
}

BOOST_AUTO_TEST_CASE(it_writes_the_samples_that_pad_with_zeros) {
  const auto id = stun_id("78ad3433c6ad72c029da412e");
  const auto key = long_term_key(stun_samples::user, stun_samples::realm, stun_samples::password);
  const auto sha1 = message_builder{message_class::request, method::binding, id}
                      .add_text(attribute::username, stun_samples::user)
                      .add_text(attribute::nonce, "f//499k954d6OL34oL9FSTvy64sA")
                      .add_text(attribute::realm, stun_samples::realm)
                      .seal(key)
                      .take();
  BOOST_TEST(to_hex(sha1) == to_hex(stun_samples::long_term_request()));
  const auto sha256 =
    message_builder{message_class::request, method::binding, id}
      .add(attribute::userhash, user_hash(stun_samples::user, stun_samples::realm))
      .add_text(attribute::nonce, "obMatJos2AAACf//499k954d6OL34oL9FSTvy64sA")
      .add_text(attribute::realm, stun_samples::realm)
      .add_u32(attribute::password_algorithm, 0x00020000)
      .seal_sha256(long_term_key_sha256(stun_samples::user, stun_samples::realm, stun_samples::password))
      .take();
  BOOST_TEST(to_hex(sha256) == to_hex(stun_samples::sha256_request()));
}

BOOST_AUTO_TEST_CASE(it_writes_the_addresses_of_the_samples) {
  const auto id = stun_id("b7e7a701bc34d686fa87dfae");
  for (const auto& [raw, address] : {std::pair{stun_samples::response_v4(), stun_samples::mapped_v4()},
         std::pair{stun_samples::response_v6(), stun_samples::mapped_v6()}}) {
    const auto sample = *message_view::decode(raw);
    const auto mine = message_builder{message_class::success, method::binding, id}
                        .add_xor_address(attribute::xor_mapped_address, address)
                        .take();
    const auto written = *message_view::decode(mine);
    BOOST_TEST(to_hex(written.find(attribute::xor_mapped_address)->value)
      == to_hex(sample.find(attribute::xor_mapped_address)->value));
  }
}

BOOST_AUTO_TEST_CASE(every_length_is_padded_with_zeros) {
  for (std::size_t size = 0; size < 9; ++size) {
    const auto raw =
      message_builder{message_class::indication, 0xfff, {}}.add(attribute::software, bytes(size, 0xff)).take();
    BOOST_TEST(raw.size() == header_size + attribute_header_size + (size + 3) / 4 * 4);
    for (auto at = header_size + attribute_header_size + size; at < raw.size(); ++at)
      BOOST_TEST(raw[at] == 0);
    const auto x = message_view::decode(raw);
    BOOST_TEST_REQUIRE(x.ok());
    BOOST_TEST((x->kind() == message_class::indication));
    BOOST_TEST(x->method() == 0xfff);
    BOOST_TEST(x->find(attribute::software)->value.size() == size);
  }
}

BOOST_AUTO_TEST_SUITE_END()
