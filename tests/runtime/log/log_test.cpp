// SPDX-License-Identifier: MIT
#include "runtime/log/log.hpp"

#include "tests/runtime/log/log_fixture.hpp"

#include <cstdlib>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace librats::runtime {
namespace {

using lines_t = std::vector<std::string>;

BOOST_AUTO_TEST_SUITE(log_suite)

BOOST_FIXTURE_TEST_CASE(a_line_is_level_subject_and_sentence, log_fixture) {
  require_configured(to_file());
  LIBRATS_LOG(log_level::info, "liveness", "lost peer ", "4f1a", " after ", 3, " pings");
  LIBRATS_LOG(log_level::error, std::string{"node"}, "stopped");
  log_write(log_level::trace, "dialer", "tries 127.0.0.1:9");
  const lines_t expected = {
    "info  liveness lost peer 4f1a after 3 pings", "error node stopped", "trace dialer tries 127.0.0.1:9"};
  BOOST_TEST(lines() == expected, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(lines_below_the_level_are_dropped, log_fixture) {
  const log_level all[] = {log_level::trace, log_level::debug, log_level::info, log_level::warn, log_level::error};
  require_configured(to_file());
  for (const auto threshold : {log_level::trace, log_level::info, log_level::error, log_level::off}) {
    set_log_level(threshold);
    BOOST_REQUIRE(!clear_log_file());
    std::size_t expected = 0;
    for (const auto level : all) {
      BOOST_TEST(log_enabled(level) == (level >= threshold));
      LIBRATS_LOG(level, "test", "line");
      expected += level >= threshold ? 1 : 0;
    }
    BOOST_TEST(lines().size() == expected);
  }
}

BOOST_FIXTURE_TEST_CASE(a_line_cannot_have_the_level_off, log_fixture) {
  require_configured(to_file());
  BOOST_TEST(!log_enabled(log_level::off));
  LIBRATS_LOG(log_level::off, "test", "line");
  log_write(log_level::off, "test", "line");
  BOOST_TEST(lines().empty());
}

BOOST_FIXTURE_TEST_CASE(nothing_is_evaluated_for_a_level_that_is_off, log_fixture) {
  auto options = to_file();
  options.level = log_level::warn;
  require_configured(options);
  int calls = 0;
  const auto costly = [&calls] {
    ++calls;
    return std::string{"x"};
  };
  LIBRATS_LOG(log_level::info, costly(), costly(), costly());
  BOOST_TEST(calls == 0);
  LIBRATS_LOG(log_level::warn, costly(), costly(), costly());
  BOOST_TEST(calls == 3);
}

BOOST_FIXTURE_TEST_CASE(without_any_output_no_level_is_enabled, log_fixture) {
  auto options = to_file();
  options.file = false;
  require_configured(options);
  BOOST_TEST(!log_enabled(log_level::error));
  set_log_level(log_level::trace);
  BOOST_TEST(!log_enabled(log_level::error));
  require_configured(to_file());
  BOOST_TEST(log_enabled(log_level::trace));
}

BOOST_FIXTURE_TEST_CASE(the_macro_is_one_statement, log_fixture) {
  require_configured(to_file());
  if (lines().empty())
    LIBRATS_LOG(log_level::info, "test", "then");
  else
    LIBRATS_LOG(log_level::info, "test", "else");
  BOOST_TEST(lines() == lines_t{"info  test then"}, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(foreign_text_cannot_forge_a_line, log_fixture) {
  require_configured(to_file());
  const std::string name = "eve\n2026-08-01T00:00:00.000Z info  node accepted peer mallory\r\x1b[2K";
  LIBRATS_LOG(log_level::warn, "files", "refused ", name);
  LIBRATS_LOG(log_level::warn, name, "is a subject");
  const auto out = lines();
  BOOST_REQUIRE(out.size() == 2u);
  BOOST_TEST(
    out[0] == "warn  files refused eve\\n2026-08-01T00:00:00.000Z info  node accepted peer mallory\\r\\x1b[2K");
  BOOST_TEST(out[1].find('\r') == std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(braces_and_percent_signs_are_text, log_fixture) {
  require_configured(to_file());
  LIBRATS_LOG(log_level::info, "t", "{} {0} %s %n %v");
  BOOST_TEST(lines() == lines_t{"info  t {} {0} %s %n %v"}, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_long_line_is_cut, log_fixture) {
  require_configured(to_file());
  LIBRATS_LOG(log_level::info, "t", std::string(1'000'000, 'x'));
  const auto out = lines();
  BOOST_REQUIRE(out.size() == 1u);
  BOOST_TEST(out[0].size() == std::string{"info  "}.size() + log_line_bytes_max);
  BOOST_TEST(out[0].substr(out[0].size() - 4) == "x...");
}

BOOST_FIXTURE_TEST_CASE(warnings_are_flushed_at_once, log_fixture) {
  require_configured(to_file());
  LIBRATS_LOG(log_level::info, "t", "waits");
  BOOST_TEST(read_all(file()).empty());
  LIBRATS_LOG(log_level::warn, "t", "goes");
  BOOST_TEST(read_all(file()) == "info  t waits\nwarn  t goes\n");
}

BOOST_FIXTURE_TEST_CASE(a_regular_exit_writes_out_what_is_buffered_and_statics_may_still_log, log_fixture) {
  const auto command = concat("'", RATS_LOG_EXIT_PROGRAM, "' '", file().string(), "'");
  BOOST_REQUIRE(std::system(command.c_str()) == 0);
  const lines_t expected = {"info  main says its last words", "warn  static logs while it is destroyed"};
  BOOST_TEST(read_lines(file()) == expected, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(lines_of_many_threads_stay_whole_while_options_change, log_fixture) {
  constexpr int threads = 4;
  constexpr int lines_per_thread = 500;
  auto options = to_file();
  require_configured(options);
  std::vector<std::thread> writers;
  for (int t = 0; t < threads; ++t)
    writers.emplace_back([t] {
      for (int i = 0; i < lines_per_thread; ++i)
        LIBRATS_LOG(log_level::info, "writer", t, " wrote line ", i);
    });
  for (int i = 0; i < 50; ++i) {
    options.level = i % 2 == 0 ? log_level::debug : log_level::info;
    require_configured(options);
    BOOST_REQUIRE(!reopen_log_files());
    BOOST_TEST((current_log_options().level == options.level));
  }
  for (auto& writer : writers)
    writer.join();
  const auto out = lines();
  const std::set<std::string> distinct(out.begin(), out.end());
  BOOST_TEST(out.size() == static_cast<std::size_t>(threads * lines_per_thread));
  BOOST_TEST(distinct.size() == out.size());
  for (const auto& line : out)
    BOOST_TEST(line.rfind("info  writer ", 0) == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace librats::runtime
