// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/config/config_value.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace librats::apps {

/// What stands on the command line of `rats-client`.
struct client_options {
  bool help = false;
  bool version = false;
  std::uint16_t listen_port = 0;
  std::optional<runtime::host_port> connect;
  std::string data_dir;  ///< Empty: a new identity, kept nowhere.
  std::string protocol;  ///< Empty: the default.
  bool plaintext = false;
  std::string nick;               ///< Empty: none.
  std::vector<std::string> rooms; ///< Joined at start; plain text goes to the last one.
  bool sign = false;              ///< What is published.
  bool store = false;             ///< Keep a replicated store, in `data_dir` if there is one.
  std::string inbox;              ///< Take all files that are offered, into this folder.
  std::string share;              ///< Peers may ask for what lies below this folder.
  std::string mistake;   ///< A sentence when the command line is wrong; then nothing else counts.
};

/// Never throws.
[[nodiscard]] client_options parse_client_options(const std::vector<std::string>& arguments);

/// The text of `--help`.
[[nodiscard]] std::string client_usage();

} // namespace librats::apps
