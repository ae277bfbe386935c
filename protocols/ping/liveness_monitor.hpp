// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>

namespace librats::protocols {

/// What is known about the round trip to a peer, in the terms of RFC 6298 section 2.
struct rtt_estimate {
  duration srtt{};   ///< Smoothed.
  duration rttvar{}; ///< Mean deviation.
  duration min{};    ///< Smallest so far.
  duration latest{};

  /// Takes one sample.
  void add(duration sample, bool first) noexcept;
};

/// Measures liveness and round-trip time of one peer; the wire format is `ping_message`. Call one input, drain
/// `poll_transmit`, drain `poll_event`, then wait for `poll_timeout`.
///
/// A peer is lost when it *has answered a ping before*, nothing whatsoever has come from it for `silence_max`, and at
/// least `unanswered_min` pings went out in that time. A peer that never answered is never called lost: a node without
/// the Ping subsystem ignores pings for ever, however healthy it is (wire/02 section 2). We ping it all the same,
/// because the attempt makes its transport notice a dead path.
class liveness_monitor {
public:
  struct config {
    duration interval = std::chrono::seconds{10};    ///< Between two pings; upstream's value.
    duration silence_max = std::chrono::seconds{45}; ///< Four missed pings, and the idle death of the UDP transport.
    /// Pings into the silence before it counts: a process that was suspended for a minute wakes up to a long silence
    /// which says nothing about the peer.
    int unanswered_min = 3;
  };
  struct rtt_measured {
    duration rtt;
  };
  struct peer_lost {
    duration silence; ///< Since the last byte from the peer.
  };
  using event = std::variant<rtt_measured, peer_lost>;

  /// The first ping goes out within one interval, at a point that `seed` chooses, so that the pings of many peers
  /// spread. Tokens are derived from `seed`, which must be random and secret: a peer that could guess a token could
  /// forge its RTT.
  liveness_monitor(config cfg, time_point now, std::uint64_t seed);

  // -- inputs

  /// Anything authenticated came from the peer, of any type.
  void handle_traffic(time_point now) noexcept;
  /// A pong came. One that answers none of the last few pings counts as traffic only.
  void handle_pong(time_point now, std::uint64_t token) noexcept;
  /// Early calls do nothing; due calls move the deadline.
  void handle_timeout(time_point now) noexcept;

  // -- outputs

  /// The payload of a Ping message to send.
  std::optional<bytes> poll_transmit();
  std::optional<event> poll_event() noexcept;
  /// Empty once the peer is lost: there is nothing left to wait for.
  [[nodiscard]] std::optional<time_point> poll_timeout() const noexcept;

  /// Empty until the first answer.
  [[nodiscard]] std::optional<rtt_estimate> rtt() const noexcept;
  /// True once a pong matched: from then on silence is a verdict.
  [[nodiscard]] bool has_answered() const noexcept { return answered_; }

private:
  /// Pings whose answer still counts. Four cover `silence_max`; an older answer would be a useless measurement.
  static constexpr std::size_t outstanding_max = 4;
  struct outstanding_ping {
    std::uint64_t token = 0;
    time_point sent;
    bool open = false;
  };

  [[nodiscard]] std::uint64_t next_token() noexcept;
  [[nodiscard]] time_point silence_deadline() const noexcept { return last_heard_ + cfg_.silence_max; }

  config cfg_;
  std::uint64_t seed_;
  std::uint64_t pings_sent_ = 0;
  std::array<outstanding_ping, outstanding_max> outstanding_{};
  time_point next_ping_;
  time_point last_heard_;
  rtt_estimate rtt_;
  std::optional<std::uint64_t> to_send_;
  std::optional<rtt_measured> measured_; // At most one of each waits: a newer measurement replaces an unread one.
  std::optional<peer_lost> lost_event_;
  int unanswered_ = 0;
  bool answered_ = false;
  bool lost_ = false;
};

} // namespace librats::protocols
