// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/session/session.hpp"
#include "runtime/net/network.hpp"
#include "runtime/sim/sim_host.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

namespace librats::apps {

/// A TCP connection to a node's port with no node behind it: what a stranger can do. Writes any bytes; with an identity
/// it shakes hands and seals frames. Answers nothing by itself and drops what it is told.
class raw_peer final : private runtime::dial_events, private runtime::stream_events {
public:
  /// Dials at once. Without `who` it never says a word that it was not asked to say.
  raw_peer(runtime::sim_host& host, const endpoint& remote, std::shared_ptr<const protocols::session_config> who,
    const std::array<std::uint8_t, 32>& ephemeral);
  ~raw_peer();
  raw_peer(const raw_peer&) = delete;
  raw_peer& operator=(const raw_peer&) = delete;

  /// What more is queued than this is not said: the other side takes its time.
  static constexpr std::size_t unsent_max = 1u << 20;

  void write(bytes_view in);
  /// Seals and writes; nothing before the handshake is over.
  void send(protocols::message_type type, bytes_view payload);
  void stop_reading();

  [[nodiscard]] bool opened() const noexcept { return stream_ != nullptr; }
  [[nodiscard]] bool established() const noexcept;
  /// Refused, or closed by the other side.
  [[nodiscard]] bool ended() const noexcept { return ended_; }
  [[nodiscard]] peer_id id() const { return who_->static_key.id(); }
  [[nodiscard]] std::uint64_t bytes_sent() const noexcept { return bytes_sent_; }

private:
  void dialed(std::uint64_t token, std::unique_ptr<runtime::stream> outgoing) override;
  void dial_failed(std::uint64_t, std::error_code) override { ended_ = true; }
  void stream_bytes(mutable_bytes_view in) override;
  void stream_writable() override { flush(); }
  void stream_closed(std::error_code) override { ended_ = true; }
  void flush();

  std::shared_ptr<const protocols::session_config> who_;
  std::optional<protocols::session> session_;
  std::unique_ptr<runtime::pending_operation> call_;
  std::unique_ptr<runtime::stream> stream_;
  bytes unsent_;
  std::uint64_t bytes_sent_ = 0;
  bool ended_ = false;
};

} // namespace librats::apps
