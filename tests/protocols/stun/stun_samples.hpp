// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/endpoint.hpp"
#include "tests/protocols/support/vectors.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace librats::test {

/// The sample messages of RFC 5769 section 2 and of RFC 8489 appendix B.1 (as corrected by erratum 6268).
namespace stun_samples {

constexpr std::string_view short_term_password = "VOkJxbRl1RmTxUk/WvJxBt";
constexpr std::string_view user = "\u30DE\u30C8\u30EA\u30C3\u30AF\u30B9"; // Prepared already.
constexpr std::string_view realm = "example.org";
constexpr std::string_view password = "TheMatrIX"; // What SASLprep makes of "The<U+00AD>M<U+00AA>tr<U+2168>".

/// 2.1, with blanks where its USERNAME is padded.
inline bytes request() {
  return unhex("0001 0058 2112a442 b7e7a701bc34d686fa87dfae"
               "8022 0010 5354554e207465737420636c69656e74" // SOFTWARE
               "0024 0004 6e0001ff"                         // PRIORITY
               "8029 0008 932ff9b151263b36"                 // ICE-CONTROLLED
               "0006 0009 6576746a3a68367659 202020"        // USERNAME
               "0008 0014 9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2"
               "8028 0004 e57a3bcf");
}

/// 2.2
inline bytes response_v4() {
  return unhex("0101 003c 2112a442 b7e7a701bc34d686fa87dfae"
               "8022 000b 7465737420766563746f72 20" // SOFTWARE
               "0020 0008 0001a147e112a643"          // XOR-MAPPED-ADDRESS
               "0008 0014 2b91f599fd9e90c38c7489f92af9ba53f06be7d7"
               "8028 0004 c07d4c96");
}

/// 2.3
inline bytes response_v6() {
  return unhex("0101 0048 2112a442 b7e7a701bc34d686fa87dfae"
               "8022 000b 7465737420766563746f72 20"
               "0020 0014 0002a1470113a9faa5d3f179bc25f4b5bed2b9d9"
               "0008 0014 a382954e4be67bf11784c97c8292c275bfe3ed41"
               "8028 0004 c8fb0b4c");
}

/// 2.4
inline bytes long_term_request() {
  return unhex("0001 0060 2112a442 78ad3433c6ad72c029da412e"
               "0006 0012 e3839ee38388e383aae38383e382afe382b9 0000"                 // USERNAME
               "0015 001c 662f2f3439396b39353464364f4c33346f4c394653547679363473 41" // NONCE
               "0014 000b 6578616d706c652e6f7267 00"                                 // REALM
               "0008 0014 f67024656dd64a3e02b8e0712e85c9a28ca89666");
}

/// RFC 8489 appendix B.1
inline bytes sha256_request() {
  return unhex("0001 0090 2112a442 78ad3433c6ad72c029da412e"
               "001e 0020 4a3cf38fef6992bda952c6780417da0f24819415569e60b205c46e41407f1704" // USERHASH
               "0015 0029 6f624d61744a6f733241414143662f2f3439396b39353464364f4c33346f4c39465354767936347341"
               "000000"                              // NONCE
               "0014 000b 6578616d706c652e6f7267 00" // REALM
               "001d 0004 00020000"                  // PASSWORD-ALGORITHM
               "001c 0020 b5c7bf005b6c52a21c51c5e892f81924136296cb927c43149309278cc6518e65");
}

inline endpoint mapped_v4() {
  return {ip_address::v4(192, 0, 2, 1), 32853};
}
inline endpoint mapped_v6() {
  return *endpoint::parse("[2001:db8:1234:5678:11:2233:4455:6677]:32853");
}

} // namespace stun_samples

inline std::array<std::uint8_t, 12> stun_id(std::string_view hex) {
  const auto raw = unhex(hex);
  std::array<std::uint8_t, 12> out{};
  std::copy_n(raw.begin(), out.size(), out.begin());
  return out;
}

} // namespace librats::test
