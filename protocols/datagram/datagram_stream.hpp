// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/time.hpp"
#include "protocols/datagram/congestion_control.hpp"
#include "protocols/datagram/packet.hpp"
#include "protocols/wire/role.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace librats::protocols {

/// How often and when an unanswered Syn is sent (wire/07 section 8).
enum class dial_profile : std::uint8_t {
  normal,  ///< At 0, 500 and 1500 ms; given up at 3500 ms.
  punch,   ///< Eight times, 200 ms apart; given up at 1600 ms.
};

/// Why a stream ended.
enum class stream_end : std::uint8_t {
  none,          ///< It lives.
  finished,      ///< Both ends closed in order, and everything was acknowledged.
  dial_failed,   ///< No Syn was answered.
  reset,         ///< The other end said so.
  idle,          ///< Nothing was heard for 45 s.
  unanswered,    ///< One packet was transmitted 12 times for nothing.
  linger_over,   ///< Closed here, and the rest was not acknowledged within 5 s.
  aborted,       ///< By us.
};

/// A sentence for a log.
const char* describe(stream_end why) noexcept;

/// What a stream tells its owner, always from inside `receive`, `tick` or `resume_reading`.
class datagram_stream_events {
public:
  /// The dial was answered: data may flow. Said to an initiator; a responder is open from the start.
  virtual void stream_opened() = 0;
  /// The next bytes in order. They may be changed in place and are gone when the call returns. The callee may call
  /// `pause_reading`, `write`, `finish` and `abort` of the stream from here, but not destroy it. Nothing is called any
  /// more once the stream has `ended`.
  virtual void stream_data(mutable_bytes_view in) = 0;
  /// The other end sends nothing more; `finish` is the usual answer.
  virtual void stream_ended() = 0;
  /// There is room again, after a `write` that took less than it was offered.
  virtual void stream_writable() = 0;

protected:
  ~datagram_stream_events() = default;
};

/// Figures of one stream. Bytes are payload.
struct datagram_stream_stats {
  std::uint64_t packets_sent = 0;
  std::uint64_t packets_received = 0;
  std::uint64_t bytes_sent = 0;           ///< First transmissions.
  std::uint64_t bytes_retransmitted = 0;
  std::uint64_t bytes_lost = 0;           ///< Declared lost (some may arrive later all the same).
  std::uint64_t bytes_received = 0;       ///< In order, handed out.
  std::uint64_t timeouts = 0;
  std::optional<duration> smoothed_rtt;
  duration min_rtt{0};
  std::size_t congestion_window = 0;
  std::size_t in_flight = 0;
  bool extended = false;                  ///< Both ends take part in our extension.
};

struct datagram_stream_options {
  role side = role::initiator;
  std::uint32_t receive_id = 0;  ///< Names this end in what arrives.
  std::uint32_t send_id = 0;     ///< Names the other end in what leaves.
  dial_profile profile = dial_profile::normal;
  congestion_algorithm congestion = congestion_algorithm::bbr;
  std::uint64_t seed = 0;        ///< For what the congestion control does by chance.
  bool offer_extension = true;   ///< Offers what only our own nodes understand; see README.md of this folder.
};

/// One reliable, ordered stream of bytes over datagrams (wire/07): a state machine driven by packets and time. It owns
/// no socket and no timer: the owner hands in what arrives, calls `tick` when `next_wakeup` is due, and after each call
/// fetches what is to be sent with `transmit` until it returns 0. Address pinning, connection ids, cookies and answers
/// to unknown packets are the business of `datagram_endpoint`.
class datagram_stream {
public:
  /// An initiator dials at once: its Syn is the first thing to `transmit`. A responder is made from a Syn, which is
  /// then handed to `receive`. `events` must outlive the stream.
  datagram_stream(const datagram_stream_options& options, datagram_stream_events& events, time_point now);
  ~datagram_stream();
  datagram_stream(const datagram_stream&) = delete;
  datagram_stream& operator=(const datagram_stream&) = delete;

  /// Takes a decoded packet that carries one of our ids and came from the pinned address. `in.payload` may be changed.
  void receive(const packet_view& in, time_point now);
  /// Does what is due: retransmission, delayed acknowledgement, pacing, keep-alive, death.
  void tick(time_point now);
  /// When `tick` is wanted next; `time_point::max()` when never. May move earlier with any call that takes a time,
  /// later at will.
  [[nodiscard]] time_point next_wakeup() const noexcept;

  /// Writes the next datagram that may leave now into `out` (at least `datagram_max` bytes); returns its size, or 0
  /// when nothing may leave now.
  std::size_t transmit(mutable_bytes_view out, time_point now);

  /// Takes as many bytes as the send queue (2 MiB with what is unacknowledged; up to 8 MiB for a wide window between
  /// ends that take part in our extension) has room for; before the stream is open too. Returns their number. After
  /// less than `in.size()`, `stream_writable` announces room.
  std::size_t write(bytes_view in, time_point now);
  /// Nothing more will be written: a Fin goes behind the queued data. From here on the stream lingers (at most 5 s),
  /// and incoming data is acknowledged and dropped.
  void finish(time_point now);
  /// Ends at once; one Reset is the last thing to `transmit`.
  void abort() noexcept;

  /// The reader's end of back-pressure: what arrives in order is kept here, and the advertised window shrinks.
  void pause_reading() noexcept;
  /// Hands out what was kept, and announces the reopened window (wire/07 section 6).
  void resume_reading(time_point now);

  [[nodiscard]] bool open() const noexcept;
  /// Whether the stream is over and why. Once it is, `transmit` may still have one last packet to give, a Reset or the
  /// acknowledgement of the Fin; then it can go.
  [[nodiscard]] stream_end ended() const noexcept;
  [[nodiscard]] datagram_stream_stats stats() const;
  /// Bytes that were taken by `write` and are not acknowledged yet.
  [[nodiscard]] std::size_t unacknowledged() const noexcept;

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace librats::protocols
