// SPDX-License-Identifier: MIT
#pragma once

#include "actors/gossip_messages.hpp"
#include "actors/node_messages.hpp"
#include "runtime/caf/pinned_actor.hpp"

#include <memory>
#include <string>
#include <vector>

namespace librats::apps {

/// Writes what happens to peers into the log, and what arrives, as far as it was told to.
class event_log final : public runtime::pinned_actor {
public:
  struct options {
    bool typed = false;              ///< Type and size of every typed message.
    std::vector<std::string> topics; ///< Author and size of every publication of these, which it joins for that.
  };

  event_log(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, caf::actor node, options o);

  [[nodiscard]] const char* kind() const noexcept override { return "event_log"; }

protected:
  void started() override;
  caf::behavior handlers() override;
  void stopped() override { node_ = nullptr; }

private:
  void connected(const actors::peer_connected& x, const char* how);
  void log_frames(const actors::frames_received& x);
  void follow(const std::string& topic);
  void log_publications(const actors::topic_messages& x);

  caf::actor node_;
  options options_;
};

} // namespace librats::apps
