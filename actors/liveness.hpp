// SPDX-License-Identifier: MIT
#pragma once

#include "actors/link_messages.hpp"
#include "protocols/ping/liveness_monitor.hpp"
#include "runtime/caf/pinned_actor.hpp"
#include "runtime/random/random_source.hpp"

#include <map>
#include <optional>
#include <set>
#include <utility>

namespace librats::actors {

/// Answers the pings of all peers, measures their round-trip times and closes links that went dead (wire/02 section 2).
class liveness final : public runtime::pinned_actor {
public:
  struct options {
    bool ping = true;  ///< Off: pings are answered, none are sent, no link is closed.
    protocols::liveness_monitor::config monitor;
  };

  liveness(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, const options& how,
    runtime::random_source& random, caf::actor_addr node, caf::actor directory);

  [[nodiscard]] const char* kind() const noexcept override { return "liveness"; }

protected:
  caf::behavior handlers() override;
  void started() override;
  void stopped() override;
  void timer_fired(std::uint32_t slot) override;

private:
  struct peer {
    caf::actor link;
    protocols::liveness_monitor monitor;
    std::optional<time_point> due;
    bool answered_before = false;  ///< It answered an earlier monitor: its silence counts.
    int pings_unheard = 0;         ///< Since its link last got anything; counted when `answered_before` alone knows.
  };

  void add(const peer_connected& x);
  void remove(const peer_id& id);
  void handle_frames(const frames_received& x);
  void pump(const peer_id& id, peer& x);
  void check_before_closing(const peer_id& id, peer& x, duration silence);
  void check_silence(const peer_id& id, peer& x);
  void close_dead(const peer_id& id, const caf::actor& link, duration silence);
  void rearm();

  options options_;
  runtime::random_source& random_;
  caf::actor_addr node_;
  caf::actor directory_;
  std::map<peer_id, peer> peers_;
  std::set<std::pair<time_point, peer_id>> deadlines_;
};

} // namespace librats::actors
