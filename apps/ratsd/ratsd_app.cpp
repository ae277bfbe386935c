// SPDX-License-Identifier: MIT
#include "apps/ratsd/ratsd_app.hpp"

#include "actors/identity_store.hpp"
#include "actors/node_messages.hpp"
#include "apps/ratsd/daemon.hpp"
#include "apps/ratsd/daemon_messages.hpp"
#include "runtime/caf/system_config.hpp"
#include "runtime/host/real_host.hpp"
#include "runtime/log/log.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <caf/actor_system.hpp>
#include <caf/exit_reason.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <csignal>
#include <cstdlib>
#include <ostream>
#include <utility>

namespace librats::apps {

namespace {

using runtime::log_level;

constexpr auto subject = "ratsd";

/// A terminal, or `timeout`, signals the process and its group: that is one request to stop, not two.
constexpr auto same_request = std::chrono::milliseconds{100};

/// How far the log file may lag behind. Warnings and errors are written at once.
constexpr auto log_age_max = std::chrono::milliseconds{500};

constexpr auto signals_help = R"(
Signals:
  SIGTERM, SIGINT  stop in order; the second one stops at once
  SIGHUP           open the log file again and read section [log] of the configuration again
  SIGUSR1          print the actors and the peers to the standard error output, and write both to
                   status.json in data_dir

When the node listens, one line goes to the standard output: ratsd ready PEERID ADDRESS:PORT

Exit codes: 0 stopped in order, 1 could not start or gave up, 2 a mistake in the configuration.
)";

/// The main thread: sleeps in its own loop until a signal comes or the daemon ends, and tells the daemon.
class main_loop {
public:
  main_loop(std::vector<std::string> arguments, std::ostream& err) : arguments_(std::move(arguments)), err_(err) {
    signals_.add(SIGTERM);
    signals_.add(SIGINT);
#ifndef _WIN32
    signals_.add(SIGHUP);
    signals_.add(SIGUSR1);
    std::signal(SIGPIPE, SIG_IGN);  // A reader of our output that went away is no reason to stop.
#endif
    wait();
    keep_log_fresh();
  }

  /// Returns the exit code when the daemon has ended.
  int run(const caf::actor& daemon) {
    daemon_ = daemon;
    daemon->attach_functor([this](const caf::error& why) { boost::asio::post(context_, [this, why] { ended(why); }); });
    context_.run();
    return exit_code_;
  }

private:
  void wait() {
    signals_.async_wait([this](const boost::system::error_code& cancelled, int number) {
      if (cancelled)
        return;
      wait();
      handle(number);
    });
  }

  void keep_log_fresh() {
    flush_timer_.expires_after(log_age_max);
    flush_timer_.async_wait([this](const boost::system::error_code& cancelled) {
      if (cancelled)
        return;
      runtime::flush_log();
      keep_log_fresh();
    });
  }

  void handle(int number) {
#ifndef _WIN32
    if (number == SIGHUP)
      return reload_log();
    if (number == SIGUSR1)
      return caf::anon_send(daemon_, report_status{});
#endif
    if (std::exchange(stopping_, true)) {
      if (one_request_)
        return;
      LIBRATS_LOG(log_level::warn, subject, "was told twice to stop and stops at once");
      std::_Exit(ratsd_failed);
    }
    LIBRATS_LOG(log_level::info, subject, "stops: signal ", number);
    caf::anon_send_exit(daemon_, caf::exit_reason::user_shutdown);
    one_request_ = true;
    patience_.expires_after(same_request);
    patience_.async_wait([this](const boost::system::error_code&) { one_request_ = false; });
  }

