// SPDX-License-Identifier: MIT
#include "apps/ratsd/daemon.hpp"

#include "actors/node.hpp"
#include "apps/ratsd/daemon_messages.hpp"
#include "apps/ratsd/echo.hpp"
#include "apps/ratsd/event_log.hpp"
#include "apps/ratsd/status_reporter.hpp"
#include "runtime/caf/pooled_actor.hpp"
#include "runtime/log/log.hpp"

#include <caf/actor_cast.hpp>

#include <utility>

namespace librats::apps {

namespace {

constexpr auto node_name = "node";
constexpr auto reporter_name = "status_reporter";

/// The node stops its own parts one after another, each within 5 s. A service manager gives us 30 s in all.
constexpr auto node_deadline = std::chrono::seconds{20};

/// Binding takes no time; this is for a node that does not answer.
constexpr auto listen_timeout = std::chrono::seconds{30};

runtime::supervision_options around_the_node() {
  runtime::supervision_options out;
  out.strategy = runtime::supervision_strategy::rest_for_one;
  return out;
}

} // namespace

daemon::daemon(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, runtime::host& host,
  daemon_options options)
  : supervisor(config, std::move(loop), around_the_node()), host_(host), options_(std::move(options)) {}

caf::actor spawn_daemon(runtime::host& host, daemon_options options) {
  return runtime::spawn_pinned<daemon>(host.system(), host.loop(0), host, std::move(options));
}

caf::behavior daemon::handlers() {
  return {
    [this](const actors::await_listening& x) -> caf::result<actors::listening_on> {
      const auto node = child(node_name);
      if (!node)
        return runtime::failure("the node is restarting");
      return pass_on<actors::listening_on>(node, x);
    },
    [this](const report_status&) { start_reporter(); },
  };
}

void daemon::start_children() {
  using runtime::restart_kind;
  runtime::child_spec node{node_name, restart_kind::permanent, node_deadline,
    [this] { return actors::spawn_node(host_, options_.node); }};
  add_child(std::move(node));
  const auto& settings = options_.settings;
  add_child({"event_log", restart_kind::permanent, std::chrono::seconds{1}, [this] {
               const auto& how = options_.settings;
               event_log::options what{how.messages.log_typed, {}};
               if (how.messages.log_topics && how.gossip.enabled)
                 what.topics = how.gossip.topics;
               return runtime::spawn_pinned<event_log>(system(), shared_loop(), child(node_name), std::move(what));
             }});
  if (!settings.messages.echo_channel.empty())
    add_child({"echo", restart_kind::permanent, std::chrono::seconds{1}, [this] {
                 return runtime::spawn_pinned<echo>(system(), shared_loop(), child(node_name),
                   options_.settings.messages.echo_channel);
               }});
}

void daemon::child_started(const std::string& name, const caf::actor& child) {
  if (name != node_name)
    return;
  ask(child, listen_timeout, actors::await_listening{},
    [this](const actors::listening_on& x) {
      options_.node.listener.local.port = x.local.port;
      listened_ = true;
    },
    [this](caf::error& why) {
      if (listened_)  // Else it is the first start, and whoever started us learns it too.
        stop_in_order(std::move(why));
    });
}

/// On a thread of its own, because it writes a file. One at a time: the name is taken while one is busy.
void daemon::start_reporter() {
  status_reporter::sources from;
  from.daemon = caf::actor_cast<caf::actor>(this);
  from.node = child(node_name);
  const auto path
    = options_.settings.node.data_dir.empty() ? std::string{} : options_.settings.node.data_dir + "/status.json";
  const auto started = add_child({reporter_name, runtime::restart_kind::temporary, std::chrono::seconds{1},
    [this, from, path] { return runtime::spawn_detached<status_reporter>(system(), from, host_.files(), path); }});
  if (!started)
    LIBRATS_LOG(runtime::log_level::info, kind(), "is already busy with a status report");
}

} // namespace librats::apps
