// SPDX-License-Identifier: MIT
#include "protocols/datagram/receive_half.hpp"

#include "protocols/datagram/ack_ranges.hpp"
#include "protocols/datagram/sequence.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace librats::protocols {

namespace {

constexpr std::size_t ring_min = 64;
constexpr std::uint32_t sack_bits = 32;
/// What a held packet costs besides its payload.
constexpr std::size_t held_overhead = 32;

int lowest_bit(std::uint64_t x) noexcept {
  return __builtin_ctzll(x);
}

} // namespace

receive_half::verdict receive_half::receive(
  packet_type type, std::uint32_t seq, mutable_bytes_view payload, sink& out) {
  const auto ahead = sequence_distance(next_, seq);
  if (ahead < 0 || end_received_)
    return verdict::duplicate;
  if (ahead > 0)
    return hold(type, seq, payload);
  // A closed window does not keep a packet out that is in order (wire/07 section 6), the limit of memory does.
  if (paused_ && !discarding_ && unread_.size() + payload.size() > (extended_ ? memory_max_extended : memory_max))
    return verdict::refused;
  take(type, payload, out);
  if (held_count_ > 0)
    take_held(out);
  return verdict::in_order;
}

void receive_half::take(packet_type type, mutable_bytes_view payload, sink& out) {
  ++next_;
  packets_in_order_ = std::min(packets_in_order_ + 1, window_max_extended);
  if (type == packet_type::fin) {
    end_received_ = true;
    return;
  }
  bytes_received_ += payload.size();
  if (discarding_ || payload.empty())
    return;
  if (paused_ || !unread_.empty())
    unread_.append(payload);
  else
    out.take(payload);
}

void receive_half::take_held(sink& out) {
  while (held_count_ > 0 && holds(next_)) {
    const auto seq = next_;
    auto packet = std::move(held_[seq & mask_]);
    held_bits_[(seq & mask_) / 64] &= ~(std::uint64_t{1} << (seq % 64));
    --held_count_;
    held_bytes_ -= packet.size + held_overhead;
    // Behind a Fin there is nothing.
    if (!end_received_)
      take(packet.fin ? packet_type::fin : packet_type::data, {packet.data.get(), packet.size}, out);
    else
      ++next_;
  }
  if (held_count_ == 0 || end_received_) {
    std::vector<held_packet>{}.swap(held_);
    std::vector<std::uint64_t>{}.swap(held_bits_);
    held_count_ = 0;
    held_bytes_ = 0;
    mask_ = 0;
  }
}

receive_half::verdict receive_half::hold(packet_type type, std::uint32_t seq, bytes_view payload) {
  const auto ahead = static_cast<std::size_t>(seq - next_);
  if (ahead >= (extended_ ? window_max_extended : window_max))
    return verdict::refused;
  if (held_count_ > 0 && ahead <= mask_ && holds(seq))
    return verdict::duplicate;
  const auto memory = unread_.size() + held_bytes_ + payload.size() + held_overhead;
  if (memory > (extended_ ? memory_max_extended : memory_max))
    return verdict::refused;
  grow(ahead + 1);
  auto& packet = held_[seq & mask_];
  packet.size = static_cast<std::uint16_t>(payload.size());
  packet.fin = type == packet_type::fin;
  if (!payload.empty()) {
    packet.data.reset(new std::uint8_t[payload.size()]);
    std::memcpy(packet.data.get(), payload.data(), payload.size());
  }
  held_bits_[(seq & mask_) / 64] |= std::uint64_t{1} << (seq % 64);
  if (held_count_ == 0 || sequence_before(highest_, seq))
    highest_ = seq;
  ++held_count_;
  held_bytes_ += packet.size + held_overhead;
  return verdict::held;
}

