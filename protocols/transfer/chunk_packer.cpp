// SPDX-License-Identifier: MIT
#include "protocols/transfer/chunk_packer.hpp"

#include <algorithm>

#include <lz4.h>

namespace librats::protocols {

namespace {

/// After so many failures in a row one chunk of 2^6 is tried.
constexpr std::size_t failures_max = 6;

} // namespace

std::optional<bytes> chunk_packer::pack(bytes_view data) {
  if (skip_ > 0) {
    --skip_;
    return std::nullopt;
  }
  bytes out(data.size() - data.size() / 8);
  const auto size = LZ4_compress_default(reinterpret_cast<const char*>(data.data()),
    reinterpret_cast<char*>(out.data()), static_cast<int>(data.size()), static_cast<int>(out.size()));
  if (size <= 0) {
    failures_ = std::min(failures_ + 1, failures_max);
    skip_ = (std::size_t{1} << failures_) - 1;
    return std::nullopt;
  }
  failures_ = 0;
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::optional<bytes> unpack_chunk(bytes_view packed, std::size_t size) {
  bytes out(size);
  const auto got = LZ4_decompress_safe(reinterpret_cast<const char*>(packed.data()),
    reinterpret_cast<char*>(out.data()), static_cast<int>(packed.size()), static_cast<int>(size));
  if (got < 0 || static_cast<std::size_t>(got) != size)
    return std::nullopt;
  return out;
}

} // namespace librats::protocols
