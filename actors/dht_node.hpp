// SPDX-License-Identifier: MIT
#pragma once

#include "actors/dht_messages.hpp"
#include "actors/endpoint_gathering.hpp"
#include "protocols/dht/dht_core.hpp"
#include "protocols/stun/address_query.hpp"
#include "runtime/host/host.hpp"
#include "runtime/net/datagram.hpp"
#include "runtime/supervision/supervisor.hpp"

#include <caf/typed_response_promise.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace librats::actors {

/// A node of the Mainline DHT, of one address family, on a UDP socket of its own: drives `protocols::dht_core`, which
/// answers others and keeps the routing table, and supervises one `dht_lookup` for each walk that somebody wants, and
/// a `dht_spider` if that is wanted. Asks STUN servers for the address of its socket, and keeps its routing table on
/// disk: every five minutes, and when it ends.
class dht_node final : public runtime::supervisor, private runtime::datagram_events {
public:
  struct args {
    bool v6 = false;
    ip_address bind_to;
    std::uint16_t port = 0;  ///< Preferred.
    bool listening = false;  ///< Whether our peers' port is open to others, so that we are of use to them.
    dht_options options;
    caf::actor broker;       ///< Looks up names.
    caf::actor_addr discovery;
  };

  dht_node(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, runtime::host& host, args its);

  [[nodiscard]] const char* kind() const noexcept override { return "dht_node"; }

protected:
  caf::behavior handlers() override;
  void start_children() override;
  void children_stopped() override;
  void child_gone(const std::string& name, const caf::error& reason) override;
  void observed_ended(const caf::actor_addr& who) override;
  void stopped() override;
  void timer_fired(std::uint32_t slot) override;

private:
  struct waiting_lookup {
    run_lookup what;
    caf::typed_response_promise<lookup_ended> promise;
    time_point patience;  ///< Until when it waits for nodes to begin with.
  };
  struct asker {
    caf::actor_addr lookup;
    std::uint32_t handle = 0;
  };

  // -- the socket
  void open();
  void tell_state();
  void datagram_received(const endpoint& from, mutable_bytes_view in) override;
  void datagrams_drained() override;
  void datagrams_writable() override;
  void datagram_refused(const endpoint& to, std::error_code why) override;
  void pump();
  void handle_event(const protocols::dht_core::event& x);
  void arm_wakeup();
  void share_neighbours();
  [[nodiscard]] bool knows_nodes() const { return core_ && core_->counted().confirmed != 0; }
  [[nodiscard]] protocols::address_family family() const noexcept {
    return args_.v6 ? protocols::address_family::v6 : protocols::address_family::v4;
  }
  [[nodiscard]] const char* family_name() const noexcept { return args_.v6 ? "IPv6" : "IPv4"; }

  // -- where to begin
  void resolve(const std::vector<protocols::dial_target>& names, endpoint_gathering::receiver use);
  void resolve_all();
  void add_bootstrap(const std::vector<endpoint>& nodes);
  void ask_stun(const std::vector<endpoint>& servers);

  // -- lookups
  caf::result<lookup_ended> want_lookup(const run_lookup& x);
  void start_lookup(waiting_lookup x);
  [[nodiscard]] std::optional<endpoint> own_endpoint(std::uint16_t port) const;
  void start_waiting();
  [[nodiscard]] std::size_t lookups_running() const noexcept;

  // -- the spider
  void launch_spider();
  [[nodiscard]] known_nodes nodes_near(const protocols::node_id& target) const;
  void take(const spider_report& x);

  // -- the routing table on disk
  [[nodiscard]] std::string state_path() const;
  void load_state();
  void save_state();
  [[nodiscard]] dht_family_status status() const;

  runtime::host& host_;
  args args_;
  std::unique_ptr<runtime::datagram_socket> socket_;
  std::optional<protocols::dht_core> core_;
  std::optional<protocols::stun::address_query> stun_;
  std::map<protocols::dht_core::ticket, asker> askers_;
  std::deque<waiting_lookup> waiting_;
  std::uint64_t last_lookup_ = 0;
  std::uint64_t lookups_done_ = 0;
  protocols::sampler::figures sampled_;
  std::vector<caf::actor> hash_watchers_;
  time_point save_at_{};
  time_point share_at_{};
  time_point retry_at_{};  ///< Opening the socket, or resolving names, is tried again.
  bool state_known_ = false;  ///< The file was read, or is not there; before that it must not be replaced.
  bool saving_ = false;
  bool ready_ = false;  ///< Some node was known once.
  std::string trouble_;
};

} // namespace librats::actors
