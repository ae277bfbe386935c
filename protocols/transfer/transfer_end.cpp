// SPDX-License-Identifier: MIT
#include "protocols/transfer/transfer_end.hpp"

#include "protocols/core/take_front.hpp"

#include <string>
#include <utility>

namespace librats::protocols {

transfer_end::transfer_end(time_point now, transfer_offer offer)
  : offer_(std::move(offer)), active_at_(now), sign_at_(now) {}

void transfer_end::handle_link_lost() {
  if (state_ != transfer_state::done)
    end(transfer_errc::link_lost);
}

bool transfer_end::pause(time_point) {
  if (state_ != transfer_state::active)
    return false;
  state_ = transfer_state::paused;
  to_send_.push_back(encode_transfer_op(transfer_op::pause, offer_.id));
  events_.emplace_back(transfer_paused{false});
  return true;
}

void transfer_end::handle_pause() {
  if (state_ != transfer_state::active)
    return;
  state_ = transfer_state::paused;
  events_.emplace_back(transfer_paused{true});
}

bool transfer_end::resume(time_point now) {
  if (state_ != transfer_state::paused)
    return false;
  to_send_.push_back(encode_transfer_op(transfer_op::resume, offer_.id));
  go_on(now, false);
  return true;
}

/// Also the sign of a peer that still reads a prefix.
void transfer_end::handle_resume(time_point now) {
  active_at_ = now;
  if (state_ == transfer_state::paused)
    go_on(now, true);
}

void transfer_end::go_on(time_point now, bool by_peer) {
  state_ = transfer_state::active;
  active_at_ = now;
  events_.emplace_back(transfer_resumed{by_peer});
  resumed();
}

bool transfer_end::cancel() {
  if (state_ == transfer_state::done)
    return false;
  end(transfer_errc::cancelled);
  to_send_.push_back(encode_transfer_op(transfer_op::cancel, offer_.id));
  return true;
}

std::optional<transfer_event> transfer_end::poll_event() {
  return take_front(events_);
}

void transfer_end::end(std::optional<transfer_errc> error, std::string_view reason) {
  state_ = transfer_state::done;
  to_send_.clear();
  ended();
  events_.emplace_back(transfer_done{error, std::string{reason}});
}

} // namespace librats::protocols
