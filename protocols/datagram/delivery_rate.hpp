// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/time.hpp"
#include "protocols/datagram/sent_packets.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace librats::protocols {

/// Measures how fast the path delivers, after draft-cheng-iccrg-delivery-rate-estimation-02: every packet remembers
/// what had been delivered when it left; the newest packet that an acknowledgement covers gives the sample.
class delivery_rate {
public:
  /// What one acknowledgement says.
  struct sample {
    std::optional<std::uint64_t> bytes_per_second; ///< Empty when it covers too short a time to be trusted.
    std::uint64_t prior_delivered = 0;
    bool app_limited = false;
  };

  /// Notes the present state in a packet that is about to leave; `in_flight` is what was out before it.
  void packet_sent(sent_packet& x, std::size_t in_flight, time_point now) noexcept;
  /// Nothing is left to send although more were allowed: samples of packets up to here say little about the path.
  void mark_app_limited(std::size_t in_flight) noexcept;

  /// Begins with the packets of a new acknowledgement, then each that arrived, then the sample.
  void begin() noexcept { newest_.reset(); }
  void packet_arrived(const sent_packet& x, time_point now) noexcept;
  sample finish(duration min_rtt) noexcept;

  [[nodiscard]] std::uint64_t delivered() const noexcept { return delivered_; }

private:
  /// What counts of the newest packet of the present acknowledgement.
  struct newest {
    std::uint64_t prior_delivered = 0;
    std::uint32_t serial = 0;
    duration send_elapsed{0};
    time_point prior_delivered_at{};
    bool app_limited = false;
  };

  std::uint64_t delivered_ = 0;
  std::uint64_t app_limited_until_ = 0; ///< 0: not limited.
  time_point delivered_at_{};
  time_point first_sent_at_{};
  std::optional<newest> newest_;
};

} // namespace librats::protocols
