// SPDX-License-Identifier: MIT
#pragma once

#include "actors/node_messages.hpp"
#include "runtime/caf/pinned_actor.hpp"

#include <memory>

namespace librats::apps {

/// Writes what happens to peers into the log, and with `log_typed` the type and size of every typed message.
class event_log final : public runtime::pinned_actor {
public:
  event_log(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, caf::actor node, bool log_typed);

  [[nodiscard]] const char* kind() const noexcept override { return "event_log"; }

protected:
  void started() override;
  caf::behavior handlers() override;
  void stopped() override { node_ = nullptr; }

private:
  void connected(const actors::peer_connected& x, const char* how);
  void log_frames(const actors::frames_received& x);

  caf::actor node_;
  bool log_typed_;
};

} // namespace librats::apps
