// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/session/session.hpp"
#include "runtime/sim/sim_host.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

namespace librats::test {

/// A stream to a node's port without any actor behind it: what a stranger can do. Writes any bytes, notes what comes.
class wire_client : private runtime::dial_events, private runtime::stream_events {
public:
  wire_client(runtime::sim_host& host, const endpoint& remote);
  virtual ~wire_client();

  /// Runs the world until the stream is open.
  bool open();
  void write(bytes_view in);
  void write(const bytes& in) { write(bytes_view{in}); }
  /// Stops reading, so that what the node sends piles up.
  void stop_reading();
  void close();
  /// Runs the world until the node closed the stream.
  bool await_end(duration limit);

  [[nodiscard]] bool connected() const noexcept { return stream_ != nullptr; }
  [[nodiscard]] bool ended() const noexcept { return ended_at.has_value(); }

  std::size_t bytes_received = 0;
  std::optional<duration> opened_at;
  std::optional<duration> ended_at;  ///< When the end of the stream was seen here.

protected:
  virtual void received(mutable_bytes_view) {}
  virtual void opened() {}

  runtime::sim_world& world_;

private:
  void dialed(std::uint64_t token, std::unique_ptr<runtime::stream> outgoing) override;
  void dial_failed(std::uint64_t token, std::error_code why) override;
  void stream_bytes(mutable_bytes_view in) override;
  void stream_writable() override { flush(); }
  void stream_closed(std::error_code why) override;
  void flush();

  std::unique_ptr<runtime::pending_operation> call_;
  std::unique_ptr<runtime::stream> stream_;
  bytes unsent_;
};

/// A wire client that can shake hands: a peer that afterwards says whatever the test wants. Answers nothing by itself.
class wire_peer final : public wire_client {
public:
  struct frame {
    protocols::frame_header header;
    bytes payload;
  };

  /// `key_byte` makes the identity. With `handshake_messages` below 2 it stops in the middle: 0 sends nothing at all.
  wire_peer(runtime::sim_host& host, const endpoint& remote, std::uint8_t key_byte, int handshake_messages = 2,
    protocols::security_mode security = protocols::security_mode::noise);

  /// Opens the stream and shakes hands.
  bool establish();
  void send(protocols::message_type type, bytes_view payload, protocols::channel_id channel = 0);
  void send_app(const std::string& channel, const std::string& text);
  /// A sealed block that was not sent.
  bytes seal(protocols::message_type type, bytes_view payload, protocols::channel_id channel = 0);
  [[nodiscard]] bool established() const { return session_.state() == protocols::session_state::established; }
  [[nodiscard]] peer_id id() const { return config_->static_key.id(); }
  /// How many frames of a type have come.
  [[nodiscard]] std::size_t count(protocols::message_type type) const;

  std::vector<frame> frames;

private:
  void opened() override { pump(); }
  void received(mutable_bytes_view in) override;
  void pump();

  std::shared_ptr<const protocols::session_config> config_;
  protocols::session session_;
  int messages_left_;
};

} // namespace librats::test
