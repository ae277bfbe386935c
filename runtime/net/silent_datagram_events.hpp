// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/net/datagram.hpp"

namespace librats::runtime {

/// The listener of a socket whose news take another way: multicast sockets tell of arrivals alone.
class silent_datagram_events : public datagram_events {
public:
  void datagram_received(const endpoint&, mutable_bytes_view) override {}
  void datagrams_drained() override {}
  void datagrams_writable() override {}
  void datagram_refused(const endpoint&, std::error_code) override {}

protected:
  ~silent_datagram_events() = default;
};

} // namespace librats::runtime