void receive_half::grow(std::size_t wanted) {
  auto capacity = held_.empty() ? ring_min : held_.size();
  while (capacity < wanted)
    capacity *= 2;
  if (capacity == held_.size())
    return;
  std::vector<held_packet> packets(capacity);
  std::vector<std::uint64_t> bits(capacity / 64);
  if (held_count_ > 0)
    for (auto seq = next_ + 1; seq != highest_ + 1; ++seq)
      if (holds(seq)) {
        packets[seq & (capacity - 1)] = std::move(held_[seq & mask_]);
        bits[(seq & (capacity - 1)) / 64] |= std::uint64_t{1} << (seq % 64);
      }
  held_ = std::move(packets);
  held_bits_ = std::move(bits);
  mask_ = static_cast<std::uint32_t>(capacity - 1);
}

void receive_half::resume(sink& out) {
  paused_ = false;
  if (std::exchange(handing_out_, true))
    return; // From inside `take`: the loop below goes on.
  while (!paused_ && !discarding_ && !unread_.empty()) {
    const auto piece = unread_.front();
    out.take(piece); // Which may pause or discard, but the piece stays until it is done.
    unread_.pop(piece.size());
  }
  handing_out_ = false;
  if (discarding_)
    unread_.clear();
}

void receive_half::discard() noexcept {
  discarding_ = true;
  paused_ = false;
  if (!handing_out_)
    unread_.clear();
}

// -- what to acknowledge ----------------------------------------------------------------------------------------------

bool receive_half::holds(std::uint32_t seq) const noexcept {
  return (held_bits_[(seq & mask_) / 64] >> (seq % 64) & 1) != 0;
}

std::uint64_t receive_half::held_bits(std::uint32_t seq) const noexcept {
  const auto words = held_bits_.size();
  const auto word = (seq & mask_) / 64;
  const auto shift = seq % 64;
  if (shift == 0)
    return held_bits_[word];
  return held_bits_[word] >> shift | held_bits_[(word + 1) % words] << (64 - shift);
}

std::uint32_t receive_half::find(std::uint32_t seq, std::uint32_t end, bool held) const noexcept {
  while (sequence_before(seq, end)) {
    const auto bits = held ? held_bits(seq) : ~held_bits(seq);
    if (bits != 0)
      return std::min(static_cast<std::uint32_t>(lowest_bit(bits)), end - seq) + seq;
    seq += 64;
  }
  return end;
}

std::uint32_t receive_half::sack() const noexcept {
  return held_count_ == 0 ? 0 : static_cast<std::uint32_t>(held_bits(next_ + 1));
}

bool receive_half::holds_beyond_sack() const noexcept {
  return held_count_ > 0 && sequence_before(next_ + sack_bits, highest_);
}

std::size_t receive_half::write_ranges(mutable_bytes_view out) noexcept {
  if (!holds_beyond_sack())
    return 0;
  const auto end = highest_ + 1;
  auto from = next_ + 1 + sack_bits;
  if (ranges_rotate_ && sequence_before(from, ranges_from_) && sequence_before(ranges_from_, end))
    from = ranges_from_;
  ranges_rotate_ = false;
  ack_range_writer writer{out, ack()};
  while (true) {
    const auto first = find(from, end, true);
    if (first == end)
      break;
    from = find(first, end, false);
    if (!writer.add({first, from - first})) {
      ranges_rotate_ = true;
      ranges_from_ = first;
      break;
    }
  }
  return writer.size();
}

std::uint16_t receive_half::window_limit() const noexcept {
  // Grows with what really came in order, so that memory is promised to peers that use it.
  return static_cast<std::uint16_t>(
    extended_ ? std::min(window_max + packets_in_order_, window_max_extended) : window_max);
}

std::uint16_t receive_half::window() const noexcept {
  const std::size_t limit = window_limit();
  const auto used = held_count_ + unread_.size() / packet_payload_max;
  auto out = limit - std::min(limit, used);
  if (extended_) {
    const auto memory = unread_.size() + held_bytes_;
    out = std::min(out, (memory_max_extended - std::min(memory, memory_max_extended)) / packet_payload_max);
  }
  return static_cast<std::uint16_t>(out);
}

} // namespace librats::protocols
