// SPDX-License-Identifier: MIT
#pragma once

#include "actors/dht_messages.hpp"
#include "runtime/host/host.hpp"
#include "runtime/net/network.hpp"
#include "runtime/supervision/supervisor.hpp"

#include <caf/typed_response_promise.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace librats::actors {

/// Supervises everything that finds peers nobody told us of, and answers the messages of discovery_messages.hpp for the
/// node: a `dht_node` per address family, `mdns`, the `peer_finder` that dials what they find, and one `stun_query` per
/// question. Holds what survives their restarts: options, ports, our own addresses, and who watches services and
/// sampled info-hashes.
class discovery final : public runtime::supervisor {
public:
  struct args {
    discovery_options options;
    peer_id self;
    std::string protocol;
    runtime::listen_options listener;  ///< Where the node listens: the DHT binds the same addresses.
    duration dial_patience{};
    caf::actor_addr node;
    services_changed services;
    local_identity_ptr identity;
  };

  discovery(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, runtime::host& host, args its);

  [[nodiscard]] const char* kind() const noexcept override { return "discovery"; }

protected:
  caf::behavior handlers() override;
  void start_children() override;
  void child_started(const std::string& name, const caf::actor& child) override;
  void child_gone(const std::string& name, const caf::error& reason) override;
  void observed_ended(const caf::actor_addr& who) override;
  void stopped() override;

private:
  /// One address family of the DHT.
  struct family {
    bool wanted = false;
    std::uint16_t port = 0;
    std::optional<endpoint> local;
    std::string trouble;
    bool settled = false;  ///< Its socket is open, or could not be opened.
    bool ready = false;    ///< It knows nodes.
  };

  // -- the DHT
  [[nodiscard]] static const char* dht_name(bool v6) noexcept { return v6 ? "dht_node-v6" : "dht_node-v4"; }
  [[nodiscard]] std::optional<ip_address> bind_address(bool v6) const;
  caf::result<dht_started> start(const start_dht& x);
  void launch_dht();
  void launch_family(bool v6);
  void opened(const dht_opened& x);
  [[nodiscard]] bool dht_running() const noexcept { return families_[0].wanted || families_[1].wanted; }
  void tell_finder_of_dht();
  caf::result<peers_found> look_for(const run_lookup& what, bool dial);
  caf::result<item_stored> put(const put_item& x);
  caf::result<item_got> get(const get_item& x);
  caf::result<dht_status> report();
  template <class Reply, class Fold, class Finish>
  caf::result<Reply> ask_families(const run_lookup& what, Fold fold, Finish finish);

  // -- mDNS
  caf::result<mdns_started> start(const start_mdns& x);
  void launch_mdns();
  void answer_mdns_waiters(const caf::actor& running);

  // -- all
  void launch_finder();
  [[nodiscard]] std::string meeting_key() const {
    return args_.options.key.empty() ? args_.protocol : args_.options.key;
  }
  bool add_watcher(std::vector<caf::actor>& to, const caf::actor& watcher);
  caf::result<address_discovered> discover(const discover_address& x);
  template <class Message>
  void tell_all(const Message& news);

  runtime::host& host_;
  args args_;
  std::array<family, 2> families_;  ///< IPv4, IPv6.
  std::vector<caf::typed_response_promise<dht_started>> dht_waiters_;
  bool mdns_wanted_ = false;
  bool mdns_ends_ = false;  ///< It was told to stop and is still there.
  std::vector<caf::typed_response_promise<mdns_started>> mdns_waiters_;
  time_point dht_since_{};
  std::vector<caf::actor> watchers_;       ///< Of services.
  std::vector<caf::actor> hash_watchers_;  ///< Of what the spider finds.
  std::set<ip_address> ignored_;
  std::uint64_t last_query_ = 0;
};

} // namespace librats::actors
