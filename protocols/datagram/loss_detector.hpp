// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/time.hpp"
#include "protocols/datagram/rtt_estimator.hpp"
#include "protocols/datagram/sent_packets.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace librats::protocols {

/// Decides which packets are lost, by the order and time in which they left (RACK, RFC 8985): one is lost when another
/// that left later has arrived and so much time has passed that reordering cannot explain it. Works for retransmissions
/// as well as for first transmissions.
class loss_detector {
public:
  /// A packet arrived. `may_conclude` says whether its place proves reordering: not where the acknowledgements before
  /// it left gaps of which they said nothing.
  void packet_arrived(std::uint32_t seq, const sent_packet& x, const rtt_estimator& rtt, bool may_conclude,
    time_point now) noexcept;

  /// The next packet to declare lost; call until it is empty. `told_end` bounds what acknowledgements speak of: packets
  /// from there on may have arrived without our knowing. `recovering` is true while an episode lasts; `arrived` is the
  /// number of packets that arrived ahead of the oldest outstanding one.
  std::optional<std::uint32_t> next_lost(const sent_packets& packets, std::uint32_t told_end, const rtt_estimator& rtt,
    bool recovering, std::size_t arrived, time_point now) noexcept;

  /// Whether a retransmission must be lost because acknowledgements that came after its round trip still ask for it.
  static bool overdue(const sent_packet& x, const rtt_estimator& rtt, time_point now) noexcept;

  /// When `next_lost` may know more without a new acknowledgement.
  [[nodiscard]] time_point due() const noexcept { return due_; }

private:
  /// RFC 8985's DupThresh.
  static constexpr std::size_t duplicates_max = 3;
  /// The tolerance grows by a quarter of the round trip per proof that it was too small.
  static constexpr unsigned tolerance_max = 16;

  [[nodiscard]] duration tolerance(const rtt_estimator& rtt, bool recovering, std::size_t arrived) const noexcept;

  time_point due_ = time_point::max();
  duration rtt_{0};                     ///< Of the newest packet that arrived.
  std::uint32_t serial_ = 0;            ///< Of the same.
  std::uint32_t highest_ = 0;           ///< Highest sequence number that arrived.
  time_point tolerance_grown_at_ = time_point::min();
  unsigned tolerance_quarters_ = 1;
  bool any_ = false;
  bool reordering_ = false;             ///< The path is known to reorder.
};

} // namespace librats::protocols
