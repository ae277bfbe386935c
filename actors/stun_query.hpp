// SPDX-License-Identifier: MIT
#pragma once

#include "actors/datagram_messages.hpp"
#include "actors/discovery_messages.hpp"
#include "actors/endpoint_gathering.hpp"
#include "protocols/stun/address_query.hpp"
#include "runtime/caf/pinned_actor.hpp"
#include "runtime/net/datagram.hpp"

#include <caf/typed_response_promise.hpp>

#include <memory>
#include <optional>
#include <vector>

namespace librats::actors {

/// One question to STUN servers, how they see the port that our datagrams to peers leave from: it travels through the
/// node's `datagram_mux`, or from a socket of its own where the node uses no UDP. Ends with the answer.
class stun_query final : public runtime::pinned_actor, private runtime::datagram_events {
public:
  struct args {
    discover_address what;
    caf::actor mux;     ///< May be null.
    caf::actor broker;  ///< Looks up names.
    /// Of the servers that are asked: what the node's own socket can reach.
    gathered_family family = gathered_family::v4;
    secret_random::key_type key{};
    caf::typed_response_promise<address_discovered> promise;
  };

  stun_query(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, args its);

  [[nodiscard]] const char* kind() const noexcept override { return "stun_query"; }

protected:
  caf::behavior handlers() override;
  void started() override;
  void stopped() override;
  void timer_fired(std::uint32_t slot) override;

private:
  void ask_servers(const std::vector<endpoint>& servers);
  void send_out(const endpoint& to, bytes datagram);
  void pump();
  void fail(const std::string& why);
  void datagram_received(const endpoint& from, mutable_bytes_view in) override;
  void datagrams_drained() override {}
  void datagrams_writable() override {}
  void datagram_refused(const endpoint& to, std::error_code why) override;

  args args_;
  std::unique_ptr<runtime::datagram_socket> socket_;  ///< Without a mux.
  std::optional<protocols::stun::address_query> query_;
};

} // namespace librats::actors
