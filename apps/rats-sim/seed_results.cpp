// SPDX-License-Identifier: MIT
#include "apps/rats-sim/seed_results.hpp"

#include "apps/rats-sim/run.hpp"
#include "runtime/log/log.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>

namespace librats::apps {

namespace {

using nlohmann::json;
using runtime::concat;

std::size_t failures_in(const seed_results& results) {
  return static_cast<std::size_t>(
    std::count_if(results.done.begin(), results.done.end(), [](const auto& x) { return x.second.code != sim_held; }));
}

std::uint64_t wanted(const sim_options_given& given) {
  return given.seeds->second - given.seeds->first + 1;
}

} // namespace

std::string progress_text(const seed_results& so_far, const sim_options_given& given, std::uint64_t seed) {
  const bool held = so_far.done.at(seed).code == sim_held;
  return concat(so_far.done.size(), " of ", wanted(given), " seeds, ", failures_in(so_far), " failed",
    held ? "" : concat(" (", seed, ")"));
}

int conclude_seeds(const seed_results& results, const sim_options_given& given, const std::string& program,
  std::ostream& out, std::ostream& err) {
  const auto failed = failures_in(results);
  json failures = json::array();
  for (const auto& [seed, result] : results.done) {
    if (result.code == sim_held)
      continue;
    auto words = replay_arguments(given, seed);
    words.insert(words.begin(), program);
    const auto replay = shell_command(words);
    failures.push_back({{"seed", seed}, {"exit_code", result.code}, {"said", result.said}, {"replay", replay}});
    const bool explained = result.code == sim_broken && result.said.find("replay: ") != std::string::npos;
    out << "seed " << seed << (explained ? " failed\n" : concat(" ended with code ", result.code, "\n")) << result.said
        << (explained ? "" : concat("  replay: ", replay, "\n"));
  }
  out << results.done.size() << " of " << wanted(given) << " seeds were run, " << results.done.size() - failed
      << " held, " << failed << " failed" << (results.interrupted ? "; interrupted" : "") << std::endl;
  if (!results.mistake.empty())
    err << "rats-sim: " << results.mistake << '\n';
  bool written = true;
  if (!given.report.empty()) {
    std::ofstream report{given.report, std::ios::trunc};
    report << json{{"scenario", given.config}, {"first_seed", given.seeds->first}, {"last_seed", given.seeds->second},
      {"run", results.done.size()}, {"failed", failed}, {"interrupted", results.interrupted}, {"failures", failures}}
                .dump(2, ' ', false, json::error_handler_t::replace)
           << '\n';
    written = report.flush().good();
    if (!written)
      err << "rats-sim: " << given.report << " cannot be written; name a file in a folder that you may write to\n";
  }
  return results.done.size() == wanted(given) && failed == 0 && written ? sim_held : sim_broken;
}

} // namespace librats::apps
