// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/net/datagram.hpp"
#include "runtime/sim/sim_host.hpp"

#include <cstdint>
#include <memory>

namespace librats::apps {

/// A STUN server on a simulated machine: tells whoever asks under which address it was seen (RFC 8489 section 6.3).
class stun_desk final : private runtime::datagram_events {
public:
  static constexpr std::uint16_t port = 3478;

  explicit stun_desk(runtime::sim_host& host) : host_(host) {}

  /// Opens its socket, which goes with the power of the machine.
  void open();

private:
  void datagram_received(const endpoint& from, mutable_bytes_view in) override;
  void datagrams_drained() override { socket_->flush(); }
  void datagrams_writable() override {}
  void datagram_refused(const endpoint&, std::error_code) override {}

  runtime::sim_host& host_;
  std::unique_ptr<runtime::datagram_socket> socket_;
};

} // namespace librats::apps
