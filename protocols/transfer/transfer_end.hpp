// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/time.hpp"
#include "protocols/transfer/transfer_types.hpp"

#include <deque>
#include <optional>
#include <string_view>

namespace librats::protocols {

/// What both ends of a transfer have in common: its offer, its state, and how it is paused and ended (wire/05 section
/// 6).
class transfer_end {
public:
  // -- inputs

  void handle_link_lost();
  /// False unless active.
  bool pause(time_point now);
  /// False unless paused. Either side may end either side's pause, as with upstream.
  bool resume(time_point now);
  /// False when it has ended already.
  bool cancel();

  // -- outputs

  std::optional<transfer_event> poll_event();

  // -- state

  [[nodiscard]] transfer_state state() const noexcept { return state_; }
  [[nodiscard]] const transfer_offer& offer() const noexcept { return offer_; }

protected:
  transfer_end(time_point now, transfer_offer offer);
  ~transfer_end() = default;

  void handle_pause();
  void handle_resume(time_point now);
  void end(std::optional<transfer_errc> error, std::string_view reason = {});

  /// Signs of life while a prefix is read again, within the peer's patience.
  static constexpr int signs_per_idle = 4;

  transfer_offer offer_;
  transfer_state state_ = transfer_state::pending;
  time_point active_at_; ///< The last sign of life.
  time_point sign_at_;   ///< When to say that we are still reading a prefix.
  std::deque<bytes> to_send_;
  std::deque<transfer_event> events_;

private:
  void go_on(time_point now, bool by_peer);

  /// It is active again after a pause.
  virtual void resumed() {}
  /// It has ended: lets go of what is held for it.
  virtual void ended() = 0;
};

} // namespace librats::protocols
