// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/log/log_setup.hpp"

#include <boost/test/unit_test.hpp>

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace librats::runtime {

inline std::string read_all(const std::filesystem::path& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
}

/// The lines of a file, without their ends; a last line without an end counts too.
inline std::vector<std::string> read_lines(const std::filesystem::path& path) {
  std::ifstream in{path, std::ios::binary};
  std::vector<std::string> out;
  for (std::string line; std::getline(in, line);)
    out.push_back(line);
  return out;
}

/// A folder of its own that disappears, and the logger's defaults before and after.
struct log_fixture {
  std::filesystem::path folder;

  log_fixture() {
    auto pattern = (std::filesystem::temp_directory_path() / "rats-log-XXXXXX").string();
    BOOST_REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    folder = pattern;
  }
  ~log_fixture() {
    set_log_clock({});
    log_options silent;
    silent.console = false;
    silent.file_path.clear();
    static_cast<void>(configure_logging(silent));
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }
  log_fixture(const log_fixture&) = delete;
  log_fixture& operator=(const log_fixture&) = delete;

  [[nodiscard]] std::filesystem::path file() const { return folder / "rats.log"; }

  /// Every line, without time, to `file()` alone.
  [[nodiscard]] log_options to_file() const {
    log_options out;
    out.level = log_level::trace;
    out.console = false;
    out.file = true;
    out.file_path = file().string();
    out.timestamps = false;
    return out;
  }

  static void require_configured(const log_options& options) {
    const auto problem = configure_logging(options);
    BOOST_REQUIRE_MESSAGE(!problem, problem.value_or(""));
  }

  [[nodiscard]] std::vector<std::string> lines() const {
    flush_log();
    return read_lines(file());
  }
};

/// Sends what is written to stderr into a file while it lives.
class stderr_capture {
public:
  explicit stderr_capture(std::filesystem::path into) : into_(std::move(into)), saved_(::dup(STDERR_FILENO)) {
    std::fflush(stderr);
    auto* target = std::fopen(into_.c_str(), "wb");
    BOOST_REQUIRE(target != nullptr);
    ::dup2(::fileno(target), STDERR_FILENO);
    std::fclose(target);
  }
  ~stderr_capture() { stop(); }
  stderr_capture(const stderr_capture&) = delete;
  stderr_capture& operator=(const stderr_capture&) = delete;

  std::vector<std::string> stop() {
    if (saved_ != -1) {
      std::fflush(stderr);
      ::dup2(saved_, STDERR_FILENO);
      ::close(saved_);
      saved_ = -1;
    }
    return read_lines(into_);
  }

private:
  std::filesystem::path into_;
  int saved_;
};

} // namespace librats::runtime
