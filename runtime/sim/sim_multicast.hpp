// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/net/multicast.hpp"
#include "runtime/net/silent_datagram_events.hpp"
#include "runtime/sim/sim_datagram.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace librats::runtime {

/// The interfaces of a simulated host, as it numbers them.
constexpr std::uint32_t sim_loopback_index = 1;
constexpr std::uint32_t sim_cable_index = 2;

/// A membership in a group. It shares its port with others of its kind, and hears the link that its host is on.
class sim_multicast_core final : private silent_datagram_events, public sim_datagram_core {
public:
  sim_multicast_core(sim_network& net, const multicast_options& options, std::uint64_t token, multicast_events& events);

  [[nodiscard]] const multicast_options& options() const noexcept { return options_; }
  /// Whether it hears what is sent to `group`, a group and a port; `inside`: on the loopback interface.
  [[nodiscard]] bool hears(const endpoint& group, bool inside) const noexcept;

private:
  void hand_over(const train& x, bytes& content) override;
  [[nodiscard]] std::optional<ip_address> source_for(const endpoint& to) const override;
  [[nodiscard]] std::uint8_t hops_for(const endpoint&) const override { return options_.hops; }
  [[nodiscard]] std::vector<sim_network*> audience() const override;
  [[nodiscard]] bool on_loopback() const noexcept override {
    return options_.interface.index == sim_loopback_index;
  }

  multicast_options options_;
  std::uint64_t token_;
  multicast_events& listener_;
};

} // namespace librats::runtime
