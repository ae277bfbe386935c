// SPDX-License-Identifier: MIT
#pragma once

#include "actors/link_messages.hpp"
#include "protocols/datagram/datagram_stream.hpp"
#include "protocols/dial/dial_race.hpp"
#include "runtime/caf/pinned_actor.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace librats::actors {

/// What a dialer is told.
struct dial_args {
  std::uint64_t dial = 0;
  std::string host;
  std::uint16_t port = 0;
  protocols::dial_race_config race;
  protocols::dial_profile profile = protocols::dial_profile::normal;
  duration timeout = std::chrono::seconds{15};
  caf::actor broker;  ///< Opens TCP streams and looks names up.
  caf::actor mux;     ///< Opens streams on datagrams; null when there is none.
  caf::actor_addr supervisor;
};

/// One dial in progress: looks the name up, then races addresses and transports (`dial_race`). Every stream that opens
/// goes to the supervisor as `dial_opened`, and its attempt runs on until its handshake is over: the supervisor reports
/// a failure as `attempt_failed`, and ends the dialer with `dial_won` when one has made it. When nothing is left to try
/// the dialer says `dial_failed` and ends.
class dialer final : public runtime::pinned_actor {
public:
  dialer(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, dial_args args);

  [[nodiscard]] const char* kind() const noexcept override { return "dialer"; }

protected:
  caf::behavior handlers() override;
  void started() override;
  void stopped() override;
  void timer_fired(std::uint32_t slot) override;

private:
  void race(const std::vector<ip_address>& addresses);
  void start_due();
  void start(std::size_t attempt);
  void attempt_over(std::size_t attempt, const std::string& why);
  void cancel_connecting();
  void give_up(const std::string& reason);
  [[nodiscard]] const caf::actor& opener(std::size_t attempt) const;

  dial_args args_;
  std::optional<protocols::dial_race> race_;
  std::vector<bool> opened_;  ///< By attempt: its stream is open, and its handshake under way.
  std::string last_failure_ = "no address to dial";
  bool late_ = false;         ///< The time for connecting is over.
  bool done_ = false;
};

} // namespace librats::actors
