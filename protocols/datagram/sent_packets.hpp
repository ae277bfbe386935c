// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>

namespace librats::protocols {

/// One sequenced packet that was sent and is not cumulatively acknowledged.
struct sent_packet {
  enum class place : std::uint8_t {
    in_flight, ///< Sent, and nothing is known about it.
    lost,      ///< Declared lost, waits to be sent again.
    arrived,   ///< Selectively acknowledged.
  };

  time_point sent_at{};           ///< Last transmission.
  time_point first_sent_at{};     ///< These three: the state of delivery_rate when it was sent.
  time_point delivered_at{};
  std::uint64_t delivered = 0;
  std::uint32_t serial = 0;       ///< Counts transmissions of the stream: the order in which packets left.
  std::uint32_t offset = 0;       ///< Low bits of the stream offset of the payload.
  std::uint32_t previous = 0;     ///< Neighbours in the list of its place, as sequence numbers.
  std::uint32_t next = 0;         ///< Of one that arrived: all in front of this number and behind itself did, too.
  std::uint16_t size = 0;         ///< Of the payload.
  std::uint8_t transmissions = 0; ///< Stays at 255.
  place where = place::in_flight;
  bool fin = false;
  bool app_limited = false;
};

/// The packets between the oldest unacknowledged one and the next to be sent: a ring that grows with what is
/// outstanding and is freed when nothing is. Two lists run through it: what is in flight, in the order it left (which
/// is the order in which losses show, RFC 8985), and what is lost, in the order it is to be sent again.
class sent_packets {
public:
  /// One of the two lists; `head` and `tail` mean something while `count` is not 0.
  struct list {
    std::uint32_t head = 0;
    std::uint32_t tail = 0;
    std::size_t count = 0;
  };

  explicit sent_packets(std::uint32_t first) noexcept : begin_(first), end_(first) {}

  [[nodiscard]] std::uint32_t begin() const noexcept { return begin_; } ///< Oldest unacknowledged.
  [[nodiscard]] std::uint32_t end() const noexcept { return end_; }     ///< Next to be used.
  [[nodiscard]] std::size_t size() const noexcept { return end_ - begin_; }
  [[nodiscard]] bool empty() const noexcept { return begin_ == end_; }
  [[nodiscard]] bool contains(std::uint32_t seq) const noexcept { return seq - begin_ < end_ - begin_; }

  [[nodiscard]] sent_packet& operator[](std::uint32_t seq) noexcept { return ring_[seq & mask_]; }
  [[nodiscard]] const sent_packet& operator[](std::uint32_t seq) const noexcept { return ring_[seq & mask_]; }

  /// Appends a packet, which is in no list yet, and returns its sequence number.
  std::uint32_t push(const sent_packet& x);
  /// Drops the oldest packet, which must be in no list any more.
  void pop() noexcept;

  /// Puts a packet that is in no list at the end of the one of `where`.
  void link(std::uint32_t seq, sent_packet::place where) noexcept;
  /// Takes a packet out of the list it is in; one that arrived is in none.
  void unlink(std::uint32_t seq) noexcept;

  [[nodiscard]] const list& in_flight() const noexcept { return in_flight_; }
  [[nodiscard]] const list& lost() const noexcept { return lost_; }
  /// Makes all packets lost, in the order of their numbers, those that arrived only if `forget_arrived`.
  void lose_all(bool forget_arrived) noexcept;

private:
  list& list_of(sent_packet::place where) noexcept {
    return where == sent_packet::place::lost ? lost_ : in_flight_;
  }
  void grow();

  std::unique_ptr<sent_packet[]> ring_;
  std::uint32_t mask_ = 0; ///< Capacity less one; a power of two less one.
  std::uint32_t begin_;
  std::uint32_t end_;
  list in_flight_;
  list lost_;
};

} // namespace librats::protocols
