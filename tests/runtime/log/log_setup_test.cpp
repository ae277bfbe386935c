// SPDX-License-Identifier: MIT
#include "runtime/log/log_setup.hpp"

#include "tests/runtime/log/log_fixture.hpp"

#include <regex>
#include <string>
#include <vector>

namespace librats::runtime {
namespace {

using lines_t = std::vector<std::string>;

void say(const char* what) {
  LIBRATS_LOG(log_level::info, "test", what);
}

/// A line of 100 bytes with its end.
void say_100_bytes(char c) {
  LIBRATS_LOG(log_level::info, "t", std::string(100 - 9, c));
}

BOOST_AUTO_TEST_SUITE(log_setup_suite)

BOOST_AUTO_TEST_CASE(level_names_are_read_in_any_case) {
  for (const auto level :
    {log_level::trace, log_level::debug, log_level::info, log_level::warn, log_level::error, log_level::off})
    BOOST_TEST((parse_log_level(to_string(level)) == level));
  BOOST_TEST((parse_log_level("DEBUG") == log_level::debug));
  BOOST_TEST((parse_log_level("Warn") == log_level::warn));
  for (const auto* text : {"", "warning", "inf", "infos", "3", " info"})
    BOOST_TEST(!parse_log_level(text));
}

BOOST_FIXTURE_TEST_CASE(the_options_in_force_can_be_read_back, log_fixture) {
  auto options = to_file();
  options.level = log_level::warn;
  options.colors = false;
  options.rotation_size_bytes = 5 * 1024 * 1024;
  options.retention_count = 3;
  require_configured(options);
  const auto now = current_log_options();
  BOOST_TEST((now.level == log_level::warn));
  BOOST_TEST(!now.console);
  BOOST_TEST(now.file);
  BOOST_TEST(now.file_path == file().string());
  BOOST_TEST(!now.colors);
  BOOST_TEST(!now.timestamps);
  BOOST_TEST(now.rotation_size_bytes == 5u * 1024 * 1024);
  BOOST_TEST(now.retention_count == 3);
  set_log_level(log_level::debug);
  BOOST_TEST((current_log_options().level == log_level::debug));
}

BOOST_FIXTURE_TEST_CASE(the_time_of_a_line_is_utc_in_milliseconds, log_fixture) {
  auto options = to_file();
  options.timestamps = true;
  require_configured(options);
  say("x");
  const auto out = lines();
  BOOST_REQUIRE(out.size() == 1u);
  const std::regex shape{R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z info  test x)"};
  BOOST_TEST(std::regex_match(out[0], shape), out[0]);
}

BOOST_FIXTURE_TEST_CASE(a_log_clock_replaces_the_wall_clock, log_fixture) {
  using namespace std::chrono_literals;
  auto options = to_file();
  options.timestamps = true;
  require_configured(options);
  duration now{};
  set_log_clock([&now] { return now; });
  say("a");
  now = 12s + 345678us + 900ns;
  say("b");
  now = 100h;
  say("c");
  const lines_t expected = {"+0.000000s info  test a", "+12.345678s info  test b", "+360000.000000s info  test c"};
  BOOST_TEST(lines() == expected, boost::test_tools::per_element());
  options.timestamps = false;
  require_configured(options);
  say("d");
  BOOST_TEST(lines().back() == "info  test d");
  options.timestamps = true;
  require_configured(options);
  say("e");
  BOOST_TEST(lines().back() == "+360000.000000s info  test e");
  set_log_clock({});
  say("f");
  BOOST_TEST(lines().back().find("Z info  test f") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(the_console_is_stderr_and_has_no_colours_without_a_terminal, log_fixture) {
  auto options = to_file();
  options.console = true;
  stderr_capture capture{folder / "stderr"};
  require_configured(options);
  LIBRATS_LOG(log_level::error, "test", "both");
  options.console = false;
  require_configured(options);
  LIBRATS_LOG(log_level::error, "test", "file only");
  options.console = true;
  options.file = false;
  require_configured(options);
  LIBRATS_LOG(log_level::error, "test", "console only");
  const lines_t on_console = {"error test both", "error test console only"};
  const lines_t in_file = {"error test both", "error test file only"};
  BOOST_TEST(capture.stop() == on_console, boost::test_tools::per_element());
  BOOST_TEST(read_lines(file()) == in_file, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(missing_folders_are_created, log_fixture) {
  auto options = to_file();
  options.file_path = (folder / "a" / "b" / "c.log").string();
  require_configured(options);
  say("x");
  flush_log();
  BOOST_TEST(read_all(options.file_path) == "info  test x\n");
}

BOOST_FIXTURE_TEST_CASE(a_file_that_cannot_be_opened_is_a_sentence_and_changes_nothing, log_fixture) {
  require_configured(to_file());
  auto options = to_file();
  options.level = log_level::error;
  options.file_path = folder.string(); // A directory.
  auto problem = configure_logging(options);
  BOOST_REQUIRE(problem);
  BOOST_TEST(problem->find("cannot open log file \"" + folder.string() + "\": Is a directory") == 0u, *problem);
  options.file_path = (file() / "below.log").string(); // Below a file.
  problem = configure_logging(options);
  BOOST_REQUIRE(problem);
  BOOST_TEST(problem->find("Not a directory") != std::string::npos, *problem);
  say("still here");
  BOOST_TEST(lines() == lines_t{"info  test still here"}, boost::test_tools::per_element());
  BOOST_TEST(current_log_options().file_path == file().string());
}

BOOST_FIXTURE_TEST_CASE(options_out_of_range_are_refused, log_fixture) {
  const auto refused = [this](void (*change)(log_options&)) {
    auto options = to_file();
    change(options);
    return configure_logging(options).has_value();
  };
  BOOST_TEST(refused([](log_options& x) { x.file_path.clear(); }));
  BOOST_TEST(refused([](log_options& x) { x.rotation_size_bytes = log_rotation_size_min - 1; }));
  BOOST_TEST(refused([](log_options& x) { x.retention_count = -1; }));
  BOOST_TEST(refused([](log_options& x) { x.retention_count = log_retention_max + 1; }));
  BOOST_TEST(!refused([](log_options&) {}));
}

BOOST_FIXTURE_TEST_CASE(a_full_file_is_rotated_and_old_ones_are_dropped, log_fixture) {
  auto options = to_file();
  options.rotation_size_bytes = log_rotation_size_min;
  options.retention_count = 2;
  require_configured(options);
  for (const char c : {'a', 'b', 'c', 'd', 'e'})
    for (int i = 0; i < 40; ++i) // 4,000 of 4,096 bytes, so each letter opens a file.
      say_100_bytes(c);
  flush_log();
  const auto letter = [](const std::filesystem::path& path) { return read_all(path).substr(8, 1); };
  BOOST_TEST(letter(file()) == "e");
  BOOST_TEST(letter(folder / "rats.1.log") == "d");
  BOOST_TEST(letter(folder / "rats.2.log") == "c");
  BOOST_TEST(!std::filesystem::exists(folder / "rats.3.log"));
  for (const auto& entry : std::filesystem::directory_iterator{folder})
    BOOST_TEST(entry.file_size() <= log_rotation_size_min);
}

BOOST_FIXTURE_TEST_CASE(without_retention_a_full_file_starts_over, log_fixture) {
  auto options = to_file();
  options.rotation_size_bytes = log_rotation_size_min;
  options.retention_count = 0;
  require_configured(options);
  for (int i = 0; i < 41; ++i)
    say_100_bytes('x');
  BOOST_TEST(lines().size() == 1u);
  BOOST_TEST(!std::filesystem::exists(folder / "rats.1.log"));
}

BOOST_FIXTURE_TEST_CASE(a_file_is_continued_by_the_next_run, log_fixture) {
  require_configured(to_file());
  say("first");
  auto other = to_file();
  other.file_path = (folder / "other.log").string();
  require_configured(other);
  require_configured(to_file());
  say("second");
  const lines_t expected = {"info  test first", "info  test second"};
  BOOST_TEST(lines() == expected, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(reopening_follows_a_file_that_was_moved_away, log_fixture) {
  require_configured(to_file());
  say("before");
  const auto moved = folder / "rats.log-20260801";
  std::filesystem::rename(file(), moved);
  say("moved");
  BOOST_REQUIRE(!reopen_log_files());
  say("after");
  const lines_t old_lines = {"info  test before", "info  test moved"};
  BOOST_TEST(lines() == lines_t{"info  test after"}, boost::test_tools::per_element());
  BOOST_TEST(read_lines(moved) == old_lines, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_failed_reopening_keeps_the_old_file, log_fixture) {
  require_configured(to_file());
  const auto moved = folder / "moved.log";
  std::filesystem::rename(file(), moved);
  std::filesystem::create_directory(file());
  const auto problem = reopen_log_files();
  BOOST_REQUIRE(problem);
  BOOST_TEST(problem->find("Is a directory") != std::string::npos, *problem);
  say("kept");
  flush_log();
  BOOST_TEST(read_all(moved) == "info  test kept\n");
}

BOOST_FIXTURE_TEST_CASE(clearing_empties_the_file_and_logging_goes_on, log_fixture) {
  require_configured(to_file());
  say("before");
  BOOST_REQUIRE(!clear_log_file());
  BOOST_TEST(read_all(file()).empty());
  say("after");
  BOOST_TEST(lines() == lines_t{"info  test after"}, boost::test_tools::per_element());
  auto off = to_file();
  off.file = false;
  require_configured(off);
  BOOST_TEST(!read_all(file()).empty());
  BOOST_REQUIRE(!clear_log_file()); // Also while file logging is off...
  BOOST_TEST(read_all(file()).empty());
  std::filesystem::remove(file());
  BOOST_REQUIRE(!clear_log_file()); // ...and without creating what is not there.
  BOOST_TEST(!std::filesystem::exists(file()));
}

BOOST_FIXTURE_TEST_CASE(a_full_disk_costs_lines_but_never_the_process, log_fixture) {
  if (!std::filesystem::exists("/dev/full")) {
    BOOST_TEST_MESSAGE("skipped: this system has no /dev/full");
    return;
  }
  stderr_capture capture{folder / "stderr"};
  auto options = to_file();
  options.file_path = "/dev/full";
  require_configured(options);
  for (int i = 0; i < 20; ++i)
    LIBRATS_LOG(log_level::error, "test", "line ", i);
  require_configured(to_file());
  say("the disk has room again");
  const auto complaints = capture.stop();
  BOOST_REQUIRE(complaints.size() == 1u);
  BOOST_TEST(complaints[0].find("log cannot write its file: ") == 0u, complaints[0]);
  BOOST_TEST(complaints[0].find("No space left") != std::string::npos, complaints[0]);
  BOOST_TEST(lines().size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_log_folder_that_disappears_comes_back_with_the_next_rotation, log_fixture) {
  const auto logs = folder / "logs";
  auto options = to_file();
  options.file_path = (logs / "rats.log").string();
  options.rotation_size_bytes = log_rotation_size_min;
  require_configured(options);
  say_100_bytes('a');
  std::filesystem::remove_all(logs);
  for (int i = 0; i < 100; ++i)
    say_100_bytes('b');
  flush_log();
  BOOST_TEST(read_all(options.file_path).find("bbbb") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_rotation_that_cannot_reopen_the_file_is_survived_and_retried, log_fixture) {
  const auto logs = folder / "logs";
  stderr_capture capture{folder / "stderr"};
  auto options = to_file();
  options.file_path = (logs / "rats.log").string();
  options.rotation_size_bytes = log_rotation_size_min;
  require_configured(options);
  std::filesystem::remove_all(logs);
  std::ofstream{logs} << "in the way";
  for (int i = 0; i < 100; ++i)
    say_100_bytes('a');
  std::filesystem::remove(logs);
  say("back again");
  flush_log();
  BOOST_TEST(read_all(options.file_path) == "info  test back again\n");
  BOOST_TEST(capture.stop().size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace librats::runtime
