// SPDX-License-Identifier: MIT
#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace librats::test {

/// An empty folder below the one that the test runs in.
struct test_folder {
  explicit test_folder(const std::string& name) : path("files/" + name) {
    std::filesystem::remove_all(path);
    std::filesystem::create_directories(path);
  }
  [[nodiscard]] std::string read(const std::string& file) const {
    std::ifstream in{path + "/" + file, std::ios::binary};
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
  }
  void write(const std::string& file, const std::string& text) const {
    std::ofstream{path + "/" + file, std::ios::binary} << text;
  }
  [[nodiscard]] bool has(const std::string& file) const { return std::filesystem::exists(path + "/" + file); }
  [[nodiscard]] std::string of(const std::string& file) const { return path + "/" + file; }

  std::string path;
};

} // namespace librats::test
