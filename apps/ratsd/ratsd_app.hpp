// SPDX-License-Identifier: MIT
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace librats::apps {

/// Exit codes of `ratsd`.
enum ratsd_exit : int {
  ratsd_ok = 0,             ///< Told to stop, and stopped in order; or `--help`, `--version`, `--print-config`.
  ratsd_failed = 1,         ///< Could not start, gave up, or was told twice to stop.
  ratsd_misconfigured = 2,  ///< A mistake in the INI file or on the command line.
};

/// All of `ratsd`: reads the configuration, runs a node until a signal says stop, returns the exit code. Takes over the
/// signals of the process, so it is for a program's main thread. `arguments` come without the program's name.
///
/// Once the node listens, `out` gets one line: `ratsd ready PEERID ADDRESS:PORT`, with `-` for the address of a node
/// that only dials.
int run_ratsd(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err);

} // namespace librats::apps
