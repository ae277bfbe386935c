// SPDX-License-Identifier: MIT
#pragma once

#include "apps/rats-sim/judge.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace librats::apps {

/// How a run ended.
enum class outcome : std::uint8_t {
  held,        ///< Everything that was expected.
  broken,      ///< Something did not hold.
  interrupted, ///< By a signal; only what holds all along was judged.
  stopped,     ///< By --until; likewise.
};

/// The network once a second of virtual time, or less often in a run of more than ten minutes.
struct sample {
  duration at{};
  std::size_t up = 0;
  std::size_t links = 0;
  std::uint64_t sent = 0;
  std::uint64_t arrivals = 0;
  std::uint64_t bytes = 0; ///< That arrived over links and in datagrams.
  std::uint64_t events = 0;
  std::uint64_t crashes = 0;
  std::uint64_t restarts = 0;          ///< Of parts, as of the last census.
  std::optional<duration> latency_p50; ///< Of what arrived since the sample before; empty when nothing did.
  std::optional<duration> latency_p99;
};

/// What a run leaves, beside the simulation itself.
struct run_record {
  std::string file;
  outcome end = outcome::held;
  verdict judged;
  std::vector<sample> samples;
  std::string replay;            ///< The command that does the same again.
  double cpu_seconds = 0;        ///< Of this process, which has one thread.
  std::uint64_t memory_peak = 0; ///< Bytes resident; 0 where the system does not say.
};

/// The table for people.
[[nodiscard]] std::string summary_text(simulation& of, const run_record& run);
/// The same and more for programs. All of it but `machine` is equal for equal seeds.
[[nodiscard]] nlohmann::json report_json(simulation& of, const run_record& run);
/// One breach, with the virtual time, the nodes concerned and the command that replays it.
[[nodiscard]] std::string breach_text(const breach& what, const run_record& run);

[[nodiscard]] const char* to_string(outcome x) noexcept;
/// 16 hex digits.
[[nodiscard]] std::string hash_text(std::uint64_t hash);

} // namespace librats::apps
