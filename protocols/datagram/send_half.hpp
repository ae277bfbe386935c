// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/time.hpp"
#include "protocols/datagram/byte_queue.hpp"
#include "protocols/datagram/congestion_control.hpp"
#include "protocols/datagram/delivery_rate.hpp"
#include "protocols/datagram/loss_detector.hpp"
#include "protocols/datagram/pacer.hpp"
#include "protocols/datagram/packet.hpp"
#include "protocols/datagram/rtt_estimator.hpp"
#include "protocols/datagram/sent_packets.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace librats::protocols {

/// The sending direction of a stream behind its Syn (wire/07 sections 3, 6, 8 and 9): queue, packets in flight, repair,
/// pacing. What it sends and when is our own policy; what it must never do is exceed the peer's window.
class send_half {
public:
  /// Upstream advertises no more; so many before the peer has said anything.
  static constexpr std::size_t window_max = 1024;
  static constexpr std::size_t window_max_extended = 8192;
  static constexpr std::size_t queue_max = std::size_t{2} * 1024 * 1024;
  static constexpr std::size_t queue_max_extended = std::size_t{8} * 1024 * 1024;
  /// The first outstanding packet and the 32 behind it, of which the word of selective acknowledgements speaks.
  static constexpr std::size_t sack_reach = 33;
  /// A packet that was transmitted so often is the last one: the next timeout ends the stream.
  static constexpr unsigned transmissions_max = 12;

  /// What is to be written into the datagram; its payload comes from `copy_payload`.
  struct outgoing {
    packet_type type = packet_type::data;
    std::uint32_t seq = 0;
    std::uint64_t offset = 0;
    std::size_t size = 0;
  };

  /// Figures for `datagram_stream_stats`.
  struct counters {
    std::uint64_t bytes_sent = 0;
    std::uint64_t bytes_retransmitted = 0;
    std::uint64_t bytes_lost = 0;
    std::uint64_t timeouts = 0;
  };

  send_half(std::uint32_t first_seq, std::unique_ptr<congestion_control> congestion) noexcept;

  // -- inputs
  /// The other end takes part in our extension.
  void extend() noexcept { extended_ = true; }
  /// Returns how many bytes there was room for.
  std::size_t write(bytes_view in);
  /// Queues the Fin behind everything written.
  void finish() noexcept { fin_wanted_ = true; }
  /// The acknowledgement fields of a packet. Those of one that acknowledges what was never sent change nothing.
  /// `ranges` is the payload of an Ack of our extension, else empty.
  void acknowledged(
    std::uint32_t ack, std::optional<std::uint32_t> sack, bytes_view ranges, std::size_t window, time_point now);
  /// A round trip that was measured elsewhere (the Syn's).
  void round_trip_measured(duration x) noexcept { rtt_.add(x); }
  /// False when the stream is to die: a packet was transmitted too often for nothing.
  bool tick(time_point now);

  // -- outputs
  /// The next packet that may leave now, already counted as sent.
  std::optional<outgoing> next(time_point now);
  void copy_payload(const outgoing& x, mutable_bytes_view out) const noexcept { queue_.copy(x.offset, out); }
  /// True once after room has come about behind a `write` that took less than it was offered.
  bool poll_writable() noexcept;
  [[nodiscard]] time_point next_wakeup() const noexcept;

  [[nodiscard]] std::uint32_t next_seq() const noexcept { return packets_.end(); }
  /// Whether anything sequenced waits for its acknowledgement.
  [[nodiscard]] bool outstanding() const noexcept { return !packets_.empty(); }
  /// Everything written and the Fin were sent and acknowledged.
  [[nodiscard]] bool finished() const noexcept { return fin_sent_ && packets_.empty(); }
  /// Everything but the Fin is acknowledged.
  [[nodiscard]] bool only_fin_outstanding() const noexcept { return fin_sent_ && queue_.empty(); }
  /// Written and not acknowledged, in bytes.
  [[nodiscard]] std::size_t unacknowledged() const noexcept { return queue_.size(); }
  [[nodiscard]] std::size_t in_flight() const noexcept { return in_flight_; }
  [[nodiscard]] const rtt_estimator& rtt() const noexcept { return rtt_; }
  [[nodiscard]] const congestion_control& congestion() const noexcept { return *congestion_; }
  [[nodiscard]] const counters& count() const noexcept { return count_; }

private:
  struct ack_state;

  [[nodiscard]] std::size_t queue_limit() const noexcept;
  void arrived(std::uint32_t seq, ack_state& x, time_point now) noexcept;
  void arrived_range(std::uint32_t first, std::uint32_t count, ack_state& x, time_point now) noexcept;
  void declare_lost(std::uint32_t seq, congestion_ack& x) noexcept;
  /// Declares lost what the detector says.
  void detect_losses(congestion_ack& x) noexcept;
  bool time_out(time_point now);
  void probe(time_point now) noexcept;
  void restart_loss_timer(time_point now) noexcept;
  void sent(std::uint32_t seq, time_point now);
  outgoing send_again(std::uint32_t seq, time_point now);
  [[nodiscard]] bool window_allows(std::size_t bytes) const noexcept;
  /// A repair that leaves whatever the window says: without the extension most of what counts as in flight arrived long
  /// ago, but nobody can tell before the gap is closed. There are never more than `sack_reach` of them.
  [[nodiscard]] bool told_lost(std::uint32_t seq) const noexcept;
  bool pacing_allows(time_point now) noexcept;
  /// Whether both allow a packet of that size.
  bool may_leave(std::size_t bytes, time_point now) noexcept;

  std::unique_ptr<congestion_control> congestion_;
  byte_queue queue_;            ///< From the first unacknowledged byte to the last one written.
  sent_packets packets_;
  loss_detector losses_;
  rtt_estimator rtt_;
  delivery_rate rate_;
  pacer pacer_;
  counters count_;
  std::uint64_t rate_valid_from_ = 0; ///< In bytes delivered: packets that left earlier give no rate sample.
  std::uint64_t unsent_ = 0;    ///< Offset of the first byte that was never sent.
  std::size_t in_flight_ = 0;   ///< Payload in flight: neither arrived nor lost.
  std::size_t peer_window_ = window_max;
  std::size_t arrived_ = 0;     ///< Packets that arrived ahead of the oldest outstanding one.
  std::uint32_t newest_ack_;    ///< The window comes from packets that are not older.
  std::uint32_t episode_end_;   ///< First packet behind the loss episode; without one, the oldest outstanding.
  std::uint32_t untold_end_;    ///< In front of it, lists of ranges were full and left something out.
  std::uint32_t serial_ = 0;
  std::optional<std::uint32_t> probe_; ///< A tail probe that leaves whatever the windows say.
  time_point loss_at_ = time_point::max();
  time_point pace_at_ = time_point::max();
  unsigned probes_ = 0;         ///< In a row without progress.
  unsigned backoff_ = 0;        ///< Timeouts in a row without progress.
  bool repair_at_once_ = false; ///< The first packet of a loss episode does not wait for the window.
  bool write_refused_ = false;
  bool extended_ = false;
  bool fin_wanted_ = false;
  bool fin_sent_ = false;
};

} // namespace librats::protocols
