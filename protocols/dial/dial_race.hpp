// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/endpoint.hpp"
#include "protocols/core/time.hpp"
#include "protocols/core/transport.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace librats::protocols {

/// One way to reach a peer.
struct dial_attempt {
  endpoint remote;
  transport over = transport::tcp;
};

struct dial_race_config {
  std::vector<transport> order;  ///< What to try, the likeliest first; never empty.
  /// Head start of the first transport over the next (wire/07 section 12); zero: only the first one is tried.
  duration fallback_delay = std::chrono::milliseconds{1200};
  /// "Connection Attempt Delay" between two addresses over one transport: RFC 8305 section 5 recommends this value.
  duration attempt_delay = std::chrono::milliseconds{250};
};

/// When to try what, for one dial: every transport goes through the addresses on its own, the next address when the one
/// before failed or had its head start (RFC 8305), and the next transport when the one before is at its end or had its
/// head start (wire/07 section 12). Knows nothing of what an attempt is; the owner starts them, reports the failures,
/// and stops asking when one has won.
class dial_race {
public:
  /// `addresses` in the resolver's order; they are interleaved by family, beginning with that of the first one
  /// (RFC 8305 section 4), and at most 16 are tried.
  dial_race(dial_race_config config, const std::vector<ip_address>& addresses, std::uint16_t port, time_point now);

  /// The number of an attempt that is to be started now, from 0 and in this order; ask until there is none.
  std::optional<std::size_t> poll_start(time_point now);
  /// An attempt that was started is over.
  void failed(std::size_t attempt, time_point now);
  /// When `poll_start` may have another one although nothing failed; `time_point::max()`: never.
  [[nodiscard]] time_point next_wakeup() const noexcept;
  /// No attempt runs, and none is left to start.
  [[nodiscard]] bool exhausted() const noexcept;

  [[nodiscard]] const dial_attempt& at(std::size_t attempt) const { return attempts_[attempt].what; }
  [[nodiscard]] std::size_t started() const noexcept { return attempts_.size(); }
  [[nodiscard]] bool running(std::size_t attempt) const { return attempts_[attempt].runs; }

private:
  struct started_attempt {
    dial_attempt what;
    std::size_t lane;
    bool runs;
  };
  /// One transport on its way through the addresses.
  struct lane {
    transport over;
    std::size_t next = 0;  ///< The next address.
    std::size_t running = 0;
    time_point due{};      ///< When it may be started.
  };

  [[nodiscard]] bool at_its_end(const lane& x) const noexcept { return x.next == addresses_.size() && x.running == 0; }

  dial_race_config config_;
  std::vector<endpoint> addresses_;
  std::vector<lane> lanes_;
  std::vector<started_attempt> attempts_;
};

} // namespace librats::protocols
