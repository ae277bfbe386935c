// SPDX-License-Identifier: MIT
#include "protocols/bencode/document.hpp"

#include <algorithm>
#include <cassert>
#include <limits>

namespace librats::protocols::bencode {

namespace {

using detail::token;

bool less(bytes_view a, bytes_view b) noexcept {
  return as_text(a) < as_text(b);
}

bool is_digit(std::uint8_t c) noexcept {
  return c >= '0' && c <= '9';
}

/// A list or dictionary whose end has not come yet.
struct open_container {
  std::uint32_t index = 0;    ///< Of its token.
  std::uint32_t last_key = 0; ///< Token of the key that came last; 0: none yet, for no key is the first token.
  bool value_due = false;     ///< In a dictionary, a key stands there without its value.
  bool sorted = true;         ///< Its keys ascended so far, so none repeated.
};

class parser {
public:
  parser(bytes_view in, const limits& limit) : in_(in), limit_(limit) {}

  std::optional<errc> run();
  std::vector<token> take() noexcept { return std::move(tokens_); }

private:
  std::optional<errc> read_value();
  std::optional<errc> read_integer();
  std::optional<errc> read_string();
  std::optional<errc> read_digits(std::uint8_t end, std::uint64_t& out);
  std::optional<errc> open(kind type);
  std::optional<errc> close();
  std::optional<errc> note_key(std::uint32_t index);
  [[nodiscard]] bool has_duplicates(const open_container& x);
  [[nodiscard]] bytes_view content(const token& x) const noexcept {
    return in_.subspan(x.begin + x.header, x.end - x.begin - x.header);
  }

  bytes_view in_;
  const limits& limit_;
  std::size_t at_ = 0;
  std::vector<token> tokens_;
  std::vector<open_container> open_;
  std::vector<bytes_view> keys_; ///< Scratch for has_duplicates.
};

/// Reads what stands at `at_` up to and including `end` as a number of at least one digit without leading zeros.
std::optional<errc> parser::read_digits(std::uint8_t end, std::uint64_t& out) {
  const auto first = at_;
  out = 0;
  for (; at_ < in_.size() && is_digit(in_[at_]); ++at_) {
    const auto digit = static_cast<std::uint64_t>(in_[at_] - '0');
    if (out > (std::numeric_limits<std::uint64_t>::max() - digit) / 10)
      return errc::integer_overflow;
    out = out * 10 + digit;
  }
  if (at_ == in_.size())
    return errc::truncated;
  if (in_[at_] != end || at_ == first)
    return errc::unexpected_byte;
  if (in_[first] == '0' && at_ - first > 1)
    return errc::not_canonical;
  ++at_;
  return std::nullopt;
}

std::optional<errc> parser::read_integer() {
  const auto begin = at_++;
  const bool negative = at_ < in_.size() && in_[at_] == '-';
  at_ += negative ? 1 : 0;
  std::uint64_t magnitude = 0;
  if (const auto error = read_digits('e', magnitude))
    return error;
  constexpr auto positive_max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (magnitude > positive_max + (negative ? 1 : 0))
    return errc::integer_overflow;
  if (negative && magnitude == 0)
    return errc::not_canonical;
  tokens_.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at_),
    static_cast<std::uint32_t>(tokens_.size() + 1), kind::integer, 1});
  return std::nullopt;
}

std::optional<errc> parser::read_string() {
  const auto begin = at_;
  std::uint64_t size = 0;
  if (const auto error = read_digits(':', size))
    return error == errc::integer_overflow ? errc::truncated : error;
  if (size > in_.size() - at_)
    return errc::truncated;
  const auto header = at_ - begin; // At most 20 digits and the colon.
  at_ += static_cast<std::size_t>(size);
  tokens_.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(at_),
    static_cast<std::uint32_t>(tokens_.size() + 1), kind::string, static_cast<std::uint8_t>(header)});
  return std::nullopt;
}

std::optional<errc> parser::open(kind type) {
  if (open_.size() >= limit_.depth_max)
    return errc::too_deep;
  const auto index = static_cast<std::uint32_t>(tokens_.size());
  tokens_.push_back({static_cast<std::uint32_t>(at_++), 0, 0, type, 0});
  open_container opened;
  opened.index = index;
  open_.push_back(opened);
  return std::nullopt;
}

bool parser::has_duplicates(const open_container& x) {
  keys_.clear();
  for (auto i = x.index + 1; i < tokens_.size(); i = tokens_[tokens_[i].next].next)
    keys_.push_back(content(tokens_[i]));
  std::sort(keys_.begin(), keys_.end(), less);
  return std::adjacent_find(keys_.begin(), keys_.end(), [](bytes_view a, bytes_view b) { return equal(a, b); })
    != keys_.end();
}

std::optional<errc> parser::close() {
  const auto closed = open_.back();
  if (closed.value_due)
    return errc::unexpected_byte;
  if (!closed.sorted && has_duplicates(closed))
    return errc::duplicate_key;
  ++at_;
  tokens_[closed.index].end = static_cast<std::uint32_t>(at_);
  tokens_[closed.index].next = static_cast<std::uint32_t>(tokens_.size());
  open_.pop_back();
  return std::nullopt;
}

