// SPDX-License-Identifier: MIT
#include "protocols/stun/client_transaction.hpp"

#include <cassert>
#include <utility>

namespace librats::protocols::stun {

client_transaction::client_transaction(const config& cfg, const endpoint& server, bytes request, time_point now)
  : cfg_(cfg), server_(server), request_(std::move(request)), started_(now),
    wait_(cfg.requests_max > 1 ? cfg.rto : cfg.rto * cfg.last_wait) {
  const auto mine = message_view::decode(request_);
  assert(mine && mine->kind() == message_class::request);
  id_ = mine->id();
  method_ = mine->method();
  due_ = now + wait_;
}

bool client_transaction::matches(const endpoint& from, const message_view& x) const noexcept {
  const bool response = x.kind() == message_class::success || x.kind() == message_class::error;
  return state_ == status::waiting && response && x.id() == id_ && x.method() == method_ && from == server_;
}

void client_transaction::handle_response(time_point now) noexcept {
  if (state_ != status::waiting)
    return;
  state_ = status::answered;
  to_send_ = false;
  if (requests_ == 1)
    rtt_ = now - started_;
}

void client_transaction::handle_refused(const endpoint& to) noexcept {
  if (state_ != status::waiting || to != server_)
    return;
  state_ = status::refused;
  to_send_ = false;
}

void client_transaction::handle_timeout(time_point now) noexcept {
  if (state_ != status::waiting || now < due_)
    return;
  if (requests_ >= cfg_.requests_max) {
    state_ = status::timed_out;
    to_send_ = false;
    return;
  }
  ++requests_;
  to_send_ = true;
  // The waits double by what was planned; after the last request there is a wait of its own.
  const auto doubled = cfg_.rto * (std::int64_t{1} << (requests_ - 1));
  wait_ = requests_ < cfg_.requests_max ? doubled : cfg_.rto * cfg_.last_wait;
  due_ = now + wait_;
}

std::optional<bytes> client_transaction::poll_transmit() {
  if (!std::exchange(to_send_, false))
    return std::nullopt;
  return request_;
}

std::optional<time_point> client_transaction::poll_timeout() const noexcept {
  return state_ == status::waiting ? std::optional{due_} : std::nullopt;
}

} // namespace librats::protocols::stun
