// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/log/log_setup.hpp"

namespace librats::runtime {

/// Tests crash actors on purpose; their log lines would hide the lines of the test.
struct quiet_log {
  quiet_log() {
    log_options silent;
    silent.console = false;
    static_cast<void>(configure_logging(silent));
  }
};

} // namespace librats::runtime
