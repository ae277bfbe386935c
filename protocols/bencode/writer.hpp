// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace librats::protocols::bencode {

/// Appends one bencoded value to bytes. Keys come in ascending order, every key has its value, and what was opened is
/// closed: the caller's duty, which assertions hold him to.
class writer {
public:
  /// `out` must outlive the writer.
  explicit writer(bytes& out) : out_(out) {}

  writer& integer(std::int64_t x);
  writer& string(bytes_view x);
  writer& string(std::string_view x) { return string(as_bytes(x)); }
  /// A value that is encoded already.
  writer& raw(bytes_view encoded);

  writer& open_list();
  writer& open_dictionary();
  writer& key(std::string_view name);
  /// Ends the innermost list or dictionary.
  writer& close();

  /// A member of a dictionary whose value is a number or a string.
  writer& member(std::string_view name, std::int64_t x) { return key(name).integer(x); }
  writer& member(std::string_view name, bytes_view x) { return key(name).string(x); }
  writer& member(std::string_view name, std::string_view x) { return key(name).string(x); }

  /// True when everything that was opened is closed.
  [[nodiscard]] bool complete() const noexcept { return open_.empty(); }

private:
  struct container {
    bool dictionary = false;
    bool value_due = false;
    bool has_key = false;
    std::size_t key_at = 0; ///< Where the last key lies in `out_`.
    std::size_t key_size = 0;
  };

  void before_value() noexcept;
  void number(std::int64_t x);
  void text(bytes_view x);
  writer& open(char mark, bool dictionary);

  bytes& out_;
  std::vector<container> open_;
};

} // namespace librats::protocols::bencode