  void reload_log() {
    const auto config = runtime::load_config(runtime::node_schema(), arguments_);
    if (!config.ok()) {
      LIBRATS_LOG(log_level::error, subject, "keeps its log settings, because the configuration has mistakes:");
      for (const auto& mistake : config.errors)
        LIBRATS_LOG(log_level::error, subject, mistake.to_string());
    } else if (const auto why = runtime::configure_logging(runtime::to_node_settings(config.values).log)) {
      LIBRATS_LOG(log_level::error, subject, "keeps its log settings: ", *why);
    }
    if (const auto why = runtime::reopen_log_files())
      LIBRATS_LOG(log_level::error, subject, "keeps its log file: ", *why);
    else
      LIBRATS_LOG(log_level::info, subject, "opened its log again");
  }

  void ended(const caf::error& why) {
    if (stopping_ && runtime::is_orderly_exit(why)) {
      exit_code_ = ratsd_ok;
    } else {
      err_ << "ratsd: the node gave up: " << runtime::describe_error(why) << '\n';
      exit_code_ = ratsd_failed;
    }
    context_.stop();
  }

  std::vector<std::string> arguments_;
  std::ostream& err_;
  boost::asio::io_context context_{1};
  boost::asio::signal_set signals_{context_};
  boost::asio::steady_timer patience_{context_};
  boost::asio::steady_timer flush_timer_{context_};
  caf::actor daemon_;
  bool stopping_ = false;
  bool one_request_ = false;  // A further signal still belongs to the first one.
  int exit_code_ = ratsd_failed;
};

int fail(std::ostream& err, const std::string& sentence) {
  err << "ratsd: " << sentence << '\n';
  return ratsd_failed;
}

void stop_and_wait(caf::scoped_actor& self, const caf::actor& daemon) {
  caf::anon_send_exit(daemon, caf::exit_reason::user_shutdown);
  self->wait_for(daemon);
}

int run_node(const runtime::node_settings& settings, const std::vector<std::string>& arguments, std::ostream& out,
  std::ostream& err) {
  if (const auto why = runtime::configure_logging(settings.log))
    return fail(err, *why);
  const auto identity
    = actors::load_identity(runtime::system_disk(), runtime::system_random(), settings.node.data_dir);
  if (!identity)
    return fail(err, identity.error());
  if (!identity->warning.empty())
    LIBRATS_LOG(log_level::warn, subject, identity->warning);
  auto options = actors::make_node_options(settings, identity->key);
  if (!options)
    return fail(err, options.error());

  main_loop loop{arguments, err};
  runtime::system_config config{static_cast<std::size_t>(settings.runtime.worker_threads)};
  caf::actor_system system{config};
  runtime::real_host host{system, static_cast<std::size_t>(settings.runtime.io_threads)};
  caf::scoped_actor self{system};
  const auto id = identity->key.id();
  const auto daemon = spawn_daemon(host, {std::move(*options), settings});
  std::string failure;
  self->request(daemon, caf::infinite, actors::await_listening{})
    .receive(
      [&](const actors::listening_on& x) {
        out << "ratsd ready " << id.to_string() << ' ' << (settings.node.listen ? x.local.to_string() : "-")
            << std::endl;
      },
      [&](caf::error& why) { failure = runtime::describe_error(why); });
  if (!failure.empty()) {
    stop_and_wait(self, daemon);
    return fail(err, failure);
  }
  const auto code = loop.run(daemon);
  self->wait_for(daemon);
  return code;
}

} // namespace

int run_ratsd(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err) {
  const auto schema = runtime::node_schema();
  const auto config = runtime::load_config(schema, arguments);
  if (config.help) {
    out << runtime::help_text(schema) << signals_help;
    return ratsd_ok;
  }
  if (config.version) {
    out << "ratsd " << LIBRATS_VERSION << '\n';
    return ratsd_ok;
  }
  if (!config.ok()) {
    for (const auto& mistake : config.errors)
      err << "ratsd: " << mistake.to_string() << '\n';
    return ratsd_misconfigured;
  }
  if (config.print_config) {
    out << runtime::print_config(schema, config.values);
    return ratsd_ok;
  }
  return run_node(runtime::to_node_settings(config.values), arguments, out, err);
}

} // namespace librats::apps
