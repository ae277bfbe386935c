// SPDX-License-Identifier: MIT
#include "protocols/datagram/byte_queue.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace librats::protocols {

namespace {

/// The smallest chunk: a message or two of a chat.
constexpr std::size_t chunk_size_min = 512;

std::size_t capacity_for(std::size_t wanted) noexcept {
  auto out = chunk_size_min;
  while (out < wanted && out < byte_queue::chunk_size)
    out *= 2;
  return out;
}

} // namespace

void byte_queue::make_room(std::size_t wanted) {
  const auto used = static_cast<std::size_t>(end_ - base_);
  const auto count = chunks_.size() - first_;
  if (used == count * chunk_size) {
    // The first chunk is as large as what it is made for; behind it the queue is busy, and chunks are whole.
    const auto capacity = count == 0 ? capacity_for(wanted) : chunk_size;
    chunks_.push_back(
      capacity == chunk_size && spare_ ? std::move(spare_) : chunk{new std::uint8_t[capacity]});
    last_capacity_ = capacity;
    return;
  }
  const auto filled = used - (count - 1) * chunk_size;
  if (filled < last_capacity_)
    return;
  const auto capacity = capacity_for(filled + wanted);
  chunk larger{new std::uint8_t[capacity]};
  std::memcpy(larger.get(), chunks_.back().get(), filled);
  chunks_.back() = std::move(larger);
  last_capacity_ = capacity;
}

void byte_queue::append(bytes_view in) {
  while (!in.empty()) {
    make_room(in.size());
    const auto filled = static_cast<std::size_t>(end_ - base_) - (chunks_.size() - first_ - 1) * chunk_size;
    const auto n = std::min(in.size(), last_capacity_ - filled);
    std::memcpy(chunks_.back().get() + filled, in.data(), n);
    end_ += n;
    in = in.subspan(n);
  }
}

void byte_queue::copy(std::uint64_t offset, mutable_bytes_view out) const noexcept {
  assert(offset >= begin_ && offset + out.size() <= end_);
  auto at = static_cast<std::size_t>(offset - base_);
  while (!out.empty()) {
    const auto within = at % chunk_size;
    const auto n = std::min(out.size(), chunk_size - within);
    std::memcpy(out.data(), chunks_[first_ + at / chunk_size].get() + within, n);
    at += n;
    out = out.subspan(n);
  }
}

mutable_bytes_view byte_queue::front() noexcept {
  if (empty())
    return {};
  const auto within = static_cast<std::size_t>(begin_ - base_);
  return {chunks_[first_].get() + within, std::min(size(), chunk_size - within)};
}

void byte_queue::pop(std::size_t count) noexcept {
  assert(count <= size());
  begin_ += count;
  if (begin_ == end_) {
    std::vector<chunk>{}.swap(chunks_);
    spare_.reset();
    first_ = 0;
    last_capacity_ = 0;
    base_ = begin_;
    return;
  }
  while (begin_ - base_ >= chunk_size) {
    spare_ = std::move(chunks_[first_]);
    base_ += chunk_size;
    ++first_;
  }
  // Moving the pointers down once per so many chunks costs nothing that counts.
  if (first_ >= 64 && first_ * 2 >= chunks_.size()) {
    chunks_.erase(chunks_.begin(), chunks_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }
}

} // namespace librats::protocols
