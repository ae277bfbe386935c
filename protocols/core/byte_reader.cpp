// SPDX-License-Identifier: MIT
#include "protocols/core/byte_reader.hpp"

namespace librats {

bytes_view byte_reader::take(std::size_t n) noexcept {
  if (failed_ || n > rest_.size()) {
    failed_ = true;
    rest_ = {};
    return {};
  }
  const auto out = rest_.first(n);
  rest_ = rest_.subspan(n);
  return out;
}

bytes_view byte_reader::rest() noexcept {
  const auto out = rest_;
  rest_ = {};
  return out;
}

std::uint64_t byte_reader::big_endian(std::size_t width) noexcept {
  std::uint64_t out = 0;
  for (auto byte : take(width))
    out = out << 8 | byte;
  return out;
}

} // namespace librats
