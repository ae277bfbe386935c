// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/time.hpp"
#include "runtime/log/log.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace librats::runtime {

// Where log lines go and what they look like. Process-wide: all nodes of a process share it. Every function here may be
// called from any thread while other threads log; of two calls at the same time the later one wins.
//
//     2026-08-01T12:34:56.789Z info  liveness lost peer 4f1a after 3 pings
//
// Time is UTC. Before the first `configure_logging` the defaults below are in force.

/// Rotation sizes and counts outside these are refused.
constexpr std::size_t log_rotation_size_min = 4 * 1024;
constexpr int log_retention_max = 1000;

/// What `configure_logging` puts into force.
struct log_options {
  log_level level = log_level::info;  ///< Lines below it are dropped.
  bool console = true;                ///< Write to stderr.
  bool file = false;                  ///< Write to `file_path`.
  std::string file_path = "rats.log"; ///< Relative to the working directory. Missing directories are created.
  bool colors = true;                 ///< Colour the level; only when stderr is a terminal that can.
  bool timestamps = true;             ///< Begin every line with the time.
  std::size_t rotation_size_bytes = 10 * 1024 * 1024; ///< `x.log` becomes `x.1.log` before it would outgrow this.
  int retention_count = 5;                            ///< How many `x.N.log` are kept; 0 keeps none.
};

/// Puts `options` into force. The file is opened only when file, path or rotation changed. Returns nothing when all
/// went well, else a sentence that says what is wrong; then everything stays as it was.
[[nodiscard]] std::optional<std::string> configure_logging(const log_options& options);

/// The options in force.
[[nodiscard]] log_options current_log_options();

/// Changes the threshold alone.
void set_log_level(log_level level);

/// Closes the log file and opens its path again, after a program such as logrotate moved the old file away. Does
/// nothing without a log file. Returns a sentence when it cannot be opened; then the old file stays in use.
[[nodiscard]] std::optional<std::string> reopen_log_files();

/// Empties the log file at the path in force, whether or not file logging is on; rotated files stay. A missing file is
/// fine. Returns a sentence when it cannot be emptied.
[[nodiscard]] std::optional<std::string> clear_log_file();

/// Writes out what is still buffered. Happens by itself at `warn` and above and at a regular exit.
void flush_log() noexcept;

/// Makes lines show this clock instead of the wall clock, as seconds since its zero: `+12.345678s liveness lost ...`.
/// An empty function brings the wall clock back. The function is called by whichever thread logs, under the logger's
/// lock: it must neither log nor throw.
void set_log_clock(std::function<duration()> now);

/// The lowercase name: `trace`, `debug`, `info`, `warn`, `error` or `off`.
[[nodiscard]] std::string_view to_string(log_level level) noexcept;

/// Reads such a name in any case. Empty optional for anything else.
[[nodiscard]] std::optional<log_level> parse_log_level(std::string_view name) noexcept;

} // namespace librats::runtime
