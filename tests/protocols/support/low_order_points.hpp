// SPDX-License-Identifier: MIT
#pragma once

#include "tests/protocols/support/vectors.hpp"

#include <array>

namespace librats::test {

/// The seven encodings of Curve25519 points of low order: whatever the scalar, the product is zero.
inline std::array<std::array<std::uint8_t, 32>, 7> low_order_points() {
  return {
    unhex32("0000000000000000000000000000000000000000000000000000000000000000"), // 0, order 4
    unhex32("0100000000000000000000000000000000000000000000000000000000000000"), // 1, order 1
    unhex32("e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800"), // order 8
    unhex32("5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157"), // order 8
    unhex32("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"), // p - 1, order 2
    unhex32("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"), // p, that is 0
    unhex32("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"), // p + 1, that is 1
  };
}

} // namespace librats::test
