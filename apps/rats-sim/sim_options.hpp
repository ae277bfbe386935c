// SPDX-License-Identifier: MIT
#pragma once

#include "apps/rats-sim/worker_talk.hpp"
#include "protocols/core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace librats::apps {

/// The command line of `rats-sim`.
struct sim_options_given {
  std::string config;
  std::optional<std::uint64_t> seed;
  std::optional<std::pair<std::uint64_t, std::uint64_t>> seeds; ///< First and last.
  std::size_t jobs = 1;
  std::vector<worker_address> workers; ///< Who runs the seeds; empty: this machine.
  bool worker = false;                 ///< Run seeds for others.
  std::string listen = "127.0.0.1";    ///< Where a worker does.
  std::uint16_t port = 0;              ///< 0: any.
  std::string shrink;                  ///< The file that gets a smaller scenario.
  std::vector<std::string> settings;   ///< `section.key=value`.
  std::string report;
  std::string trace;
  std::string html;
  std::optional<duration> until;
  std::string followed; ///< `group/number`, or a number counted over all groups.
  std::string log_level;
  bool check = false;
  bool quiet = false;
  bool help = false;
  bool version = false;
  std::string mistake; ///< A sentence; empty when all is well.
};

[[nodiscard]] sim_options_given parse_sim_options(const std::vector<std::string>& arguments);
[[nodiscard]] std::string sim_usage();

/// The arguments in a form that a shell reads as they are.
[[nodiscard]] std::string shell_command(const std::vector<std::string>& words);

/// What runs one seed of a scenario again: the same settings, nothing that only shows things.
[[nodiscard]] std::vector<std::string> replay_arguments(const sim_options_given& given, std::uint64_t seed);

} // namespace librats::apps
