// SPDX-License-Identifier: MIT
#include "protocols/bencode/writer.hpp"

#include <array>
#include <cassert>
#include <charconv>

namespace librats::protocols::bencode {

void writer::number(std::int64_t x) {
  std::array<char, 20> digits; // As many as the smallest number has, its sign included.
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), x).ptr;
  out_.insert(out_.end(), digits.data(), end);
}

void writer::text(bytes_view x) {
  number(static_cast<std::int64_t>(x.size()));
  out_.push_back(':');
  out_.insert(out_.end(), x.begin(), x.end());
}

void writer::before_value() noexcept {
  if (open_.empty() || !open_.back().dictionary)
    return;
  assert(open_.back().value_due && "a value in a dictionary needs its key");
  open_.back().value_due = false;
}

writer& writer::integer(std::int64_t x) {
  before_value();
  out_.push_back('i');
  number(x);
  out_.push_back('e');
  return *this;
}

writer& writer::string(bytes_view x) {
  before_value();
  text(x);
  return *this;
}

writer& writer::raw(bytes_view encoded) {
  assert(!encoded.empty() && "nothing is no value");
  before_value();
  out_.insert(out_.end(), encoded.begin(), encoded.end());
  return *this;
}

writer& writer::open(char mark, bool dictionary) {
  before_value();
  out_.push_back(static_cast<std::uint8_t>(mark));
  container opened;
  opened.dictionary = dictionary;
  open_.push_back(opened);
  return *this;
}

writer& writer::open_list() {
  return open('l', false);
}

writer& writer::open_dictionary() {
  return open('d', true);
}

writer& writer::key(std::string_view name) {
  assert(!open_.empty() && open_.back().dictionary && !open_.back().value_due && "a key belongs into a dictionary");
  auto& within = open_.back();
  assert((!within.has_key || as_text(bytes_view{out_}.subspan(within.key_at, within.key_size)) < name)
    && "keys ascend and do not repeat");
  text(as_bytes(name));
  within.has_key = true;
  within.value_due = true;
  within.key_at = out_.size() - name.size();
  within.key_size = name.size();
  return *this;
}

writer& writer::close() {
  assert(!open_.empty() && !open_.back().value_due && "only what was opened is closed, and no key is without value");
  open_.pop_back();
  out_.push_back('e');
  return *this;
}

} // namespace librats::protocols::bencode
