// SPDX-License-Identifier: MIT
#pragma once

#include "actors/dht_messages.hpp"
#include "protocols/dht/announce_schedule.hpp"
#include "protocols/discovery/dial_candidates.hpp"
#include "runtime/caf/pinned_actor.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace librats::actors {

/// Finds peers for its node: announces it in the DHT and searches there, on the schedule of wire/08 section 1, listens
/// to what mDNS sees, and dials what turns up, within the limits of `protocols::dial_candidates`.
class peer_finder final : public runtime::pinned_actor {
public:
  struct args {
    peer_id self;
    std::string protocol;            ///< Services on the link that say another one are left alone.
    bool meets = true;               ///< In the DHT.
    protocols::info_hash meeting;    ///< What the nodes of our application meet under.
    std::size_t peers_wanted = 0;
    ip_address bound_to;             ///< The node's listener; unspecified: all addresses of the machine.
    std::uint64_t seed = 0;
    duration dial_patience{};
    caf::actor_addr node;
  };

  peer_finder(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, args its);

  [[nodiscard]] const char* kind() const noexcept override { return "peer_finder"; }

protected:
  caf::behavior handlers() override;
  void started() override;
  void stopped() override;
  void timer_fired(std::uint32_t slot) override;

private:
  struct running_action {
    std::size_t missing = 0;  ///< Families that have not answered.
    std::size_t fresh = 0;
    bool acknowledged = false;
  };

  // -- the DHT
  void use_nodes(const dht_nodes_changed& x);
  void pump_schedule();
  void run(protocols::announce_schedule::action what);
  void family_ended(bool acknowledged);

  // -- dials
  void suspect(const std::vector<endpoint>& where);
  void consider(const protocols::mdns_found_service& x);
  void peers_changed();
  void pump_dials();
  void dial(const endpoint& where);
  void dial_ended(const endpoint& where, bool reached);

  args args_;
  protocols::dial_candidates candidates_;
  std::optional<protocols::announce_schedule> schedule_;  ///< While there is a DHT.
  std::optional<running_action> running_;
  dht_nodes_changed dht_;
  std::uint16_t listen_port_ = 0;
  std::set<peer_id> peers_;
  std::map<endpoint, std::vector<endpoint>> alternatives_;  ///< More addresses of the service that is dialed there.
  finder_report report_;
};

} // namespace librats::actors
