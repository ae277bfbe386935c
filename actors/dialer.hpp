// SPDX-License-Identifier: MIT
#pragma once

#include "actors/link_messages.hpp"
#include "runtime/caf/pinned_actor.hpp"

#include <memory>
#include <string>
#include <vector>

namespace librats::actors {

/// What a dialer is told.
struct dial_args {
  std::uint64_t dial = 0;
  std::string host;
  std::uint16_t port = 0;
  duration timeout = std::chrono::seconds{15};
  caf::actor broker;
  caf::actor_addr supervisor;
};

/// One dial in progress: looks the name up, then races its candidates (RFC 8305: the next one starts when the one
/// before failed or has had 250 ms), hands the first stream that opens to the supervisor as `dial_done`, cancels the
/// rest, ends.
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
  /// One way to reach the peer.
  struct candidate {
    endpoint remote;
    bool failed = false;
  };

  void race(const std::vector<ip_address>& addresses);
  void start_next();
  void attempt_failed(std::size_t index, const caf::error& why);
  void finish(dial_done result);

  dial_args args_;
  std::vector<candidate> candidates_;
  std::size_t started_ = 0;
  std::string last_failure_ = "no address to dial";
  bool done_ = false;
};

} // namespace librats::actors
