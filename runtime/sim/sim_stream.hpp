// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/fifo.hpp"
#include "runtime/net/stream.hpp"
#include "runtime/sim/sim_network.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

namespace librats::runtime {

/// One simulated TCP connection: two directed pipes of segments on their way. Side 0 dialed, side 1 accepted.
class sim_connection : public std::enable_shared_from_this<sim_connection> {
public:
  sim_connection(sim_network& dialer, sim_network& acceptor, const endpoint& dialer_at, const endpoint& acceptor_at);

  void start(int side, stream_events& events);
  std::size_t write(int side, bytes_view in);
  void pause(int side) { ends_[side].paused = true; }
  void resume(int side);
  /// The owner let go: what was written still arrives, then the other side sees the end.
  void close(int side);
  /// The round trip of the path without its jitter; segments of this side's direction.
  [[nodiscard]] stream_quality quality(int side) const;
  [[nodiscard]] const endpoint& local(int side) const noexcept { return ends_[side].local; }
  [[nodiscard]] const endpoint& remote(int side) const noexcept { return ends_[1 - side].seen; }
  /// As whom each end is seen by the other, where boxes translate addresses between the two.
  void translate(const endpoint& dialer, const endpoint& acceptor) {
    ends_[0].seen = dialer;
    ends_[1].seen = acceptor;
  }

  /// Makes the object that the actor of that side owns.
  std::unique_ptr<stream> make_stream(int side);

private:
  struct segment {
    time_point arrival;
    bytes content;
    bool last = false;  // The sender's FIN.
  };
  struct end_state {
    sim_network* net;
    std::uint64_t epoch;
    endpoint local;
    stream_events* events = nullptr;
    bool open = true;      // Until its owner lets go.
    bool over = false;     // `stream_closed` was called, or never will be.
    bool paused = false;
    bool wants_room = false;
    // The pipe that leaves this end.
    fifo<segment> outgoing{};
    std::size_t in_flight = 0;
    std::uint64_t segments = 0;
    std::uint64_t retransmissions = 0;
    time_point last_arrival{};
    bool delivery_scheduled = false;
    std::optional<time_point> stalled_since{};
    endpoint seen{};  // By the other side.
  };

  void send(int side, bytes content, bool last);
  void schedule_delivery(int from);
  void deliver(int from);
  void tell_room(int side);
  void finish(int side, std::error_code why);
  void reset(int side);
  [[nodiscard]] bool alive(int side) const;

  sim_world& world_;
  std::array<end_state, 2> ends_;
};

} // namespace librats::runtime
