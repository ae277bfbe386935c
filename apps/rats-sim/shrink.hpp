// SPDX-License-Identifier: MIT
#pragma once

#include "apps/rats-sim/scenario_text.hpp"
#include "protocols/core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <ostream>
#include <string>

namespace librats::apps {

struct scenario;
struct sim_options_given;

/// How a run failed, and when.
struct failure {
  std::string what;              ///< `expectation.threshold`, or `exit code N` of a run that ended otherwise.
  std::optional<duration> since; ///< When it was found, if the run said so.
};

/// Makes a scenario smaller as long as it fails in the same way: a shorter run, fewer sections, fewer nodes and
/// senders, fewer keys. Pure: the runs are somebody else's.
class shrinker {
public:
  /// How a scenario fails; empty when it holds, fails in some other way or was not run to its end.
  using trial = std::function<std::optional<failure>(const std::string& text)>;
  /// Told of every scenario that is smaller and still fails.
  using listener = std::function<void(const scenario& what, std::size_t runs)>;

  shrinker(scenario_text begin, failure known, trial run, std::size_t runs_max);

  /// Goes on until nothing can be left out, the runs are used up or `interrupted` says so. Returns the smallest.
  const scenario_text& work(const std::function<bool()>& interrupted, const listener& smaller);
  [[nodiscard]] std::size_t runs() const noexcept { return runs_; }

private:
  /// Whether it still fails, which makes it the best.
  bool accept(const scenario_text& candidate);
  bool shorten();
  bool drop_sections();
  bool reduce_numbers();
  bool reduce(const std::string& section, const std::string& key, std::size_t now);
  bool drop_entries();
  [[nodiscard]] bool over() const;

  scenario_text best_;
  failure failure_;
  trial run_;
  std::size_t runs_max_;
  std::size_t runs_ = 0;
  std::function<bool()> interrupted_;
  listener smaller_;
};

/// The whole of `--shrink FILE`: runs the scenario, looks for a smaller one that fails alike, each run in a process of
/// its own, and writes it. Returns the exit code: 0 when nothing fails, 1 when something does, 2 for a mistake.
[[nodiscard]] int run_shrink(const scenario& what, const sim_options_given& given, const std::string& program,
  const std::function<bool()>& interrupted, std::ostream& out, std::ostream& err);

/// The most runs that `--shrink` makes.
constexpr std::size_t shrink_runs_max = 200;

} // namespace librats::apps
