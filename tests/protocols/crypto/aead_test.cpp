// SPDX-License-Identifier: MIT
#include "protocols/crypto/aead.hpp"

#include "tests/protocols/support/vectors.hpp"

#include <boost/test/unit_test.hpp>
#include <sodium.h>

#include <random>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;

namespace {

bytes random_bytes(std::mt19937_64& random, std::size_t n) {
  bytes out(n);
  for (auto& byte : out)
    byte = static_cast<std::uint8_t>(random());
  return out;
}

bytes sealed(const aead_key& key, std::uint64_t counter, bytes_view head, bytes_view body) {
  bytes out(head.size() + body.size() + aead_tag_size);
  aead_seal(key, counter, head, body, out.data());
  return out;
}

/// Sizes on both sides of every change of strategy: block, stride, libsodium to OpenSSL, one part to two.
std::vector<std::size_t> interesting_sizes() {
  std::vector<std::size_t> out;
  for (std::size_t n = 0; n <= 1200; ++n)
    out.push_back(n);
  for (std::size_t near : {2048u, 4096u, 8188u, 8192u, 16384u, 65536u})
    for (std::size_t n = near - 5; n <= near + 5; ++n)
      out.push_back(n);
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(aead)

BOOST_AUTO_TEST_CASE(the_example_of_rfc_8439_appendix_a_5_opens_and_seals) {
  const auto key = unhex32("1c9240a5eb55d38af333888604f6b5f0473917c1402b80099dca5cbc207075c0");
  constexpr std::uint64_t counter = 0x0807060504030201; // nonce 00000000 0102030405060708
  const auto ad = unhex("f33388860000000000004e91");
  const auto ciphertext = unhex("64a0861575861af460f062c79be643bd5e805cfd345cf389f108670ac76c8cb2"
                                "4c6cfc18755d43eea09ee94e382d26b0bdb7b73c321b0100d4f03b7f355894cf"
                                "332f830e710b97ce98c8a84abd0b948114ad176e008d33bd60f982b1ff37c855"
                                "9797a06ef4f0ef61c186324e2b3506383606907b6a7c02b0f9f6157b53c867e4"
                                "b9166c767b804d46a59b5216cde7a4e99040c5a40433225ee282a1b0a06c523e"
                                "af4534d7f83fa1155b0047718cbc546a0d072b04b3564eea1b422273f548271a"
                                "0bb2316053fa76991955ebd63159434ecebb4e466dae5a1073a6727627097a10"
                                "49e617d91d361094fa68f0ff77987130305beaba2eda04df997b714d6c6f2c29"
                                "a6ad5cb4022b02709b eead9d67890cbb22392336fea1851f38");
  const std::string_view text = "Internet-Drafts are draft documents valid for a maximum of six months and may be "
                                "updated, replaced, or obsoleted by other documents at any time. It is inappropriate "
                                "to use Internet-Drafts as reference material or to cite them other than as "
                                "/\xe2\x80\x9cwork in progress./\xe2\x80\x9d";
  bytes plaintext;
  BOOST_TEST(aead_open(key, counter, ad, ciphertext, plaintext));
  BOOST_TEST(as_text(plaintext) == text);
  BOOST_TEST((aead_seal(key, counter, ad, as_bytes(text)) == ciphertext));
}

BOOST_AUTO_TEST_CASE(every_size_seals_to_what_libsodium_makes_of_it_and_opens_again) {
  std::mt19937_64 random{1};
  for (auto size : interesting_sizes()) {
    aead_key key{};
    const auto raw_key = random_bytes(random, key.size());
    std::copy(raw_key.begin(), raw_key.end(), key.begin());
    const auto counter = random();
    const auto head = random_bytes(random, 4);
    const auto body = random_bytes(random, size);
    auto out = sealed(key, counter, head, body);

    bytes nonce(12, 0);
    for (std::size_t i = 0; i < 8; ++i)
      nonce[4 + i] = static_cast<std::uint8_t>(counter >> 8 * i);
    const auto plain = concat({head, body});
    bytes expected(plain.size() + aead_tag_size);
    crypto_aead_chacha20poly1305_ietf_encrypt(
      expected.data(), nullptr, plain.data(), plain.size(), nullptr, 0, nullptr, nonce.data(), key.data());
    BOOST_TEST_REQUIRE((out == expected), "size " << size);
    const auto opened = aead_open(key, counter, out);
    BOOST_TEST_REQUIRE((opened.data() == out.data()), "size " << size);
    BOOST_TEST_REQUIRE(equal(opened, plain), "size " << size);
  }
}

BOOST_AUTO_TEST_CASE(sealing_writes_nothing_outside_its_room) {
  for (std::size_t size : {0u, 60u, 188u, 952u, 956u, 957u, 1024u, 8192u, 20000u}) {
    const bytes body(size, 1);
    bytes room(4 + size + aead_tag_size + 64, 0xEE);
    aead_seal(filled(1), 0, bytes(4, 2), body, room.data());
    const bytes_view behind = bytes_view{room}.last(64);
    BOOST_TEST(std::all_of(behind.begin(), behind.end(), [](auto byte) { return byte == 0xEE; }));
  }
}

BOOST_AUTO_TEST_CASE(opening_changes_nothing_behind_the_message) {
  for (std::size_t size : {0u, 60u, 188u, 952u, 956u, 957u, 1024u, 20000u}) {
    auto room = sealed(filled(1), 0, bytes(4, 2), bytes(size, 1));
    const auto used = room.size();
    room.resize(used + 64, 0xEE);
    BOOST_TEST(aead_open(filled(1), 0, mutable_bytes_view{room}.first(used)).size() == 4 + size);
    const bytes_view behind = bytes_view{room}.last(64);
    BOOST_TEST(std::all_of(behind.begin(), behind.end(), [](auto byte) { return byte == 0xEE; }));
  }
}

BOOST_AUTO_TEST_CASE(one_flipped_bit_anywhere_is_noticed) {
  for (std::size_t size : {0u, 5u, 300u, 1500u}) {
    const auto good = sealed(filled(1), 7, bytes(4, 2), bytes(size, 3));
    for (std::size_t i = 0; i < good.size(); ++i) {
      auto bad = good;
      bad[i] ^= static_cast<std::uint8_t>(1u << i % 8);
      BOOST_TEST_REQUIRE((aead_open(filled(1), 7, bad).data() == nullptr), "byte " << i << " of " << size);
    }
  }
}

BOOST_AUTO_TEST_CASE(another_key_counter_or_length_is_noticed) {
  for (std::size_t size : {5u, 300u, 1500u}) {
    const auto good = sealed(filled(1), 7, bytes(4, 2), bytes(size, 3));
    auto copy = good;
    BOOST_TEST((aead_open(filled(2), 7, copy).data() == nullptr));
    copy = good;
    BOOST_TEST((aead_open(filled(1), 8, copy).data() == nullptr));
    for (std::size_t n : {std::size_t{0}, std::size_t{15}, std::size_t{16}, good.size() - 1}) {
      copy.assign(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(n));
      BOOST_TEST((aead_open(filled(1), 7, copy).data() == nullptr));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_refused_handshake_message_leaves_no_plaintext) {
  auto message = aead_seal(filled(1), 0, as_bytes("ad"), as_bytes("secret"));
  bytes out{1, 2, 3};
  BOOST_TEST(!aead_open(filled(1), 0, as_bytes("da"), message, out));
  BOOST_TEST(out.empty());
  BOOST_TEST(!aead_open(filled(1), 0, as_bytes("ad"), bytes_view{message}.first(15), out));
  BOOST_TEST(aead_open(filled(1), 0, as_bytes("ad"), message, out));
  BOOST_TEST(as_text(out) == "secret");
}

BOOST_AUTO_TEST_SUITE_END()
