// SPDX-License-Identifier: MIT
#pragma once

#include <boost/core/span.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace librats {

/// Bytes that are owned.
using bytes = std::vector<std::uint8_t>;
/// Bytes that are borrowed for the length of one call; never stored, never put into a message.
using bytes_view = boost::span<const std::uint8_t>;
/// Borrowed bytes that the callee may change (in-place encryption).
using mutable_bytes_view = boost::span<std::uint8_t>;

/// Views the characters of `text` as bytes.
inline bytes_view as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Views bytes as characters, without any check of their encoding.
inline std::string_view as_text(bytes_view in) noexcept {
  return {reinterpret_cast<const char*>(in.data()), in.size()};
}

/// Copies a view into owned bytes.
inline bytes to_bytes(bytes_view in) { return {in.begin(), in.end()}; }

/// True when both views have the same length and content. Not constant-time: never for secrets.
bool equal(bytes_view a, bytes_view b) noexcept;

/// Returns two lowercase hex digits per byte.
std::string to_hex(bytes_view in);

/// Parses hex digits of either case. Empty optional when the length is odd or a character is not a hex digit.
std::optional<bytes> from_hex(std::string_view text);

/// An immutable, reference-counted piece of memory. Copying shares the memory, so a payload that goes to many peers is
/// stored once. Safe to share between threads because nobody can change it.
class byte_slice {
public:
  byte_slice() = default;

  /// Takes over `data` without copying it.
  explicit byte_slice(bytes data);

  /// Copies `data` into fresh memory: one allocation up to 304 bytes, else two.
  static byte_slice copy_of(bytes_view data);
  static byte_slice copy_of(std::string_view text) { return copy_of(as_bytes(text)); }

  /// Shares `owner` and shows `view`, which must point into memory that `owner` keeps alive.
  byte_slice(std::shared_ptr<const void> owner, bytes_view view) noexcept
    : owner_(std::move(owner)), data_(view.data()), size_(view.size()) {}

  [[nodiscard]] const std::uint8_t* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] bytes_view view() const noexcept { return {data_, size_}; }
  [[nodiscard]] std::string_view text() const noexcept { return as_text(view()); }

  /// Shares `count` bytes from `offset`; both are cut down to what is there.
  [[nodiscard]] byte_slice sub(std::size_t offset, std::size_t count) const;

private:
  std::shared_ptr<const void> owner_;
  const std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

} // namespace librats
