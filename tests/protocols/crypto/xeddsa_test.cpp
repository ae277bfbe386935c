// SPDX-License-Identifier: MIT
#include "protocols/crypto/xeddsa.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>

#include <sodium.h>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;

namespace {

/// Made with a program of big integers that follows the paper line by line: the private key is this byte 32 times, the
/// message "librats", the noise 64 times 5a. Of the Edwards points all but the second have sign bit 1.
struct known_answer {
  std::uint8_t key;
  const char* public_key;
  const char* signature;
};
const known_answer known_answers[] = {{0x11, "7b4e909bbe7ffe44c465a220037d608ee35897d31ef972f07f74892cb0f73f13",
                                        "d0ce5207d13739f364968af169c2d6fc74fc68ebf128158c33d0b45ad09b90b8"
                                        "65aab1d899decbd3b1e3499854ec2823e88c7eb93842863a8c498157d6a49904"},
  {0x22, "0faa684ed28867b97f4a6a2dee5df8ce974e76b7018e3f22a1c4cf2678570f20",
    "c90657c7753e8199cf4071112faa21fc33d913ea67cb16e12389645ce4bdf3a9"
    "8a2da9125322373bfe513b2c7d7c77e600e5b989e0250d71f3019911717c4a00"},
  {0x33, "7b0d47d93427f8311160781c7c733fd89f88970aef490d8aa0ee19a4cb8a1b14",
    "fbea90bac49b5bd3aee6ed7ca50068ef2115e6ef7dc31603ba18d586fe8f52af"
    "19911f257c43c387087c7d78ea06f973c75795163edf2922ee18b030e0255509"},
  {0x44, "ff2ee45601ec1b67310c7790404585ae697331eee1c1f8cf2419731c1fff3e6b",
    "babafb044801d670bd636079912246d31ffa3d4a44232d55b5f45af8045061b9"
    "f337236d2c96c6de408da5e6aa5d00e9d4dd32a05de38c339193e30e523b3106"}};

xeddsa_noise noise(std::uint8_t byte) {
  xeddsa_noise out;
  out.fill(byte);
  return out;
}

key_pair key(std::uint8_t byte) {
  return key_pair::from_private(filled(byte));
}

} // namespace

BOOST_AUTO_TEST_SUITE(xeddsa)

BOOST_AUTO_TEST_CASE(known_answers_come_out) {
  for (const auto& x : known_answers) {
    const auto mine = key(x.key);
    BOOST_TEST(to_hex(mine.public_key) == x.public_key);
    const auto signature = xeddsa_sign(mine, as_bytes("librats"), noise(0x5A));
    BOOST_TEST(to_hex(signature) == x.signature);
    BOOST_TEST(xeddsa_verify(mine.public_key, as_bytes("librats"), signature));
  }
}

BOOST_AUTO_TEST_CASE(noise_changes_the_signature_and_not_its_worth) {
  const auto mine = key(7);
  const auto one = xeddsa_sign(mine, as_bytes("x"), noise(1));
  const auto two = xeddsa_sign(mine, as_bytes("x"), noise(2));
  BOOST_TEST((one != two));
  BOOST_TEST(xeddsa_verify(mine.public_key, as_bytes("x"), one));
  BOOST_TEST(xeddsa_verify(mine.public_key, as_bytes("x"), two));
  BOOST_TEST(xeddsa_verify(mine.public_key, {}, xeddsa_sign(mine, {}, noise(3))));
}

BOOST_AUTO_TEST_CASE(a_changed_bit_anywhere_is_noticed) {
  const auto mine = key(9);
  const auto text = to_bytes(as_bytes("attack at dawn"));
  const auto good = xeddsa_sign(mine, text, noise(1));
  for (std::size_t bit = 0; bit < 64 * 8; ++bit) {
    auto bad = good;
    bad[bit / 8] = static_cast<std::uint8_t>(bad[bit / 8] ^ 1u << bit % 8);
    BOOST_TEST(!xeddsa_verify(mine.public_key, text, bad));
  }
  for (std::size_t bit = 0; bit < 32 * 8; ++bit) {
    auto other = mine.public_key;
    other[bit / 8] = static_cast<std::uint8_t>(other[bit / 8] ^ 1u << bit % 8);
    BOOST_TEST(!xeddsa_verify(other, text, good));
  }
  auto changed = text;
  changed[3] ^= 1;
  BOOST_TEST(!xeddsa_verify(mine.public_key, changed, good));
}

BOOST_AUTO_TEST_CASE(an_unclamped_key_signs_like_its_clamped_self) {
  auto clamped = filled(0xFF);
  clamped[0] &= 0xF8;
  clamped[31] = 0x7F;
  const auto a = key(0xFF);
  const auto b = key_pair::from_private(clamped);
  BOOST_TEST((a.public_key == b.public_key));
  BOOST_TEST((xeddsa_sign(a, as_bytes("x"), noise(1)) == xeddsa_sign(b, as_bytes("x"), noise(1))));
}

BOOST_AUTO_TEST_CASE(keys_that_are_none_verify_nothing) {
  const auto good = xeddsa_sign(key(9), as_bytes("x"), noise(1));
  // p - 1 has no Edwards form, p and above are not canonical, 0 and 1 are of low order.
  for (const auto* u : {"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
         "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
         "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
         "0000000000000000000000000000000000000000000000000000000000000000",
         "0100000000000000000000000000000000000000000000000000000000000000"})
    BOOST_TEST(!xeddsa_verify(unhex(u), as_bytes("x"), good));
  BOOST_TEST(!xeddsa_verify(bytes_view{}, as_bytes("x"), good));
  const auto mine = key(9);
  BOOST_TEST(!xeddsa_verify(bytes_view{mine.public_key}.first(31), as_bytes("x"), good));
}

BOOST_AUTO_TEST_CASE(ed25519_keys_that_were_turned_into_x25519_verify_their_ed25519_signatures) {
  int sign_bit_0 = 0;
  for (std::uint8_t n = 1; n <= 16; ++n) {
    std::array<std::uint8_t, 32> ed_public{};
    std::array<std::uint8_t, 64> ed_secret{};
    crypto_sign_seed_keypair(ed_public.data(), ed_secret.data(), filled(n).data());
    std::array<std::uint8_t, 32> public_key{};
    BOOST_TEST_REQUIRE(crypto_sign_ed25519_pk_to_curve25519(public_key.data(), ed_public.data()) == 0);
    xeddsa_signature signature{};
    crypto_sign_detached(signature.data(), nullptr, ed_public.data(), ed_public.size(), ed_secret.data());
    const auto even = (ed_public[31] & 0x80) == 0;
    sign_bit_0 += even ? 1 : 0;
    BOOST_TEST(xeddsa_verify(public_key, ed_public, signature) == even); // The sign bit is lost on the way.
  }
  BOOST_TEST((sign_bit_0 > 0 && sign_bit_0 < 16));
}

BOOST_AUTO_TEST_SUITE_END()
