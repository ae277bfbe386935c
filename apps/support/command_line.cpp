// SPDX-License-Identifier: MIT
#include "apps/support/command_line.hpp"

#include "runtime/log/escape.hpp"

#include <boost/program_options.hpp>

#include <exception>

namespace librats::apps {

namespace po = boost::program_options;

namespace {

constexpr auto operand_name = "operand";
constexpr std::size_t mistake_length_max = 200;

} // namespace

command_line read_command_line(
  const po::options_description& known, const std::vector<std::string>& arguments, bool with_operands) {
  command_line out;
  try {
    po::options_description all;
    all.add(known);
    po::positional_options_description order;
    if (with_operands) {
      all.add_options()(operand_name, po::value<std::vector<std::string>>());
      order.add(operand_name, -1);
    }
    const auto style = po::command_line_style::default_style & ~po::command_line_style::allow_guessing;
    po::store(po::command_line_parser(arguments).options(all).positional(order).style(style).run(), out.given);
    po::notify(out.given);
    if (out.given.count(operand_name) != 0)
      out.operands = out.given[operand_name].as<std::vector<std::string>>();
  } catch (const std::exception& cause) {
    out.mistake = runtime::escaped(cause.what(), mistake_length_max);
  }
  return out;
}

} // namespace librats::apps
