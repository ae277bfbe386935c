// SPDX-License-Identifier: MIT
#include "tests/runtime/config/sample_schema.hpp"

#include <sstream>
#include <string>
#include <vector>

namespace librats::runtime {
namespace {

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

/// Both hold the same values; their origins may differ.
void check_same(const config_values& a, const config_values& b) {
  BOOST_REQUIRE(a.entries().size() == b.entries().size());
  for (std::size_t i = 0; i < a.entries().size(); ++i)
    BOOST_TEST((a.entries()[i].value == b.entries()[i].value), a.entries()[i].name);
}

BOOST_AUTO_TEST_SUITE(config_print_suite)

BOOST_AUTO_TEST_CASE(help_shows_every_key_with_what_it_accepts_and_its_default) {
  const auto schema = sample_schema();
  const auto help = help_text(schema);
  BOOST_TEST(has(help, "sample: a program for tests\n"));
  for (const auto& section : schema.sections())
    BOOST_TEST(has(help, "[" + section.name + "] " + section.title + ":\n"));
  for (const auto& key : schema.keys()) {
    BOOST_TEST(has(help, "--" + key.full_name() + " "));
    BOOST_TEST(has(help, key.help + "."));
  }
  BOOST_TEST(has(help, "Accepted: a whole number from 0 to 65535. Default: 0."));
  BOOST_TEST(has(help, "Accepted: fast or safe. Default: fast."));
  for (const auto* option : {"--help", "--version", "--config FILE", "--print-config"})
    BOOST_TEST(has(help, option));
}

BOOST_AUTO_TEST_CASE(help_fits_its_columns_and_has_no_blanks_at_line_ends) {
  std::istringstream lines{help_text(sample_schema())};
  for (std::string line; std::getline(lines, line);) {
    BOOST_TEST(line.size() <= config_help_columns, line);
    BOOST_TEST((line.empty() || line.back() != ' '), line);
  }
}

BOOST_AUTO_TEST_CASE(printed_values_show_their_origin) {
  const auto loaded =
    load_config_text(sample_schema(), "[net]\nport = 7\npeer = a:1\npeer = b:2\n", "x.ini", {"--misc.title", " # "});
  BOOST_REQUIRE(loaded.ok());
  const auto text = print_config(sample_schema(), loaded.values);
  for (const auto* line : {"[net]\n", "listen = true  # default\n", "port = 7  # x.ini:2\n", "peer = a:1  # x.ini:3\n",
         "peer = b:2  # x.ini:3\n", "timeout = 15 s  # default\n", "bind =  # default\n",
         "title = \" # \"  # command line\n", "tag =  # default\n"})
    BOOST_TEST(has(text, line), line);
}

BOOST_AUTO_TEST_CASE(printed_values_read_back_to_themselves) {
  const auto schema = sample_schema();
  const std::vector<std::vector<std::string>> command_lines = {
    {}, {"--net.listen=off", "--net.port=65535", "--net.queue=1025", "--net.timeout=1500ms", "--net.bind=::1"},
    {"--net.peer=[::1]:1", "--net.peer=a.b:2", "--misc.tag=a # b", "--misc.tag= x ", "--misc.tag=\"q\""},
    {"--misc.mode=safe", "--misc.title=\\ \"#;", "--misc.folder=/x y/#z ", "--misc.offset=-10"},
    {"--misc.title=#", "--misc.folder=C:\\dir\\", "--misc.tag=\xe2\x82\xac"},
    {"--misc.folder=" + std::string(4095, '"')}, // The longest value, and every character escaped.
  };
  for (const auto& arguments : command_lines) {
    const auto first = load_config(schema, arguments);
    BOOST_REQUIRE_MESSAGE(first.ok(), to_string(first.errors));
    const auto second = load_config_text(schema, print_config(schema, first.values), std::string(10'000, '\n'));
    BOOST_REQUIRE_MESSAGE(second.ok(), to_string(second.errors));
    check_same(first.values, second.values);
    const auto third = load_config_text(schema, print_config(schema, second.values), "again.ini"); // A long file name.
    BOOST_REQUIRE_MESSAGE(third.ok(), to_string(third.errors));
    check_same(first.values, third.values);
  }
}

BOOST_AUTO_TEST_CASE(a_secret_is_never_printed) {
  const auto schema = sample_schema();
  const auto values = values_of("[misc]\ntoken = hunter2\n");
  BOOST_TEST(values.text("misc", "token") == "hunter2");
  const auto text = print_config(schema, values);
  BOOST_TEST(!has(text, "hunter2"));
  BOOST_TEST(has(text, "\n# token = ***  # x.ini:2; secret, to be supplied again\n"));
  BOOST_TEST(load_config_text(schema, text, "y.ini").ok());
  BOOST_TEST(!has(help_text(schema), "***"));
}

BOOST_AUTO_TEST_CASE(the_sample_holds_every_default_and_reads_back_with_and_without_its_marks) {
  const auto schema = sample_schema();
  const config_values defaults{schema};
  const auto sample = sample_config(schema);
  auto marked = load_config_text(schema, sample, "sample.ini");
  BOOST_REQUIRE_MESSAGE(marked.ok(), to_string(marked.errors));
  check_same(marked.values, defaults);
  std::string unmarked;
  std::istringstream lines{sample};
  std::size_t keys = 0;
  for (std::string line; std::getline(lines, line); unmarked += line + '\n') {
    BOOST_TEST(line.size() <= config_help_columns, line);
    if (!line.empty() && line.front() == ';') {
      line.erase(0, 1);
      ++keys;
    }
  }
  BOOST_TEST(keys == schema.keys().size());
  const auto loaded = load_config_text(schema, unmarked, "sample.ini");
  BOOST_REQUIRE_MESSAGE(loaded.ok(), to_string(loaded.errors));
  check_same(loaded.values, defaults);
  for (const auto& entry : loaded.values.entries())
    BOOST_TEST((entry.origin.from == config_origin::source::file), entry.name);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace librats::runtime
