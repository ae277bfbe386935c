// SPDX-License-Identifier: MIT
#include "protocols/crypto/x25519.hpp"

#include "tests/protocols/support/low_order_points.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;

BOOST_AUTO_TEST_SUITE(x25519_function)

BOOST_AUTO_TEST_CASE(scalar_multiplication_matches_rfc_7748_section_5_2) {
  struct {
    const char* scalar;
    const char* point;
    const char* product;
  } const cases[] = {
    {"a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
      "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
      "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"},
    {"4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
      "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
      "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"},
  };
  for (const auto& x : cases) {
    x25519_bytes out{};
    BOOST_TEST(x25519(out, unhex32(x.scalar), unhex32(x.point)));
    BOOST_TEST(to_hex(out) == x.product);
  }
}

BOOST_AUTO_TEST_CASE(a_thousand_iterations_match_rfc_7748_section_5_2) {
  auto k = unhex32("0900000000000000000000000000000000000000000000000000000000000000");
  auto u = k;
  for (int i = 1; i <= 1000; ++i) {
    x25519_bytes out{};
    BOOST_TEST_REQUIRE(x25519(out, k, u));
    u = k;
    k = out;
    if (i == 1)
      BOOST_TEST(to_hex(k) == "422c8e7a6227d7bca1350b3e2bb7279f7897b87bb6854b783c60e80311ae3079");
  }
  BOOST_TEST(to_hex(k) == "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
}

BOOST_AUTO_TEST_CASE(both_sides_agree_as_in_rfc_7748_section_6_1) {
  const auto a = unhex32("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
  const auto b = unhex32("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
  BOOST_TEST(to_hex(x25519_public(a)) == "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
  BOOST_TEST(to_hex(x25519_public(b)) == "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
  x25519_bytes ab{};
  x25519_bytes ba{};
  BOOST_TEST(x25519(ab, a, x25519_public(b)));
  BOOST_TEST(x25519(ba, b, x25519_public(a)));
  BOOST_TEST((ab == ba));
  BOOST_TEST(to_hex(ab) == "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742");
}

BOOST_AUTO_TEST_CASE(every_point_of_low_order_is_refused) {
  for (const auto& point : low_order_points()) {
    auto out = filled(9);
    BOOST_TEST(!x25519(out, filled(0x11), point));
    BOOST_TEST((out == x25519_bytes{}));
  }
}

BOOST_AUTO_TEST_CASE(wiping_leaves_zeros) {
  auto secret = filled(9);
  wipe(secret);
  BOOST_TEST((secret == x25519_bytes{}));
}

BOOST_AUTO_TEST_SUITE_END()
