// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/caf/pinned_actor.hpp"

#include <caf/actor.hpp>

#include <memory>
#include <string>

namespace librats::apps {

/// Sends every message of one App channel back to who sent it, in order and without copying it. A peer that asks for
/// more than it reads is dropped by its send limit.
class echo final : public runtime::pinned_actor {
public:
  echo(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, caf::actor node, std::string channel);

  [[nodiscard]] const char* kind() const noexcept override { return "echo"; }

protected:
  void started() override;
  caf::behavior handlers() override;
  void stopped() override { node_ = nullptr; }

private:
  caf::actor node_;
  std::string channel_;
};

} // namespace librats::apps
