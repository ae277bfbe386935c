// SPDX-License-Identifier: MIT
#include "tests/actors/wire_client.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace librats::test {

namespace {

std::array<std::uint8_t, 32> filled(std::uint8_t byte) {
  std::array<std::uint8_t, 32> out{};
  out.fill(byte);
  return out;
}

std::shared_ptr<const protocols::session_config> make_config(std::uint8_t key_byte, protocols::security_mode security) {
  auto out = std::make_shared<protocols::session_config>();
  out->security = security;
  out->static_key = protocols::key_pair::from_private(filled(key_byte));
  return out;
}

} // namespace

wire_client::wire_client(runtime::sim_host& host, const endpoint& remote) : world_(host.world()) {
  call_ = host.net().dial(remote, 1, *this);
}

wire_client::~wire_client() = default;

bool wire_client::open() {
  return world_.run_until([&] { return connected() || ended(); }, std::chrono::minutes{5}) && connected();
}

void wire_client::write(bytes_view in) {
  unsent_.insert(unsent_.end(), in.begin(), in.end());
  flush();
}

void wire_client::flush() {
  if (!stream_ || unsent_.empty())
    return;
  const auto taken = stream_->write(unsent_);
  unsent_.erase(unsent_.begin(), unsent_.begin() + static_cast<std::ptrdiff_t>(taken));
}

void wire_client::stop_reading() { stream_->pause_reading(); }

void wire_client::close() { stream_.reset(); }

bool wire_client::await_end(duration limit) {
  return world_.run_until([&] { return ended(); }, limit);
}

void wire_client::dialed(std::uint64_t, std::unique_ptr<runtime::stream> outgoing) {
  opened_at = world_.elapsed();
  stream_ = std::move(outgoing);
  stream_->start(*this);
  opened();
}

void wire_client::dial_failed(std::uint64_t, std::error_code) { ended_at = world_.elapsed(); }

void wire_client::stream_bytes(mutable_bytes_view in) {
  bytes_received += in.size();
  received(in);
}

void wire_client::stream_closed(std::error_code) { ended_at = world_.elapsed(); }

// -- a peer -----------------------------------------------------------------------------------------------------------

wire_peer::wire_peer(runtime::sim_host& host, const endpoint& remote, std::uint8_t key_byte, int handshake_messages,
  protocols::security_mode security)
  : wire_client(host, remote), config_(make_config(key_byte, security)),
    session_(config_, protocols::role::initiator, filled(static_cast<std::uint8_t>(~key_byte))),
    messages_left_(handshake_messages) {}

bool wire_peer::establish() {
  return open() && world_.run_until([&] { return established() || ended(); }, std::chrono::minutes{1}) && established();
}

void wire_peer::send(protocols::message_type type, bytes_view payload, protocols::channel_id channel) {
  write(seal(type, payload, channel));
}

void wire_peer::send_app(const std::string& channel, const std::string& text) {
  send(protocols::message_type::app, as_bytes(text), protocols::channel_of(channel));
}

bytes wire_peer::seal(protocols::message_type type, bytes_view payload, protocols::channel_id channel) {
  bytes out(session_.sealed_size(payload.size()));
  const auto size = session_.seal({type, 0, channel}, payload, out);
  out.resize(size ? *size : 0);
  return out;
}

std::size_t wire_peer::count(protocols::message_type type) const {
  return static_cast<std::size_t>(
    std::count_if(frames.begin(), frames.end(), [&](const auto& x) { return x.header.type == type; }));
}

void wire_peer::received(mutable_bytes_view in) {
  session_.handle_bytes(in);
  while (const auto one = session_.poll_frame())
    frames.push_back({one->header, to_bytes(one->payload)});
  pump();
}

void wire_peer::pump() {
  if (messages_left_ == 0)
    return;
  if (const auto out = session_.poll_transmit(); !out.empty()) {
    --messages_left_;
    write(out);
  }
}

} // namespace librats::test
