// SPDX-License-Identifier: MIT
#include "apps/rats-client/client_app.hpp"

#include "actors/identity_store.hpp"
#include "actors/node.hpp"
#include "apps/rats-client/client_options.hpp"
#include "apps/rats-client/client_session.hpp"
#include "apps/rats-client/console.hpp"
#include "runtime/caf/system_config.hpp"
#include "runtime/config/node_config.hpp"
#include "runtime/host/real_host.hpp"
#include "runtime/log/log.hpp"

#include <caf/actor_system.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <cstdlib>
#include <filesystem>
#include <ostream>
#include <string_view>
#include <unistd.h>

namespace librats::apps {

namespace {

enum exit_code : int { ok = 0, failed = 1, misused = 2 };

bool at_a_terminal() {
  const char* terminal = std::getenv("TERM");
  return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDOUT_FILENO) == 1 && terminal != nullptr
         && std::string_view{terminal} != "dumb";
}

/// In the data folder, else where programs keep such state (XDG base directories); empty when there is no place.
std::string history_path(const std::string& data_dir) {
  auto folder = data_dir;
  if (folder.empty()) {
    if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state == '/')
      folder = std::string{state} + "/librats";
    else if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/')
      folder = std::string{home} + "/.local/state/librats";
    else
      return {};
  }
  return runtime::system_disk().make_folder(folder) ? std::string{} : folder + "/rats-client.history";
}

/// A script gets what it asked for and nothing else; a person would rather not dial again by hand.
runtime::node_settings to_settings(const client_options& options, bool interactive) {
  runtime::node_settings out;
  out.node.data_dir = options.data_dir;
  out.reconnect.enabled = interactive;
  out.pex.enabled = false;
  out.node.listen_port = options.listen_port;
  out.node.port_attempts = 1;
  if (!options.protocol.empty())
    out.node.protocol = options.protocol;
  if (options.plaintext)
    out.node.security = runtime::security_mode::plaintext;
  out.gossip.sign = options.sign;
  out.storage.enabled = options.store;
  out.files.inbox = options.inbox;
  out.files.share = options.share;
  if (options.data_dir.empty()) {
    // The next start has another id, to which nobody resumes anything.
    std::error_code error;
    out.files.resume = false;
    out.files.temp_dir = (std::filesystem::temp_directory_path(error) / "rats-client").string();
  }
  out.gossip.signatures = runtime::signature_rule::check;
  out.log.level = runtime::log_level::warn;
  return out;
}

std::vector<std::string> first_commands(const client_options& options) {
  std::vector<std::string> out;
  if (options.connect)
    out.push_back("/connect " + options.connect->host + " " + std::to_string(options.connect->port));
  for (const auto& room : options.rooms)
    out.push_back("/join " + room);
  return out;
}

/// Runs on the console's thread until the session is over. `problem` is a sentence when it could not begin.
int run_session(console& terminal, bool interactive, const client_options& options,
  const runtime::node_settings& settings, actors::node_options node_options, std::string& problem) {
  runtime::system_config config;
  caf::actor_system system{config};
  runtime::real_host host{system};
  caf::scoped_actor self{system};
  const auto id = node_options.session->static_key.id();
  const auto node = actors::spawn_node(host, std::move(node_options));
  const auto screen = terminal.handle();
  auto code = failed;
  self->request(node, caf::infinite, actors::await_listening{})
    .receive(
      [&](const actors::listening_on& x) {
        screen->print("* listening on " + x.local.to_string() + " as " + id.to_string());
        if (interactive)
          screen->print("* /help lists the commands; plain text goes to everybody, or to the room of /join");
        client_session::options session_options{id, !interactive,
          settings.limits.dial_timeout + settings.limits.establish_timeout, first_commands(options), options.nick,
          options.data_dir, options.store, !options.inbox.empty()};
        const auto session
          = runtime::spawn_pooled<client_session>(system, node, screen, std::move(session_options));
        code = static_cast<exit_code>(terminal.run(node, session));
        self->send_exit(session, caf::exit_reason::user_shutdown);
        self->wait_for(session);
      },
      [&](caf::error& why) { problem = runtime::describe_error(why); });
  self->send_exit(node, caf::exit_reason::user_shutdown);
  self->wait_for(node);
  return code;
}

} // namespace

int run_client(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err) {
  const auto options = parse_client_options(arguments);
  if (options.help) {
    out << client_usage();
    return ok;
  }
  if (options.version) {
    out << "rats-client " << LIBRATS_VERSION << '\n';
    return ok;
  }
  if (!options.mistake.empty()) {
    err << "rats-client: " << options.mistake << "; see rats-client --help\n";
    return misused;
  }
  const auto interactive = at_a_terminal();
  const auto settings = to_settings(options, interactive);
  const auto identity
    = actors::load_identity(runtime::system_disk(), runtime::system_random(), options.data_dir);
  std::string problem;
  auto code = static_cast<int>(failed);
  if (!identity) {
    problem = identity.error();
  } else if (auto node_options = actors::make_node_options(settings, identity->key); !node_options) {
    problem = node_options.error();
  } else {
    console terminal{interactive, interactive ? history_path(options.data_dir) : std::string{}, out};
    if (const auto why = runtime::configure_logging(settings.log))
      problem = *why;
    else
      code = run_session(terminal, interactive, options, settings, std::move(*node_options), problem);
  }
  if (!problem.empty())
    err << "rats-client: " << problem << '\n';
  return code;
}

} // namespace librats::apps
