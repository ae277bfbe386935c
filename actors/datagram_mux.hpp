// SPDX-License-Identifier: MIT
#pragma once

#include "actors/datagram_link.hpp"
#include "actors/datagram_messages.hpp"
#include "protocols/datagram/datagram_endpoint.hpp"
#include "runtime/caf/pinned_actor.hpp"
#include "runtime/random/random_source.hpp"

#include <caf/typed_response_promise.hpp>

#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace librats::actors {

/// The UDP socket of a node: finds the stream that a datagram belongs to, opens and accepts streams, answers strangers,
/// and hands on what is not of this transport. Each stream waits in the loop's table for its `peer_connection`, exactly
/// as one over TCP does. All of them live on the loop of this actor. When it fails, its streams break; the next one
/// binds the same port.
class datagram_mux final : public runtime::pinned_actor, private runtime::datagram_events, private link_keeper {
public:
  struct options {
    protocols::datagram_endpoint_options acceptance;
    protocols::congestion_algorithm congestion = protocols::congestion_algorithm::bbr;
  };

  datagram_mux(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, runtime::random_source& random,
    const options& its);

  [[nodiscard]] const char* kind() const noexcept override { return "datagram_mux"; }

protected:
  caf::behavior handlers() override;
  void started() override;
  void stopped() override;
  void timer_fired(std::uint32_t slot) override;
  void turn_ended() override;

private:
  struct pending_dial {
    caf::actor_id requester = 0;
    std::uint64_t id = 0;
    caf::typed_response_promise<runtime::stream_dialed> promise;
  };

  // -- messages
  caf::result<datagrams_opened> open(const open_datagrams& request);
  caf::result<runtime::stream_dialed> dial(const dial_datagram_stream& request);
  void begin_dial(const dial_datagram_stream& request, pending_dial entry);
  void cancel(const runtime::cancel_dial& request);
  [[nodiscard]] datagram_report report() const;

  // -- the socket
  void datagram_received(const endpoint& from, mutable_bytes_view in) override;
  void datagrams_drained() override;
  void datagrams_writable() override;
  void datagram_refused(const endpoint& to, std::error_code why) override;
  void arrived(const endpoint& from, mutable_bytes_view in);
  void accept(const protocols::datagram_endpoint::arrival& x, const endpoint& from);
  void hand_on(const endpoint& from, bytes_view in);

  // -- links
  void service_later(datagram_link& link) override;
  void timer_due(datagram_link& link) override;
  void opened(datagram_link& link) override;
  datagram_link& add_link(const protocols::connection_ids& ids, const endpoint& remote, protocols::role side,
    protocols::dial_profile profile);
  void service(const std::shared_ptr<datagram_link>& link);
  void forget(datagram_link& link);
  runtime::stream_ref offer(datagram_link& link);
  void close_socket();
  void expect_claims();
  void finish_stopping();
  protocols::cookie_secret draw_secret();

  runtime::random_source& random_;
  options options_;
  std::unique_ptr<runtime::datagram_socket> socket_;
  std::optional<protocols::datagram_endpoint> endpoint_;
  caf::actor receiver_;
  std::vector<caf::actor> foreign_handlers_;
  std::map<std::uint64_t, std::shared_ptr<datagram_link>> links_;  ///< By number: order must not depend on addresses.
  std::vector<std::pair<dial_datagram_stream, pending_dial>> early_;  ///< Dials from before the socket was opened.
  bool opened_once_ = false;
  std::map<std::uint64_t, pending_dial> dials_;                    ///< By the number of their link.
  std::vector<std::shared_ptr<datagram_link>> pending_;            ///< Those that asked for service.
  std::uint64_t last_serial_ = 0;
  std::uint64_t dialed_ = 0;
  std::uint64_t dropped_ = 0;
  std::uint64_t foreign_ = 0;
  bool socket_full_ = false;
  std::optional<caf::error> stop_reason_;  ///< Set while the last bytes of the streams leave.
};

} // namespace librats::actors
