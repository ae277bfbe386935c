// SPDX-License-Identifier: MIT
#pragma once

#include "actors/link_messages.hpp"
#include "runtime/caf/pinned_actor.hpp"

#include <map>
#include <string>
#include <vector>

namespace librats::actors {

/// Sorts typed messages (wire/03 section 2) by their type and hands them to the actors that asked for it. The node
/// keeps the registrations and repeats them after a restart.
class typed_messaging final : public runtime::pinned_actor {
public:
  typed_messaging(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, caf::actor_addr node);

  [[nodiscard]] const char* kind() const noexcept override { return "typed_messaging"; }

protected:
  caf::behavior handlers() override;
  void started() override;
  void stopped() override { receivers_.clear(); }

private:
  void handle_frames(const frames_received& x);

  caf::actor_addr node_;
  std::map<std::string, std::vector<caf::actor>, std::less<>> receivers_;
};

} // namespace librats::actors
