// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/caf/pinned_actor.hpp"
#include "runtime/net/network.hpp"

#include <caf/typed_response_promise.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace librats::runtime {

/// Asks the broker to listen; answered with `listener_opened`, or with an error whose sentence says what to do.
struct open_listener {
  listen_options options;
  std::uint16_t port_attempts = 5;  ///< A taken port is followed by port+1 and so on (wire/00 section 5).
  caf::actor receiver;              ///< Gets a `stream_accepted` for each stream.
  std::vector<caf::actor> brokers;  ///< Accepted streams are spread over these in turn; empty: all stay here.
};

struct listener_opened {
  endpoint local;
};

/// A stream waits in the table of loop `stream.loop` to be claimed.
struct stream_accepted {
  stream_ref stream;
  endpoint remote;
  transport kind = transport::tcp;
};

/// Closes a stream that waits in the loop's table and that nobody will claim.
struct drop_stream {
  stream_ref stream;
};

/// From one broker to another: a stream that the receiver shall put under its loop and announce.
struct stream_handover {
  std::shared_ptr<std::unique_ptr<detached_stream>> wanderer;
  endpoint remote;
  transport kind = transport::tcp;
  caf::actor receiver;
};

/// Opens a stream; answered with `stream_dialed` or an error.
struct dial_stream {
  std::uint64_t id = 0;  ///< The sender's own number, for `cancel_dial`.
  endpoint remote;
  duration timeout = std::chrono::seconds{15};
};

/// Forgets a dial of the same sender; its request is answered with an error.
struct cancel_dial {
  std::uint64_t id = 0;
};

struct stream_dialed {
  stream_ref stream;
  endpoint remote;
  transport kind = transport::tcp;
};

/// Looks up a host name; answered with `name_resolved` or an error.
struct resolve_name {
  std::string host;
};

struct name_resolved {
  std::vector<ip_address> addresses;
};

/// Answered with `interface_list`.
struct list_interfaces {};

struct interface_list {
  std::vector<interface_address> interfaces;
};

/// From now on `receiver` is told of changes of the machine's own network, as `network_changed`. The last one counts.
struct watch_network {
  caf::actor receiver;
};

/// Interfaces, addresses or routes of this machine are others now.
struct network_changed {};

/// The actor of one loop that opens sockets: it listens, dials and resolves, and leaves each new stream in the loop's
/// table for the connection actor that will own it.
class io_broker final : public pinned_actor,
                        private acceptor_events,
                        private dial_events,
                        private resolve_events,
                        private network_change_events {
public:
  io_broker(caf::actor_config& config, std::shared_ptr<event_loop> loop);

  [[nodiscard]] const char* kind() const noexcept override { return "io_broker"; }

protected:
  caf::behavior handlers() override;
  void started() override;
  void stopped() override;
  void timer_fired(std::uint32_t slot) override;

private:
  struct dial_in_progress {
    caf::actor_id requester;
    std::uint64_t id;
    time_point deadline;
    std::unique_ptr<pending_operation> operation;
    caf::typed_response_promise<stream_dialed> promise;
  };
  struct lookup_in_progress {
    std::string host;
    std::unique_ptr<pending_operation> operation;
    caf::typed_response_promise<name_resolved> promise;
  };

  caf::result<listener_opened> listen(const open_listener& request);
  caf::result<stream_dialed> dial(const dial_stream& request);
  void cancel(const cancel_dial& request);
  caf::result<name_resolved> resolve(const resolve_name& request);
  void adopt(const stream_handover& x);
  void announce(std::unique_ptr<stream> incoming, const caf::actor& receiver);
  void finish_dial(std::uint64_t token, std::unique_ptr<stream> outgoing, const std::string& why);
  void arm_deadline_timer();
  void expect_claims();

  void accepted(std::unique_ptr<stream> incoming) override;
  void accept_failed(std::error_code why) override;
  void dialed(std::uint64_t token, std::unique_ptr<stream> outgoing) override;
  void dial_failed(std::uint64_t token, std::error_code why) override;
  void resolved(std::uint64_t token, std::vector<ip_address> addresses, std::error_code why) override;
  void network_changed() override;

  std::unique_ptr<acceptor> acceptor_;
  std::unique_ptr<network_watch> watch_;
  caf::actor watcher_;
  caf::actor receiver_;
  std::vector<caf::actor> brokers_;
  std::size_t next_broker_ = 0;
  std::uint64_t last_token_ = 0;
  std::map<std::uint64_t, dial_in_progress> dials_;
  std::map<std::uint64_t, lookup_in_progress> lookups_;
};

} // namespace librats::runtime
