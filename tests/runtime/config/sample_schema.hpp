// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/config/config_load.hpp"

#include <boost/test/unit_test.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace librats::runtime {

/// One key of every kind, and a secret.
inline config_schema sample_schema() {
  using namespace std::chrono_literals;
  config_schema out{"sample", "a program for tests"};
  out.section("net", "Network")
    .boolean("listen", true, "Accept connections")
    .integer("port", 0, 0, 65535, "Port to listen on")
    .size("queue", 1024 * 1024, 1024, 1024 * 1024 * 1024, "Bytes that may wait")
    .span("timeout", 15s, 1s, 5min, "Time to connect")
    .address("bind", "", "Address to listen on")
    .endpoint_list("peer", "Peer to connect to");
  out.section("misc", "Everything else")
    .word("mode", "fast", {"fast", "safe"}, "How to work")
    .text("title", "a title", 1, 40, "Shown above")
    .path("folder", "", "Where to write")
    .text_list("tag", 20, "Free words")
    .integer("offset", -5, -10, 10, "Moved by so much")
    .text("token", "", 0, 40, "Proves who we are")
    .secret();
  return out;
}

/// The errors of an INI text, each as `line: key: sentence` would print it.
inline std::vector<std::string> errors_of(std::string_view text, const std::vector<std::string>& arguments = {}) {
  std::vector<std::string> out;
  for (const auto& error : load_config_text(sample_schema(), text, "x.ini", arguments).errors)
    out.push_back(error.to_string());
  return out;
}

/// The values of texts that have no errors.
inline config_values values_of(std::string_view text, const std::vector<std::string>& arguments = {}) {
  auto loaded = load_config_text(sample_schema(), text, "x.ini", arguments);
  BOOST_REQUIRE_MESSAGE(loaded.ok(), to_string(loaded.errors));
  return std::move(loaded.values);
}

} // namespace librats::runtime
