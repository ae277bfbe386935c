// SPDX-License-Identifier: MIT
#pragma once

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/variables_map.hpp>

#include <string>
#include <vector>

namespace librats::apps {

/// What stands on a command line, or why it cannot be understood.
struct command_line {
  boost::program_options::variables_map given;
  std::vector<std::string> operands; ///< What is no option.
  std::string mistake;               ///< A sentence, fit for a terminal; empty when all is well.
};

/// Reads `arguments`, the program's name not included, without guessing: an option that is added later must not change
/// what a script means. Operands are a mistake unless `with_operands`.
[[nodiscard]] command_line read_command_line(const boost::program_options::options_description& known,
  const std::vector<std::string>& arguments, bool with_operands);

} // namespace librats::apps
