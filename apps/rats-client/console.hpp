// SPDX-License-Identifier: MIT
#pragma once

#include "apps/rats-client/line_source.hpp"
#include "apps/rats-client/screen.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <caf/actor.hpp>

#include <iosfwd>
#include <memory>
#include <string>

namespace librats::apps {

/// The main thread: waits for lines, signals and what the session has to show. Must outlive the actor system.
class console {
public:
  /// `interactive`: with a person at a terminal. `history_file` may be empty.
  console(bool interactive, const std::string& history_file, std::ostream& out);
  ~console();

  /// What the session gets.
  [[nodiscard]] std::shared_ptr<screen> handle();

  /// Passes lines to the session until it is over, or the node or the session fails. Returns the exit code.
  int run(const caf::actor& node, const caf::actor& session);

private:
  class remote_screen;

  void wait_for_signals();
  void signalled(int number);
  void watch(const caf::actor& who, const char* name);
  void finish(int code);

  std::ostream& out_;
  boost::asio::io_context context_{1};
  boost::asio::signal_set signals_{context_};
  caf::actor session_;
  std::unique_ptr<line_source> lines_;
  bool stopping_ = false;
  int exit_code_ = 1;
};

} // namespace librats::apps
