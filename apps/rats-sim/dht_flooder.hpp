// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/dht/krpc.hpp"
#include "runtime/net/datagram.hpp"
#include "runtime/sim/sim_host.hpp"
#include "runtime/sim/sim_random.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace librats::apps {

/// A stranger in the DHT with a port and an id of its own, who announces itself under a key that is none of its
/// business, to one node after another, nearer and nearer to the key. Answers nobody.
class dht_flooder final : private runtime::datagram_events {
public:
  /// `doors` are the DHT ports that it begins at.
  dht_flooder(
    runtime::sim_host& host, const protocols::info_hash& key, std::vector<endpoint> doors, std::uint64_t seed);

  /// Asks one node for the right to announce, and announces as soon as it has it.
  void turn();

  struct figures {
    std::uint64_t asked = 0;
    std::uint64_t announced = 0;
    std::uint64_t taken = 0; ///< Announcements that were answered without an error.
  };
  [[nodiscard]] const figures& counted() const noexcept { return counted_; }

  /// Nodes near the key that it remembers, as many as a real one asks.
  static constexpr std::size_t nearest_max = 8;

private:
  void datagram_received(const endpoint& from, mutable_bytes_view in) override;
  void datagrams_drained() override { socket_->flush(); }
  void datagrams_writable() override {}
  void datagram_refused(const endpoint&, std::error_code) override {}
  void send(const endpoint& to, protocols::krpc::query what, std::uint8_t kind);
  void remember(const std::vector<protocols::node_contact>& nodes);

  protocols::info_hash key_;
  std::vector<endpoint> doors_;
  runtime::sim_random random_;
  protocols::node_id id_;
  std::vector<protocols::node_contact> nearest_;
  std::unique_ptr<runtime::datagram_socket> socket_;
  figures counted_;
};

} // namespace librats::apps
