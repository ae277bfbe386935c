// SPDX-License-Identifier: MIT
#pragma once

#include "actors/link_messages.hpp"
#include "actors/node_options.hpp"
#include "protocols/core/source_budget.hpp"
#include "protocols/core/token_bucket.hpp"
#include "protocols/dial/dial_race.hpp"
#include "protocols/dial/transport_memory.hpp"
#include "runtime/host/host.hpp"
#include "runtime/supervision/supervisor.hpp"

#include <caf/typed_response_promise.hpp>

#include <map>
#include <memory>
#include <string>
#include <unordered_map>

namespace librats::actors {

/// What the connection supervisor gives every link that it starts. Held by the node across restarts.
struct connection_context {
  std::shared_ptr<const protocols::session_config> session;
  connection_limits limits;
  transport_options transports;
  bool allow_plaintext_remote = false;
  local_identity_ptr identity;
  routes table;
  services_changed services;
  std::uint32_t incarnation = 1;  ///< Which start of the supervisor this is: names and serials never repeat.
};

/// Starts a `peer_connection` for every stream and a `dialer` for every dial, and keeps the half-open ones in bounds.
/// Its children are temporary: a link that failed is not restarted here. Established links survive a crash of this
/// actor.
class connection_supervisor final : public runtime::supervisor {
public:
  connection_supervisor(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, runtime::host& host,
    connection_context context, caf::actor_addr node);

  [[nodiscard]] const char* kind() const noexcept override { return "connection_supervisor"; }

protected:
  caf::behavior handlers() override;
  void start_children() override {}
  void child_gone(const std::string& name, const caf::error& reason) override;
  void children_stopped() override;
  void stopped() override;

private:
  struct pending_dial {
    std::string dialer;  ///< Its name among the children; empty when it is gone.
    protocols::transport_memory::target target;
    std::map<std::size_t, std::string> links;  ///< Names of those that shake hands, by attempt.
    caf::typed_response_promise<connected_to> promise;
  };

  void accept(const runtime::stream_accepted& x);
  caf::result<connected_to> dial(const dial_peer& request);
  void opened(const dial_opened& x);
  void attempt_settled(const link_settled& x);
  void win_dial(const link_settled& x);
  void settled(const link_settled& x);
  void adopt_survivor(const adopt_link& x);
  std::string start_link(const runtime::stream_ref& stream, protocols::role role, std::uint64_t dial,
    std::size_t attempt);
  [[nodiscard]] protocols::dial_race_config race_for(const protocols::transport_memory::target& target) const;
  void fail_dial(std::uint64_t dial, const std::string& reason);
  void end_dialing(const pending_dial& x);
  void leave_half_open(const std::string& name);
  [[nodiscard]] std::string next_name(const char* what);
  template <class Message>
  void tell_links(const Message& news);

  runtime::host& host_;
  connection_context context_;
  caf::actor_addr node_;
  std::uint32_t last_number_ = 0;
  std::uint32_t next_loop_ = 0;
  std::uint64_t next_dial_;  ///< Never one of an earlier incarnation, whose links may still settle theirs.
  std::map<std::uint64_t, pending_dial> dials_;
  protocols::transport_memory transports_;
  std::unordered_map<std::string, ip_address> half_open_;  ///< Inbound links without identity, by child name.
  std::map<ip_address, std::size_t> half_open_per_address_;
  std::map<std::string, caf::actor> links_;
  token_bucket accepts_;
  source_budget accepts_per_source_;
  connection_counters counters_;
};

} // namespace librats::actors
