// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/datagram/byte_queue.hpp"
#include "protocols/datagram/packet.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace librats::protocols {

/// The receiving direction of a stream behind its Syn (wire/07 sections 3, 6 and 7): puts packets in order, keeps what
/// came too early or is not wanted yet, and knows what to acknowledge. Data in order that is wanted passes through
/// without being copied.
class receive_half {
public:
  /// Packets this far ahead are dropped, and no larger window is advertised (wire/07 section 3).
  static constexpr std::size_t window_max = 1024;
  static constexpr std::size_t window_max_extended = 8192;
  /// What a stream of our extension keeps at most. Without it a correct peer fills 1024 packets, and an incorrect one
  /// that ignores a closed window is cut off at twice as much.
  static constexpr std::size_t memory_max_extended = std::size_t{8} * 1024 * 1024;
  static constexpr std::size_t memory_max = 2 * window_max * packet_payload_max;

  enum class verdict : std::uint8_t {
    in_order,  ///< Taken, and perhaps what was held behind it.
    held,      ///< Ahead of something that is missing.
    duplicate, ///< Known already, or behind the end.
    refused,   ///< Too far ahead, or there is no memory for it.
  };

  /// Takes payload in order.
  class sink {
  public:
    virtual void take(mutable_bytes_view in) = 0;

  protected:
    ~sink() = default;
  };

  explicit receive_half(std::uint32_t first_seq) noexcept : next_(first_seq) {}

  /// The other end takes part in our extension.
  void extend() noexcept { extended_ = true; }
  /// A Data or Fin packet. What is in order goes to `out`, unless reading is paused.
  verdict receive(packet_type type, std::uint32_t seq, mutable_bytes_view payload, sink& out);

  void pause() noexcept { paused_ = true; }
  /// Hands out what was kept while paused, until it is paused again.
  void resume(sink& out);
  /// From now on everything is acknowledged and nothing kept.
  void discard() noexcept;

  /// Highest number received in order.
  [[nodiscard]] std::uint32_t ack() const noexcept { return next_ - 1; }
  /// Bit i says that packet `ack() + 2 + i` is held.
  [[nodiscard]] std::uint32_t sack() const noexcept;
  [[nodiscard]] bool holds_any() const noexcept { return held_count_ > 0; }
  /// Whether packets are held that the word cannot name.
  [[nodiscard]] bool holds_beyond_sack() const noexcept;
  /// Writes ranges of held packets (ack_ranges.hpp), all that fit; if they are too many, the next call goes on where
  /// this one stopped. Returns the size, 0 if there are none.
  std::size_t write_ranges(mutable_bytes_view out) noexcept;
  /// How many more packets there is room for.
  [[nodiscard]] std::uint16_t window() const noexcept;
  [[nodiscard]] std::uint16_t window_limit() const noexcept;

  [[nodiscard]] bool paused() const noexcept { return paused_; }
  /// The Fin came, and everything before it was handed out.
  [[nodiscard]] bool ended() const noexcept { return end_received_ && unread_.empty(); }
  /// The Fin and everything before it came.
  [[nodiscard]] bool end_received() const noexcept { return end_received_; }
  /// Bytes in order, whether handed out, kept or discarded.
  [[nodiscard]] std::uint64_t bytes_received() const noexcept { return bytes_received_; }

private:
  /// A packet that came too early: its type, then its payload.
  struct held_packet {
    std::unique_ptr<std::uint8_t[]> data;
    std::uint16_t size = 0;
    bool fin = false;
  };

  verdict hold(packet_type type, std::uint32_t seq, bytes_view payload);
  void take(packet_type type, mutable_bytes_view payload, sink& out);
  void take_held(sink& out);
  void grow(std::size_t wanted);
  [[nodiscard]] bool holds(std::uint32_t seq) const noexcept;
  /// 64 bits, bit i for packet `seq + i`.
  [[nodiscard]] std::uint64_t held_bits(std::uint32_t seq) const noexcept;
  /// The first number from `seq` on, at most `end`, that is held or not.
  [[nodiscard]] std::uint32_t find(std::uint32_t seq, std::uint32_t end, bool held) const noexcept;

  std::uint32_t next_;             ///< The packet that is due.
  std::uint32_t highest_ = 0;      ///< Highest held.
  std::uint32_t ranges_from_ = 0;  ///< Where a list of ranges that was too long goes on.
  std::uint32_t mask_ = 0;         ///< Capacity of the ring less one; at least 63 when there is one.
  std::vector<held_packet> held_;  ///< By number; freed when nothing is held.
  std::vector<std::uint64_t> held_bits_;
  std::size_t held_count_ = 0;
  std::size_t held_bytes_ = 0;
  byte_queue unread_;              ///< In order, kept while reading is paused.
  std::uint64_t bytes_received_ = 0;
  std::size_t packets_in_order_ = 0; ///< Up to what the window can grow to.
  bool ranges_rotate_ = false;
  bool extended_ = false;
  bool paused_ = false;
  bool discarding_ = false;
  bool handing_out_ = false;
  bool end_received_ = false;
};

} // namespace librats::protocols
