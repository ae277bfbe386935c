// SPDX-License-Identifier: MIT
#include "librats.h"

#include <boost/test/unit_test.hpp>

#include <filesystem>
#include <fstream>
#include <string>

namespace librats::test {

BOOST_AUTO_TEST_SUITE(logging)

BOOST_AUTO_TEST_CASE(the_setters_set_what_the_getters_get) {
  RatsClient client{0};
  const auto level = client.get_log_level();
  BOOST_TEST(client.is_console_logging_enabled());
  BOOST_TEST(!client.is_logging_enabled());
  BOOST_TEST(client.get_log_file_path() == "rats.log");
  for (const auto one : {LogLevel::DEBUG, LogLevel::INFO, LogLevel::WARN, LogLevel::ERROR}) {
    client.set_log_level(one);
    BOOST_TEST((client.get_log_level() == one));
  }
  client.set_log_level("INFO");
  BOOST_TEST((client.get_log_level() == LogLevel::INFO));
  client.set_log_level("warn");
  for (const auto* unknown : {"", "LOUD", "OFF"})
    client.set_log_level(unknown);
  BOOST_TEST((client.get_log_level() == LogLevel::WARN));
  BOOST_TEST(static_cast<int>(client.get_log_level()) == 2);
  for (const bool on : {false, true}) {
    client.set_log_colors_enabled(on);
    client.set_log_timestamps_enabled(on);
    client.set_console_logging_enabled(on);
    BOOST_TEST(client.is_log_colors_enabled() == on);
    BOOST_TEST(client.is_log_timestamps_enabled() == on);
    BOOST_TEST(client.is_console_logging_enabled() == on);
  }
  client.set_log_level(level);
}

BOOST_AUTO_TEST_CASE(a_log_file_is_written_and_cleared) {
  std::filesystem::remove("client.log");
  RatsClient client{70000};  // Its start fails, which is worth a line.
  client.set_log_rotation_size(5 * 1024 * 1024);
  client.set_log_rotation_size(1);  // Refused.
  client.set_log_retention_count(3);
  client.set_log_file_path("client.log");
  client.set_logging_enabled(true);
  BOOST_TEST(client.is_logging_enabled());
  BOOST_TEST(client.get_log_file_path() == "client.log");
  BOOST_TEST(!client.start());
  BOOST_TEST(std::filesystem::file_size("client.log") > 0u);
  client.clear_log_file();
  BOOST_TEST(std::filesystem::file_size("client.log") == 0u);
  client.set_logging_enabled(false);
  client.set_log_file_path("rats.log");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
