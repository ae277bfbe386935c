// SPDX-License-Identifier: MIT
// storage_writer FOLDER full|relaxed FIRST - a node that puts without end, for a test that kills it.
//
// First it prints what it found in the store, a line `found KEY` each, then `ready`; then `acked KEY` for each of
// its own puts, from `key FIRST` on, when that was acknowledged, and before it goes on. Exit code 1: an error, which
// it prints.
#include "actors/node.hpp"
#include "actors/storage_messages.hpp"
#include "runtime/caf/system_config.hpp"
#include "runtime/host/real_host.hpp"
#include "runtime/log/log_setup.hpp"

#include <caf/actor_system.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>

#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <string>

using namespace librats;
using namespace std::chrono_literals;

namespace {

constexpr int puts_at_once = 64;

/// Past all buffers: what was printed survives the process.
void say(const std::string& line) {
  const auto text = line + "\n";
  if (::write(STDOUT_FILENO, text.data(), text.size()) != static_cast<ssize_t>(text.size()))
    std::_Exit(1);
}

void put_next(caf::event_based_actor* self, const caf::actor& node, const std::shared_ptr<long>& next) {
  const auto key = "key " + std::to_string((*next)++);
  const auto value = protocols::storage_string("the value of " + key);
  self->request(node, 1min, actors::put_value{key, value})
    .then(
      [=](const actors::value_put&) {
        say("acked " + key);
        put_next(self, node, next);
      },
      [](const caf::error& why) {
        say("error: " + runtime::describe_error(why));
        std::_Exit(1);
      });
}

caf::behavior writer(caf::event_based_actor* self, const caf::actor& node, long first) {
  const auto next = std::make_shared<long>(first);
  for (int i = 0; i < puts_at_once; ++i)
    put_next(self, node, next);
  return {[](const actors::storage_ready&) {}};
}

void tell_what_is_there(caf::scoped_actor& self, const caf::actor& node) {
  std::string after;
  for (bool more = true; more;)
    self->request(node, 1min, actors::list_keys{{}, after})
      .receive(
        [&](const actors::key_list& x) {
          for (const auto& key : x.keys)
            say("found " + key);
          more = x.more;
          after = more ? x.keys.back() : "";
        },
        [](const caf::error& why) {
          say("error: " + runtime::describe_error(why));
          std::_Exit(1);
        });
  say("ready");
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 4)
    return 2;
  runtime::log_options silent;
  silent.console = false;
  static_cast<void>(runtime::configure_logging(silent));
  runtime::system_config config;
  caf::actor_system system{config};
  runtime::real_host host{system};
  actors::node_options options;
  auto session = std::make_shared<protocols::session_config>();
  session->static_key = protocols::key_pair::from_private(host.random().key());
  options.session = std::move(session);
  options.listen = false;
  options.storage.enabled = true;
  options.storage.directory = argv[1];
  if (std::string{argv[2]} == "full")
    options.storage.durability = runtime::database_durability::full;
  const auto node = actors::spawn_node(host, std::move(options));
  caf::scoped_actor self{system};
  tell_what_is_there(self, node);
  system.spawn(writer, node, std::atol(argv[3]));
  self->receive([](const actors::storage_ready&) {}); // For ever: somebody will kill us.
  return 0;
}
