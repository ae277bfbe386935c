// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/endpoint.hpp"
#include "protocols/core/time.hpp"
#include "protocols/core/transport.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <system_error>

namespace librats::runtime {

/// What happens to a stream. All calls come on the loop's thread, never from inside a call to the stream.
class stream_events {
public:
  /// Bytes arrived, in the loop's own buffer: they may be changed in place and are gone when the call returns.
  virtual void stream_bytes(mutable_bytes_view in) = 0;
  /// There is room again, after a `write` that took less than it was offered.
  virtual void stream_writable() = 0;
  /// The stream is over; nothing else follows. An empty code is an orderly end by the other side.
  virtual void stream_closed(std::error_code why) = 0;

protected:
  ~stream_events() = default;
};

/// A stream between two loops: no loop watches it. Destroying it closes it.
class detached_stream {
public:
  virtual ~detached_stream() = default;
};

/// How well a stream does, for reports.
struct stream_quality {
  std::optional<duration> smoothed_rtt;  ///< Empty: not measured, or the system does not say.
  std::uint64_t retransmissions = 0;     ///< Packets that were sent again.
  std::uint64_t packets_sent = 0;        ///< All of them, acknowledgements and retransmissions too.

  /// What part of the packets had to be sent again, from 0 to 1: about the loss on the way there.
  [[nodiscard]] double loss() const noexcept {
    return packets_sent == 0 ? 0 : static_cast<double>(retransmissions) / static_cast<double>(packets_sent);
  }
};

/// One reliable, ordered stream of bytes in both directions. Owned by one pinned actor; destroying it closes it in
/// order: what was written still leaves.
class stream {
public:
  virtual ~stream() = default;

  /// Begins to read. `events` must outlive the stream.
  virtual void start(stream_events& events) = 0;
  /// Takes as many of the bytes as fit now, without blocking, and returns their number. After less than `in.size()`,
  /// `stream_writable` announces room. An error shows as `stream_closed`.
  virtual std::size_t write(bytes_view in) = 0;
  /// Stops and resumes reading: the receiver's end of back-pressure.
  virtual void pause_reading() = 0;
  virtual void resume_reading() = 0;

  /// Ends it at once, without regard for what is on the way (a reset where the transport has one; a TCP socket is
  /// merely closed, as upstream does). No event follows.
  virtual void abort() = 0;

  /// Takes a stream that was not started yet off its loop, for `network::attach` on another one. Null when it is
  /// broken.
  virtual std::unique_ptr<detached_stream> detach() = 0;

  [[nodiscard]] virtual endpoint remote() const = 0;
  [[nodiscard]] virtual endpoint local() const = 0;
  [[nodiscard]] virtual transport kind() const noexcept = 0;
  /// Costs a system call on a real stream.
  [[nodiscard]] virtual stream_quality quality() const = 0;
};

} // namespace librats::runtime
