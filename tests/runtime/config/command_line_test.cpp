// SPDX-License-Identifier: MIT
#include "runtime/config/command_line.hpp"

#include "tests/runtime/config/sample_schema.hpp"

#include <string>
#include <vector>

namespace librats::runtime {
namespace {

using arguments = std::vector<std::string>;

BOOST_AUTO_TEST_SUITE(command_line_suite)

struct assignment_case {
  arguments given;
  std::string key;
  std::string text;
};

BOOST_AUTO_TEST_CASE(a_value_follows_its_option_or_an_equals_sign) {
  const auto schema = sample_schema();
  const assignment_case cases[] = {
    {{"--net.port", "5"}, "net.port", "5"},
    {{"--net.port=5"}, "net.port", "5"},
    {{"--net.port", "-5"}, "net.port", "-5"},
    {{"--net.port=-5"}, "net.port", "-5"},
    {{"--misc.title", "two words"}, "misc.title", "two words"},
    {{"--misc.title=a=b"}, "misc.title", "a=b"},
    {{"--misc.title=--help"}, "misc.title", "--help"},
    {{"--misc.title", ""}, "misc.title", ""},
    {{"--misc.title="}, "misc.title", ""},
    {{"--misc.title", "-x"}, "misc.title", "-x"},
    {{"--misc.title", "x --net.port 5"}, "misc.title", "x --net.port 5"},
  };
  for (const auto& c : cases) {
    const auto line = parse_command_line(schema, c.given);
    BOOST_TEST_CONTEXT("first argument: " << c.given.front()) {
      BOOST_TEST(to_string(line.errors) == "");
      BOOST_REQUIRE(line.assignments.size() == 1u);
      BOOST_TEST(line.assignments[0].key->full_name() == c.key);
      BOOST_TEST(line.assignments[0].text == c.text);
    }
  }
}

BOOST_AUTO_TEST_CASE(flags_and_the_file_are_recognised_anywhere) {
  const auto schema = sample_schema();
  const auto line = parse_command_line(schema, {"--net.port", "5", "--config", "a.ini", "--print-config"});
  BOOST_TEST(line.errors.empty());
  BOOST_TEST(line.config_file == "a.ini");
  BOOST_TEST(line.print_config);
  BOOST_TEST(!line.help);
  BOOST_TEST(!line.version);
  BOOST_TEST(parse_command_line(schema, {"-h"}).help);
  BOOST_TEST(parse_command_line(schema, {"--help"}).help);
  BOOST_TEST(parse_command_line(schema, {"--version"}).version);
  BOOST_TEST(parse_command_line(schema, {"--config=b.ini"}).config_file == "b.ini");
  BOOST_TEST(parse_command_line(schema, {}).errors.empty());
}

struct mistake_case {
  arguments given;
  std::string error;
};

BOOST_AUTO_TEST_CASE(every_mistake_says_what_is_accepted) {
  const auto schema = sample_schema();
  const mistake_case cases[] = {
    {{"--net.prot", "5"}, "command line: there is no option --net.prot; did you mean --net.port?\n"},
    {{"--net.prot=5"}, "command line: there is no option --net.prot; did you mean --net.port?\n"},
    {{"--port", "5"}, "command line: there is no option --port; did you mean --net.port?\n"},
    {{"-net.port", "5"}, "command line: there is no option -net.port; did you mean --net.port?\n"},
    {{"--confg", "x"}, "command line: there is no option --confg; did you mean --config?\n"},
    {{"--net.por"}, "command line: there is no option --net.por; did you mean --net.port?\n"}, // No guessing.
    {{"--zzzzzzzz"}, "command line: there is no option --zzzzzzzz; see --help\n"},
    {{"-q"}, "command line: there is no option -q; see --help\n"},
    {{"--zz\n\x1b"}, "command line: there is no option --zz\\n\\x1b; see --help\n"},
    {{"stray"}, "command line: unexpected argument \"stray\"; see --help\n"},
    {{"--", "--net.port"}, "command line: unexpected argument \"--net.port\"; see --help\n"},
    {{"--net.port"}, "command line: net.port: needs a value; accepted: a whole number from 0 to 65535\n"},
    {{"--net.port", "--help"}, "command line: net.port: needs a value; accepted: a whole number from 0 to 65535\n"},
    {{"--config"}, "command line: config: needs a value: the INI file to read\n"},
    {{"--config="}, "command line: config: needs a value: the INI file to read\n"},
    {{"--config", "a", "--config", "b"}, "command line: config: is given twice; name one file\n"},
    {{"--help=yes"}, "command line: the option --help takes no value\n"},
    {{"--print-config="}, "command line: the option --print-config takes no value\n"},
  };
  for (const auto& c : cases)
    BOOST_TEST(to_string(parse_command_line(schema, c.given).errors) == c.error);
}

BOOST_AUTO_TEST_CASE(all_mistakes_are_reported_and_the_rest_still_counts) {
  const auto line = parse_command_line(sample_schema(),
    {"--nope", "1", "--net.port", "5", "stray", "--version=2", "--misc.mode", "--neither=2", "--net.timeout"});
  BOOST_TEST(line.errors.size() == 6u);
  BOOST_REQUIRE(line.assignments.size() == 1u);
  BOOST_TEST(line.assignments[0].text == "5");
}

BOOST_AUTO_TEST_CASE(odd_arguments_never_throw) {
  const auto schema = sample_schema();
  for (const auto* odd :
    {"", "-", "--", "---", "--=", "--=x", "-=", "-hx", "--.", "--net.", "--.port", "=", "-h=1", "--net.port="})
    BOOST_TEST(parse_command_line(schema, {odd, odd, "--net.port", odd}).assignments.size() <= 3u);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace librats::runtime
