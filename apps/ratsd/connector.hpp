// SPDX-License-Identifier: MIT
#pragma once

#include "actors/node_messages.hpp"
#include "apps/ratsd/daemon_messages.hpp"
#include "runtime/caf/pinned_actor.hpp"

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace librats::apps {

/// Keeps the peers of the `connect` entries connected: dials each at the start, and again after a while when the dial
/// failed or the link is gone. Says a failure once, not at every attempt.
class connector final : public runtime::pinned_actor {
public:
  struct options {
    std::vector<runtime::host_port> entries;
    duration redial_interval{};  ///< Zero: each is dialed once.
    duration dial_timeout{};     ///< Looking up, connecting and handshake together.
  };

  connector(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, caf::actor node, options o);

  [[nodiscard]] const char* kind() const noexcept override { return "connector"; }

protected:
  void started() override;
  caf::behavior handlers() override;
  void stopped() override { node_ = nullptr; }
  void timer_fired(std::uint32_t slot) override;

private:
  struct entry {
    runtime::host_port where;
    bool dialing = false;
    std::optional<peer_id> peer;        // Whom it led to the last time.
    std::optional<time_point> redial_at;
    std::string error;
    unsigned dials = 0;
  };

  void dial(std::size_t index);
  void dialed(std::size_t index, const peer_id& id);
  void failed(std::size_t index, const caf::error& why);
  void lost(const peer_id& id);
  void wait_for_redial(entry& x);
  void arm_redial_timer();
  [[nodiscard]] bool connected(const entry& x) const { return x.peer && peers_.count(*x.peer) != 0; }
  [[nodiscard]] connect_entries report() const;

  caf::actor node_;
  options options_;
  std::vector<entry> entries_;
  std::set<peer_id> peers_;  // Connected, by whatever way.
};

} // namespace librats::apps
