// SPDX-License-Identifier: MIT
#include "protocols/datagram/sent_packets.hpp"

#include <cassert>

namespace librats::protocols {

namespace {

constexpr std::uint32_t capacity_min = 8;
constexpr auto arrived = sent_packet::place::arrived;

} // namespace

void sent_packets::grow() {
  const auto capacity = ring_ ? (mask_ + 1) * 2 : capacity_min;
  std::unique_ptr<sent_packet[]> larger{new sent_packet[capacity]};
  for (auto seq = begin_; seq != end_; ++seq)
    larger[seq & (capacity - 1)] = ring_[seq & mask_];
  ring_ = std::move(larger);
  mask_ = capacity - 1;
}

std::uint32_t sent_packets::push(const sent_packet& x) {
  if (!ring_ || size() == std::size_t{mask_} + 1)
    grow();
  ring_[end_ & mask_] = x;
  return end_++;
}

void sent_packets::pop() noexcept {
  assert(!empty());
  ++begin_;
  if (empty()) {
    ring_.reset();
    mask_ = 0;
  }
}

void sent_packets::link(std::uint32_t seq, sent_packet::place where) noexcept {
  auto& x = (*this)[seq];
  x.where = where;
  if (where == arrived)
    return;
  auto& l = list_of(where);
  if (l.count++ == 0) {
    l.head = seq;
  } else {
    (*this)[l.tail].next = seq;
    x.previous = l.tail;
  }
  l.tail = seq;
}

void sent_packets::unlink(std::uint32_t seq) noexcept {
  const auto& x = (*this)[seq];
  if (x.where == arrived)
    return;
  auto& l = list_of(x.where);
  assert(l.count > 0);
  if (seq == l.head)
    l.head = x.next;
  else
    (*this)[x.previous].next = x.next;
  if (seq == l.tail)
    l.tail = x.previous;
  else
    (*this)[x.next].previous = x.previous;
  --l.count;
}

void sent_packets::lose_all(bool forget_arrived) noexcept {
  in_flight_ = {};
  lost_ = {};
  for (auto seq = begin_; seq != end_; ++seq)
    if (forget_arrived || (*this)[seq].where != arrived)
      link(seq, sent_packet::place::lost);
}

} // namespace librats::protocols
