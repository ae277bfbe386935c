// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/result.hpp"

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>
#include <vector>

namespace librats::protocols::bencode {

/// Why bytes are not one bencoded value. Zero is "no error" and never stored.
enum class errc : std::uint8_t {
  truncated = 1,    ///< The value does not end within the bytes.
  trailing_bytes,   ///< Something follows the value.
  unexpected_byte,  ///< Nothing begins, goes on or ends with this byte here; also a key without a value.
  not_canonical,    ///< A number with leading zeros or a minus zero: two spellings of one value.
  integer_overflow, ///< Beyond 64 bits, signed.
  key_not_a_string,
  duplicate_key,
  too_deep, ///< Lists and dictionaries nested beyond the limit.
  too_many_values,
  too_large, ///< The bytes themselves are beyond the limit.
};

/// A short lowercase sentence without a full stop, fit for a log line.
const char* to_string(errc code) noexcept;

/// What a document may cost. The defaults suit a datagram.
struct limits {
  std::size_t depth_max = 100;        ///< Of lists and dictionaries within each other.
  std::size_t values_max = 2048;      ///< Keys count too. Each takes 16 bytes while it is read.
  std::size_t size_max = 1024 * 1024; ///< Of the encoded bytes; at most 2^32 - 1 whatever stands here.
};

enum class kind : std::uint8_t { integer, string, list, dictionary };

namespace detail {

struct token {
  std::uint32_t begin = 0; ///< Its first byte.
  std::uint32_t end = 0;   ///< Behind its last byte.
  std::uint32_t next = 0;  ///< The token behind it and all that it contains.
  kind type = kind::integer;
  std::uint8_t header = 0; ///< Bytes before the content of a string.
};

} // namespace detail

/// One value of a document: a handle of three words that is as good as the document and its bytes live.
class value {
public:
  [[nodiscard]] kind type() const noexcept { return at_->type; }
  [[nodiscard]] bool is_list() const noexcept { return type() == kind::list; }
  [[nodiscard]] bool is_dictionary() const noexcept { return type() == kind::dictionary; }

  /// Its encoded bytes, exactly as they arrived.
  [[nodiscard]] bytes_view raw() const noexcept { return in_.subspan(at_->begin, at_->end - at_->begin); }

  /// The number; empty when it is none.
  [[nodiscard]] std::optional<std::int64_t> integer() const noexcept;
  /// The content of a string; empty when it is none.
  [[nodiscard]] std::optional<bytes_view> string() const noexcept;

  /// The member of a dictionary; empty when it has none of that key or is no dictionary. Takes time in proportion to
  /// the number of members.
  [[nodiscard]] std::optional<value> find(std::string_view key) const noexcept;
  /// Its member of that key when that is a number, a string, a list, a dictionary.
  [[nodiscard]] std::optional<std::int64_t> find_integer(std::string_view key) const noexcept;
  [[nodiscard]] std::optional<bytes_view> find_string(std::string_view key) const noexcept;
  [[nodiscard]] std::optional<value> find_list(std::string_view key) const noexcept;
  [[nodiscard]] std::optional<value> find_dictionary(std::string_view key) const noexcept;

  class iterator;
  /// Walks the items of a list; of a dictionary key, value, key, value; of anything else nothing.
  [[nodiscard]] iterator begin() const noexcept;
  [[nodiscard]] iterator end() const noexcept;

private:
  friend class document;
  value(bytes_view in, const detail::token* tokens, const detail::token* at) noexcept
    : in_(in), tokens_(tokens), at_(at) {}

  bytes_view in_;
  const detail::token* tokens_;
  const detail::token* at_;
};

class value::iterator {
public:
  using iterator_category = std::input_iterator_tag;
  using value_type = value;
  using difference_type = std::ptrdiff_t;
  using pointer = const value*;
  using reference = value;

  explicit iterator(const value& x) noexcept : at_(x) {}
  value operator*() const noexcept { return at_; }
  iterator& operator++() noexcept {
    at_.at_ = at_.tokens_ + at_.at_->next;
    return *this;
  }
  bool operator==(const iterator& other) const noexcept { return at_.at_ == other.at_.at_; }
  bool operator!=(const iterator& other) const noexcept { return !(*this == other); }

private:
  value at_;
};

/// The tree of one bencoded value. It borrows the bytes that it was read from, which must outlive it.
class document {
public:
  /// Reads all of `in`, in time O(n log n) at worst and O(n) when keys are sorted, without recursion. Never throws but
  /// for lack of memory, of which it takes at most 16 bytes for each value that is really there, and twice that
  /// while it grows.
  static result<document, errc> parse(bytes_view in, const limits& limit = {});

  [[nodiscard]] value root() const noexcept { return {in_, tokens_.data(), tokens_.data()}; }
  /// How many values there are, keys included.
  [[nodiscard]] std::size_t size() const noexcept { return tokens_.size() - 1; }

private:
  document(bytes_view in, std::vector<detail::token> tokens) noexcept : in_(in), tokens_(std::move(tokens)) {}

  bytes_view in_;
  std::vector<detail::token> tokens_; ///< In the order of their first bytes; one more, empty, closes the row.
};

} // namespace librats::protocols::bencode
