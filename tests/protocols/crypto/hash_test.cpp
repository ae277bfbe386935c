// SPDX-License-Identifier: MIT
#include "protocols/crypto/hash.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;

BOOST_AUTO_TEST_SUITE(hash)

BOOST_AUTO_TEST_CASE(digests_match_the_standards) {
  const auto abc = as_bytes("abc");
  BOOST_TEST(to_hex(sha256(abc)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"); // FIPS 180-4
  BOOST_TEST(to_hex(sha256(bytes_view{})) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  BOOST_TEST(to_hex(sha1(abc)) == "a9993e364706816aba3e25717850c26c9cd0d89d");
  BOOST_TEST(to_hex(md5(abc)) == "900150983cd24fb0d6963f7d28e17f72"); // RFC 1321
}

BOOST_AUTO_TEST_CASE(parts_are_hashed_as_one) {
  BOOST_TEST((sha256({as_bytes("a"), bytes_view{}, as_bytes("bc")}) == sha256(as_bytes("abc"))));
  BOOST_TEST(
    (hmac_sha256(as_bytes("k"), {as_bytes("a"), as_bytes("bc")}) == hmac_sha256(as_bytes("k"), as_bytes("abc"))));
  BOOST_TEST((hmac_sha1(as_bytes("k"), {as_bytes("a"), as_bytes("bc")}) == hmac_sha1(as_bytes("k"), as_bytes("abc"))));
}

BOOST_AUTO_TEST_CASE(hmacs_match_rfc_4231_and_rfc_2202) {
  const auto question = as_bytes("what do ya want for nothing?");
  BOOST_TEST(to_hex(hmac_sha256(as_bytes("Jefe"), question))
    == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  BOOST_TEST(to_hex(hmac_sha1(as_bytes("Jefe"), question)) == "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
  const bytes long_key(131, 0xaa);
  BOOST_TEST(to_hex(hmac_sha256(long_key, as_bytes("Test Using Larger Than Block-Size Key - Hash Key First")))
    == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

BOOST_AUTO_TEST_CASE(a_hasher_takes_pieces_and_starts_over) {
  sha256_hasher uut;
  uut.update(as_bytes("ab"));
  uut.update(as_bytes("c"));
  BOOST_TEST((uut.finish() == sha256(as_bytes("abc"))));
  BOOST_TEST((uut.finish() == sha256(bytes_view{})));
  auto moved = std::move(uut);
  moved.update(as_bytes("abc"));
  BOOST_TEST((moved.finish() == sha256(as_bytes("abc"))));
}

BOOST_AUTO_TEST_CASE(a_hasher_tells_the_digest_so_far_and_goes_on) {
  sha256_hasher uut;
  BOOST_TEST((uut.digest_so_far() == sha256(bytes_view{})));
  uut.update(as_bytes("ab"));
  BOOST_TEST((uut.digest_so_far() == sha256(as_bytes("ab"))));
  uut.update(as_bytes("c"));
  BOOST_TEST((uut.digest_so_far() == sha256(as_bytes("abc"))));
  BOOST_TEST((uut.finish() == sha256(as_bytes("abc"))));
}

BOOST_AUTO_TEST_SUITE_END()
