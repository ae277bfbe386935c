// SPDX-License-Identifier: MIT
#include "apps/rats-sim/raw_peer.hpp"

#include <utility>

namespace librats::apps {

raw_peer::raw_peer(runtime::sim_host& host, const endpoint& remote,
  std::shared_ptr<const protocols::session_config> who, const std::array<std::uint8_t, 32>& ephemeral)
  : who_(std::move(who)) {
  if (who_)
    session_.emplace(who_, protocols::role::initiator, ephemeral);
  call_ = host.net().dial(remote, 0, *this);
}

raw_peer::~raw_peer() = default;

bool raw_peer::established() const noexcept {
  return session_ && session_->state() == protocols::session_state::established && opened() && !ended_;
}

void raw_peer::write(bytes_view in) {
  if (ended_ || unsent_.size() + in.size() > unsent_max)
    return;
  unsent_.insert(unsent_.end(), in.begin(), in.end());
  flush();
}

void raw_peer::send(protocols::message_type type, bytes_view payload) {
  // A sealed block that is not sent leaves a gap in the stream of nonces, so whether it fits is asked before.
  if (!established() || payload.size() > session_->payload_max()
    || unsent_.size() + session_->sealed_size(payload.size()) > unsent_max)
    return;
  bytes block(session_->sealed_size(payload.size()));
  if (const auto size = session_->seal({type, 0, 0}, payload, block))
    write(bytes_view{block}.first(*size));
}

void raw_peer::stop_reading() {
  if (stream_)
    stream_->pause_reading();
}

void raw_peer::flush() {
  if (!stream_ || unsent_.empty())
    return;
  const auto taken = stream_->write(unsent_);
  bytes_sent_ += taken;
  unsent_.erase(unsent_.begin(), unsent_.begin() + static_cast<std::ptrdiff_t>(taken));
}

void raw_peer::dialed(std::uint64_t, std::unique_ptr<runtime::stream> outgoing) {
  stream_ = std::move(outgoing);
  stream_->start(*this);
  if (session_)
    write(session_->poll_transmit());
  flush();
}

void raw_peer::stream_bytes(mutable_bytes_view in) {
  if (!session_)
    return;
  session_->handle_bytes(in);
  while (session_->poll_frame()) {
  }
  if (const auto out = session_->poll_transmit(); !out.empty())
    write(out);
}

} // namespace librats::apps
