// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/config/config_schema.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace librats::runtime {

// Fills the keys of one declaration from an INI file and the command line; the command line wins.
//
// Boost.Program_options parses the command line and lays out `--help`. Its INI parser is not used: it knows no line
// numbers and stops at the first mistake. The same holds for its typed values, so they are declared as text there and
// read by `parse_value` (config_value.hpp), once and alike for both sources. The INI scanner is ini_scanner.hpp.

/// A longer configuration file is a mistake: the sample of every key is about 6 KiB.
constexpr std::size_t config_file_bytes_max = 1024 * 1024;
/// Mistakes reported for one load; then one more says how many were left out. A binary file would give thousands.
constexpr std::size_t config_errors_max = 100;
/// Columns of `--help`.
constexpr unsigned config_help_columns = 100;

/// What one load gave. With `errors`, `values` holds everything that could be understood, for a look and not for use.
struct config_load {
  config_values values;
  std::vector<config_error> errors;
  std::string file;          ///< The argument of `--config`, or empty.
  bool help = false;         ///< `--help` or `-h` was given; then nothing else is read or reported.
  bool version = false;      ///< `--version` was given; likewise.
  bool print_config = false; ///< `--print-config` was given.

  [[nodiscard]] bool ok() const noexcept { return errors.empty(); }
};

/// Reads the command line (without the program's name) and the file that `--config FILE` names in it. Never throws and
/// reports all mistakes, not just the first. Blocks on the file. A list given on the command line replaces the file's.
[[nodiscard]] config_load load_config(const config_schema& schema, const std::vector<std::string>& arguments);

/// The same from an INI text in memory, called `file` in errors and origins. A `--config` in `arguments` is ignored.
[[nodiscard]] config_load load_config_text(const config_schema& schema, std::string_view text, const std::string& file,
  const std::vector<std::string>& arguments = {});

/// The text of `--help`: every key, grouped by section, with what it accepts and its default.
[[nodiscard]] std::string help_text(const config_schema& schema);

/// The text of `--print-config`: an INI file that reads back to the same values, each with its origin as a comment. A
/// secret is printed as a commented line without its value, so that one must be supplied again.
[[nodiscard]] std::string print_config(const config_schema& schema, const config_values& values);

/// A commented INI file that shows every key with help, accepted values and default.
[[nodiscard]] std::string sample_config(const config_schema& schema);

/// All errors, one per line.
[[nodiscard]] std::string to_string(const std::vector<config_error>& errors);

} // namespace librats::runtime
