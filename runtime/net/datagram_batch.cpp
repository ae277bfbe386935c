// SPDX-License-Identifier: MIT
#include "runtime/net/datagram_batch.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace librats::runtime {

namespace {

/// A few datagrams, so that a socket with little to say stays small.
constexpr std::size_t first_capacity = 4 * 1024;

} // namespace

mutable_bytes_view datagram_batch::prepare(std::size_t size) {
  size = std::max<std::size_t>(size, 1);
  if (size > batch_bytes_max - used_ || entries_.size() >= batch_count_max)
    return {};
  if (used_ + size > capacity_) {
    auto larger = std::max(capacity_, first_capacity);
    while (larger < used_ + size)
      larger *= 2;
    std::unique_ptr<std::uint8_t[]> moved{new std::uint8_t[larger]};
    if (used_ != 0)
      std::memcpy(moved.get(), memory_.get(), used_);
    memory_ = std::move(moved);
    capacity_ = larger;
  }
  return {memory_.get() + used_, size};
}

void datagram_batch::commit(const endpoint& to, std::size_t size) {
  assert(size <= capacity_ - used_);
  entries_.push_back({to, used_, size});
  used_ += size;
}

datagram_batch::run datagram_batch::run_at(std::size_t skip, std::size_t count_max, std::size_t bytes_max) const {
  const auto begin = entries_.begin() + static_cast<std::ptrdiff_t>(first_ + skip);
  auto end = begin + 1;
  auto total = begin->size;
  // A shorter one ends the run. An empty one would get lost in it: the end of the bytes does not show it.
  while (end != entries_.end() && static_cast<std::size_t>(end - begin) < count_max && end->size != 0
         && end->size <= begin->size && (end - 1)->size == begin->size && total + end->size <= bytes_max
         && end->to == begin->to) {
    total += end->size;
    ++end;
  }
  return {&begin->to, {memory_.get() + begin->begin, total}, begin->size, static_cast<std::size_t>(end - begin)};
}

void datagram_batch::pop(std::size_t count) {
  first_ += count;
  assert(first_ <= entries_.size());
  if (empty()) {
    entries_.clear();
    first_ = 0;
    used_ = 0;
  }
}

} // namespace librats::runtime