std::optional<errc> parser::note_key(std::uint32_t index) {
  auto& within = open_.back();
  if (tokens_[index].type != kind::string)
    return errc::key_not_a_string;
  if (within.last_key != 0 && within.sorted) {
    const auto last = content(tokens_[within.last_key]);
    const auto now = content(tokens_[index]);
    if (equal(last, now))
      return errc::duplicate_key;
    within.sorted = less(last, now);
  }
  within.last_key = index;
  return std::nullopt;
}

std::optional<errc> parser::read_value() {
  if (tokens_.size() >= limit_.values_max)
    return errc::too_many_values;
  const auto byte = in_[at_];
  if (is_digit(byte))
    return read_string();
  switch (byte) {
  case 'i': return read_integer();
  case 'l': return open(kind::list);
  case 'd': return open(kind::dictionary);
  default: return errc::unexpected_byte;
  }
}

std::optional<errc> parser::run() {
  do {
    if (at_ == in_.size())
      return errc::truncated;
    if (in_[at_] == 'e' && !open_.empty()) {
      if (const auto error = close())
        return error;
      continue;
    }
    const bool in_dictionary = !open_.empty() && tokens_[open_.back().index].type == kind::dictionary;
    const bool is_key = in_dictionary && !open_.back().value_due;
    if (is_key && !is_digit(in_[at_]))
      return errc::key_not_a_string;
    if (in_dictionary)
      open_.back().value_due = is_key;
    const auto index = static_cast<std::uint32_t>(tokens_.size());
    if (const auto error = read_value())
      return error;
    if (is_key)
      if (const auto error = note_key(index))
        return error;
  } while (!open_.empty());
  if (at_ != in_.size())
    return errc::trailing_bytes;
  const auto end = static_cast<std::uint32_t>(at_);
  tokens_.push_back({end, end, static_cast<std::uint32_t>(tokens_.size()), kind::string, 0});
  return std::nullopt;
}

} // namespace

const char* to_string(errc code) noexcept {
  switch (code) {
  case errc::truncated: return "truncated";
  case errc::trailing_bytes: return "trailing bytes";
  case errc::unexpected_byte: return "unexpected byte";
  case errc::not_canonical: return "number that is not canonical";
  case errc::integer_overflow: return "number beyond 64 bits";
  case errc::key_not_a_string: return "key that is not a string";
  case errc::duplicate_key: return "duplicate key";
  case errc::too_deep: return "nested too deep";
  case errc::too_many_values: return "too many values";
  case errc::too_large: return "too large";
  }
  return "unknown error";
}

result<document, errc> document::parse(bytes_view in, const limits& limit) {
  constexpr std::size_t offset_max = std::numeric_limits<std::uint32_t>::max();
  if (in.size() > std::min(limit.size_max, offset_max))
    return errc::too_large;
  parser p{in, limit};
  if (const auto error = p.run())
    return *error;
  return document{in, p.take()};
}

std::optional<std::int64_t> value::integer() const noexcept {
  if (type() != kind::integer)
    return std::nullopt;
  const auto text = raw(); // i, perhaps a minus, digits, e: the parser saw to it that they fit.
  const bool negative = text[1] == '-';
  std::uint64_t out = 0;
  for (std::size_t i = negative ? 2 : 1; i + 1 < text.size(); ++i)
    out = out * 10 + static_cast<std::uint64_t>(text[i] - '0');
  if (!negative)
    return static_cast<std::int64_t>(out);
  return -static_cast<std::int64_t>(out - 1) - 1; // The smallest number has no positive twin.
}

std::optional<bytes_view> value::string() const noexcept {
  if (type() != kind::string)
    return std::nullopt;
  return raw().subspan(at_->header);
}

value::iterator value::begin() const noexcept {
  const bool container = is_list() || is_dictionary();
  return iterator{container ? value{in_, tokens_, at_ + 1} : *end()};
}

value::iterator value::end() const noexcept {
  return iterator{value{in_, tokens_, tokens_ + at_->next}};
}

std::optional<value> value::find(std::string_view key) const noexcept {
  if (!is_dictionary())
    return std::nullopt;
  for (auto it = begin(); it != end(); ++it) {
    const auto name = *it;
    ++it;
    if (as_text(*name.string()) == key)
      return *it;
  }
  return std::nullopt;
}

std::optional<std::int64_t> value::find_integer(std::string_view key) const noexcept {
  const auto x = find(key);
  return x ? x->integer() : std::nullopt;
}

std::optional<bytes_view> value::find_string(std::string_view key) const noexcept {
  const auto x = find(key);
  return x ? x->string() : std::nullopt;
}

std::optional<value> value::find_list(std::string_view key) const noexcept {
  const auto x = find(key);
  return x && x->is_list() ? x : std::nullopt;
}

std::optional<value> value::find_dictionary(std::string_view key) const noexcept {
  const auto x = find(key);
  return x && x->is_dictionary() ? x : std::nullopt;
}

} // namespace librats::protocols::bencode
