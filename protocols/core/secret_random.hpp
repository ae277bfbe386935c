// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace librats {

/// Choices that strangers must not foresee although they see many of them, such as transaction ids: SipHash-2-4
/// (libsodium's `crypto_shorthash`) over a counter. The key comes from whoever owns the protocol object, so that a run
/// can be repeated. For choices that merely differ `small_random` is the cheaper one; keys are drawn by
/// `runtime::random_source`.
class secret_random {
public:
  static constexpr std::size_t key_size = 16;
  using key_type = std::array<std::uint8_t, key_size>;

  explicit secret_random(const key_type& key) noexcept : key_(key) {}

  std::uint64_t next() noexcept { return hash(++counter_); }
  /// In [0, bound); 0 when `bound` is 0. The bias is below bound / 2^64.
  std::uint64_t below(std::uint64_t bound) noexcept { return bound == 0 ? 0 : next() % bound; }
  void fill(mutable_bytes_view out) noexcept;

  template <std::size_t Size>
  std::array<std::uint8_t, Size> draw() noexcept {
    std::array<std::uint8_t, Size> out;
    fill({out.data(), out.size()});
    return out;
  }

private:
  [[nodiscard]] std::uint64_t hash(std::uint64_t input) const noexcept;

  key_type key_;
  std::uint64_t counter_ = 0;
};

} // namespace librats
