// SPDX-License-Identifier: MIT
#include "apps/ratsd/echo.hpp"

#include "actors/node_messages.hpp"
#include "runtime/log/log.hpp"

#include <caf/actor_cast.hpp>

#include <utility>

namespace librats::apps {

namespace {

/// The node answers at once.
constexpr auto register_timeout = std::chrono::seconds{5};

} // namespace

echo::echo(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, caf::actor node, std::string channel)
  : pinned_actor(config, std::move(loop)), node_(std::move(node)), channel_(std::move(channel)) {}

void echo::started() {
  ask(node_, register_timeout, actors::register_channel{channel_, caf::actor_cast<caf::actor>(this)},
    [this](const actors::channel_registered&) {
      LIBRATS_LOG(runtime::log_level::info, kind(), "answers on channel \"", channel_, "\"");
    },
    [this](caf::error& why) {
      LIBRATS_LOG(runtime::log_level::error, kind(), "cannot have channel \"", channel_,
        "\": ", runtime::describe_error(why));
    });
}

caf::behavior echo::handlers() {
  return {
    [this](const actors::frames_received& x) {
      // Straight to the link that the frames came from.
      const auto link = caf::actor_cast<caf::actor>(current_sender());
      tell(link ? link : node_, actors::send_frames{x.from, actors::make_batch(x.frames)});
    },
  };
}

} // namespace librats::apps
