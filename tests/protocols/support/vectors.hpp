// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace librats::test {

/// One case of a file in tests/vectors.
struct vector_case {
  std::string name;
  nlohmann::ordered_json fields;
  bytes raw; ///< The `hex` of the case.
};

/// All cases of `tests/vectors/<file>`.
std::vector<vector_case> load_vectors(const std::string& file);

/// The case of that exact name.
const vector_case& find_case(const std::vector<vector_case>& cases, std::string_view name);

/// Bytes of hex digits; blanks are allowed so that a test can annotate what it writes down.
bytes unhex(std::string_view text);

/// Exactly 32 bytes of hex digits.
std::array<std::uint8_t, 32> unhex32(std::string_view text);

/// 32 times the same byte.
inline std::array<std::uint8_t, 32> filled(std::uint8_t byte) {
  std::array<std::uint8_t, 32> out{};
  out.fill(byte);
  return out;
}

inline bytes concat(std::initializer_list<bytes_view> parts) {
  bytes out;
  for (auto part : parts)
    out.insert(out.end(), part.begin(), part.end());
  return out;
}

} // namespace librats::test
