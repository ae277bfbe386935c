// SPDX-License-Identifier: MIT
//
// exit_program FILE - logs to FILE and exits, so that a test can see what a process leaves behind. The lines are below
// `warn`, so nothing but the end of the process flushes them.
#include "runtime/log/log_setup.hpp"

namespace {

using namespace librats::runtime;

/// Destroyed after everything that `main` made, as statics of a program that embeds us are.
struct late_speaker {
  ~late_speaker() { LIBRATS_LOG(log_level::warn, "static", "logs while it is destroyed"); }
} speaker;

} // namespace

int main(int argc, char** argv) {
  if (argc != 2)
    return 2;
  log_options options;
  options.console = false;
  options.file = true;
  options.file_path = argv[1];
  options.timestamps = false;
  if (configure_logging(options))
    return 1;
  LIBRATS_LOG(log_level::info, "main", "says its last words");
  return 0;
}
