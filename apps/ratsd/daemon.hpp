// SPDX-License-Identifier: MIT
#pragma once

#include "actors/node_options.hpp"
#include "runtime/config/node_config.hpp"
#include "runtime/host/host.hpp"
#include "runtime/supervision/supervisor.hpp"

#include <memory>
#include <string>

namespace librats::apps {

/// What the daemon does around its node.
struct daemon_options {
  actors::node_options node;
  runtime::node_settings settings;
};

/// The root of a running `ratsd`: supervises the node, and behind it the actors that log and echo. When the node
/// fails they start again with the new one (rest-for-one), which listens on the port that peers know. Answers
/// `actors::await_listening` for the node.
class daemon final : public runtime::supervisor {
public:
  daemon(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, runtime::host& host,
    daemon_options options);

  [[nodiscard]] const char* kind() const noexcept override { return "daemon"; }

protected:
  caf::behavior handlers() override;
  void start_children() override;
  void child_started(const std::string& name, const caf::actor& child) override;

private:
  void start_reporter();

  runtime::host& host_;
  daemon_options options_;
  bool listened_ = false;
};

/// Starts the daemon on the first loop of `host`, which must outlive it.
caf::actor spawn_daemon(runtime::host& host, daemon_options options);

} // namespace librats::apps
