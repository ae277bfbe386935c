// SPDX-License-Identifier: MIT
#pragma once

#include "actors/dht_messages.hpp"
#include "protocols/mdns/mdns_engine.hpp"
#include "runtime/caf/pinned_actor.hpp"
#include "runtime/net/network.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace librats::actors {

/// Advertises the node on every link that has multicast, over IPv4 and IPv6, and watches for others there: drives
/// `protocols::mdns_engine` on one socket per interface and family. Says good-bye when it is told to end.
class mdns final : public runtime::pinned_actor, private runtime::multicast_events {
public:
  struct args {
    peer_id self;
    std::string protocol;
    std::string machine;  ///< Name of this machine.
    mdns_options options;
    local_identity_ptr identity;
    ip_address bound_to;  ///< The node's listener: unspecified, or the one address that it can be reached at.
    std::uint64_t seed = 0;
  };

  mdns(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, args its);

  [[nodiscard]] const char* kind() const noexcept override { return "mdns"; }

protected:
  caf::behavior handlers() override;
  void started() override;
  void stopped() override;
  void timer_fired(std::uint32_t slot) override;

private:
  /// Index of an interface, and whether it is IPv6.
  using socket_key = std::pair<std::uint32_t, bool>;

  void multicast_received(std::uint64_t token, const runtime::multicast_arrival& how, mutable_bytes_view in) override;
  void use_interfaces();
  void publish();
  void pump();
  void tell_watchers(const protocols::mdns_event& x);
  [[nodiscard]] mdns_status status() const;

  args args_;
  protocols::mdns_engine engine_;
  std::map<socket_key, std::unique_ptr<runtime::datagram_socket>> sockets_;
  std::map<std::uint32_t, std::string> interface_names_;
  std::vector<caf::actor> watchers_;
  std::string trouble_;
};

} // namespace librats::actors
