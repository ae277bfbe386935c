// SPDX-License-Identifier: MIT
#include "protocols/datagram/loss_detector.hpp"

#include "protocols/datagram/sequence.hpp"

#include <algorithm>

namespace librats::protocols {

void loss_detector::packet_arrived(std::uint32_t seq, const sent_packet& x, const rtt_estimator& rtt,
  bool may_conclude, time_point now) noexcept {
  const auto elapsed = now - x.sent_at;
  const auto again = x.transmissions > 1;
  if (again && elapsed < rtt.min()) {
    // Too early for the retransmission: the original was only late, and we were too quick to repair it. RFC 8985 learns
    // this from duplicate SACKs, which this wire does not have.
    reordering_ = true;
    if (x.sent_at > tolerance_grown_at_) { // Once per round trip: what left since then decides next.
      tolerance_quarters_ = std::min(tolerance_quarters_ + 1, tolerance_max);
      tolerance_grown_at_ = now;
    }
    return;
  }
  if (any_ && !again && may_conclude && sequence_before(seq, highest_))
    reordering_ = true;
  if (!any_ || sequence_before(highest_, seq))
    highest_ = seq;
  if (!any_ || sequence_before(serial_, x.serial)) {
    serial_ = x.serial;
    rtt_ = elapsed;
  }
  any_ = true;
}

duration loss_detector::tolerance(
  const rtt_estimator& rtt, bool recovering, std::size_t arrived) const noexcept {
  if (!reordering_ && (recovering || arrived >= duplicates_max))
    return duration::zero();
  return std::min(rtt.min() / 4 * tolerance_quarters_, rtt.smoothed().value_or(duration::zero()));
}

std::optional<std::uint32_t> loss_detector::next_lost(const sent_packets& packets, std::uint32_t told_end,
  const rtt_estimator& rtt, bool recovering, std::size_t arrived, time_point now) noexcept {
  due_ = time_point::max();
  if (!any_ || packets.in_flight().count == 0)
    return std::nullopt;
  const auto head = packets.in_flight().head;
  if (!sequence_before(packets[head].serial, serial_))
    return std::nullopt; // It left first: all others left after what arrived, too.
  const auto patience = rtt_ + tolerance(rtt, recovering, arrived);
  if (told_end == packets.end()) {
    const auto deadline = packets[head].sent_at + patience;
    if (deadline <= now)
      return head;
    due_ = deadline;
    return std::nullopt;
  }
  // Few packets are told of, and those in front of the list may not be among them.
  for (auto seq = packets.begin(); seq != told_end; ++seq) {
    const auto& x = packets[seq];
    if (x.where != sent_packet::place::in_flight || !sequence_before(x.serial, serial_))
      continue;
    if (x.sent_at + patience <= now)
      return seq;
    due_ = std::min(due_, x.sent_at + patience);
  }
  return std::nullopt;
}

bool loss_detector::overdue(const sent_packet& x, const rtt_estimator& rtt, time_point now) noexcept {
  const auto smoothed = rtt.smoothed();
  return smoothed && x.where == sent_packet::place::in_flight && x.transmissions > 1
         && now - x.sent_at > *smoothed + std::max(4 * rtt.variation(), *smoothed / 4);
}

} // namespace librats::protocols
