// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/config/config_schema.hpp"

#include <string>
#include <vector>

namespace librats::runtime {

/// The file name of errors and origins that belong to the command line.
constexpr const char* command_line_name = "command line";

/// What stands on a command line, before any value was read.
struct command_line {
  struct assignment {
    const config_key* key = nullptr; ///< Owned by the schema.
    std::string text;
  };
  std::vector<assignment> assignments; ///< In the order given.
  std::vector<config_error> errors;
  std::string config_file; ///< Empty without `--config`.
  bool help = false;
  bool version = false;
  bool print_config = false;
};

/// Splits arguments (without the program's name) with Boost.Program_options. Accepted are `--section.key value` and
/// `--section.key=value` for every key, `--config FILE`, `--print-config`, `--version`, `--help` and `-h`. Never throws
/// and reports every mistake.
[[nodiscard]] command_line parse_command_line(const config_schema& schema, const std::vector<std::string>& arguments);

} // namespace librats::runtime
