// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/net/network.hpp"
#include "runtime/sim/link_profile.hpp"
#include "runtime/sim/sim_world.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace librats::runtime {

struct sim_acceptor_core;
class sim_datagram_core;
class sim_multicast_core;
class sim_network_watch;

/// The network as one simulated host sees it.
class sim_network final : public network {
public:
  sim_network(sim_world& world, std::size_t host);
  ~sim_network() override;

  result<std::unique_ptr<acceptor>, std::error_code> listen(const listen_options& options,
    acceptor_events& events) override;
  std::unique_ptr<pending_operation> dial(const endpoint& remote, std::uint64_t token, dial_events& events) override;
  std::unique_ptr<stream> attach(std::unique_ptr<detached_stream> wanderer) override;
  result<std::unique_ptr<datagram_socket>, std::error_code> open_datagrams(const endpoint& local, bool dual_stack,
    datagram_events& events) override;
  result<std::unique_ptr<datagram_socket>, std::error_code> open_multicast(const multicast_options& options,
    std::uint64_t token, multicast_events& events) override;
  std::unique_ptr<pending_operation> resolve(const std::string& host, std::uint64_t token,
    resolve_events& events) override;
  std::vector<interface_address> interfaces() override;
  std::unique_ptr<network_watch> watch(network_change_events& events) override;

  /// Gives the host other addresses; what was connected from and to the old ones stalls.
  void set_addresses(std::vector<ip_address> addresses);
  [[nodiscard]] const std::vector<ip_address>& addresses() const noexcept { return addresses_; }
  /// Plugs the cable in or out. The host keeps its addresses.
  void set_up(bool up);

  /// Whether a datagram that nobody waits for is answered with an ICMP error.
  void set_answers_icmp(bool answers) noexcept { answers_icmp_ = answers; }
  [[nodiscard]] bool answers_icmp() const noexcept { return answers_icmp_; }
  /// Whether the machine's own interface takes part in multicast; if not, joining fails, and who joined hears nothing.
  void set_multicast(bool available) noexcept { multicast_ = available; }
  [[nodiscard]] bool multicast() const noexcept { return multicast_; }
  void set_uplink(const uplink_profile& profile) noexcept { uplink_ = profile; }
  /// Nothing leaves or arrives any more, until somebody opens a socket again.
  void go_silent() noexcept {
    silent_ = true;
    ++epoch_;
  }
  void forget_sockets();
  [[nodiscard]] bool silent() const noexcept { return silent_; }
  /// Changes when the machine loses its power: what was connected before is gone.
  [[nodiscard]] std::uint64_t epoch() const noexcept { return epoch_; }

  // -- for the other hosts of the world

  [[nodiscard]] std::shared_ptr<sim_acceptor_core> acceptor_on(std::uint16_t port) const;
  /// Who gets datagrams of that family to that port. One socket may have a port for IPv4 and another one for IPv6.
  [[nodiscard]] std::shared_ptr<sim_datagram_core> datagrams_on(std::uint16_t port, bool v6) const;
  /// Those that joined `group` (its address and port) on the cable, or `inside` on the loopback interface.
  [[nodiscard]] std::vector<std::shared_ptr<sim_multicast_core>> listening_to(const endpoint& group, bool inside) const;
  /// Of the members that share a port the one that a kernel would pick for what is sent to `to` alone: the last one of
  /// its family. Null when nobody has the port.
  [[nodiscard]] std::shared_ptr<sim_datagram_core> sharing_port(const endpoint& to) const;
  /// Who gets what this host sends to a group: every machine on its link, in the order of their numbers.
  [[nodiscard]] std::vector<sim_network*> on_link(bool itself_too) const;
  /// When `size` more bytes have left this host; `dropped` when they find the queue full and may be dropped.
  time_point departure(std::size_t size, bool may_drop, bool& dropped);
  [[nodiscard]] sim_network* network_at(const ip_address& address);
  /// Where something that leaves this host from `from` arrives, and as whose; null when nobody is there. What
  /// translates addresses on the way takes note.
  struct way {
    sim_network* target = nullptr;
    endpoint from;
  };
  [[nodiscard]] way way_to(nat_protocol protocol, const endpoint& from, const endpoint& to);
  /// When this is a box: to whom it passes what came from `from` for `to`. Null when it lets nothing in.
  struct recipient {
    sim_network* target = nullptr;
    endpoint to;
  };
  [[nodiscard]] recipient pass_in(nat_protocol protocol, const endpoint& from, const endpoint& to);
  /// Whether something sent to `address` can reach this host, or leave it from there.
  [[nodiscard]] bool usable(const ip_address& address) const;
  /// Where a socket that is bound to no address sends from; empty when there is no way to `remote`.
  [[nodiscard]] std::optional<ip_address> source_for(const ip_address& remote) const;
  [[nodiscard]] std::size_t host() const noexcept { return host_; }
  sim_world& world() noexcept { return world_; }

private:
  friend class sim_network_watch;

  std::uint16_t free_port();
  [[nodiscard]] bool port_shared(std::uint16_t port) const;
  void changed();

  sim_world& world_;
  std::size_t host_;
  std::vector<ip_address> addresses_;
  bool up_ = true;
  std::vector<sim_network_watch*> watches_;
  uplink_profile uplink_;
  time_point uplink_free_{};
  std::map<std::uint16_t, std::weak_ptr<sim_acceptor_core>> acceptors_;
  std::map<std::pair<std::uint16_t, bool>, std::weak_ptr<sim_datagram_core>> datagrams_;  ///< By port and "IPv6".
  std::vector<std::weak_ptr<sim_multicast_core>> members_;
  bool multicast_ = true;
  std::uint16_t last_port_ = 32767;
  bool silent_ = false;
  bool answers_icmp_ = true;
  std::uint64_t epoch_ = 0;
};

} // namespace librats::runtime
