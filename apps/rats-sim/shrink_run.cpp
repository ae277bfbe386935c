// SPDX-License-Identifier: MIT
#include "apps/rats-sim/child_run.hpp"
#include "apps/rats-sim/run.hpp"
#include "apps/rats-sim/shrink.hpp"
#include "apps/support/progress_bar.hpp"
#include "runtime/log/log.hpp"

#include <nlohmann/json.hpp>

#include <exception>
#include <fstream>
#include <iterator>

namespace librats::apps {

namespace {

using nlohmann::json;
using runtime::concat;

std::string read_file(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{in}, {}};
}

bool write_file(const std::string& path, const std::string& text) {
  std::ofstream out{path, std::ios::trunc};
  out << text;
  return out.flush().good();
}

/// What a report says about how its run failed.
std::optional<failure> failure_in(const std::string& report) {
  const auto x = json::parse(report, nullptr, false);
  if (!x.is_object() || x.value("outcome", "") != "broken" || !x.contains("breaches") || x["breaches"].empty())
    return std::nullopt;
  const auto& first = x["breaches"].front();
  const std::chrono::duration<double> at{first.value("at_seconds", 0.0)};
  // A network that does nothing at all fails too, but for a reason of its own.
  const bool idle = first.value("found", "").rfind("nothing ", 0) == 0;
  return failure{concat(first.value("expectation", ""), ".", first.value("threshold", ""), idle ? " (idle)" : ""),
    std::chrono::duration_cast<duration>(at)};
}

/// Runs scenarios in processes of their own, one after another.
class trials {
public:
  trials(std::string program, std::uint64_t seed) : program_(std::move(program)), seed_(std::to_string(seed)) {}

  std::optional<failure> operator()(const std::string& text) {
    const auto scenario = folder_.path("scenario.ini");
    const auto report = folder_.path("report.json");
    if (!write_file(report, {}) || !write_file(scenario, text))
      throw std::runtime_error(scenario + " cannot be written; make room where temporary files go");
    const auto done =
      run_child(own_path(program_), {"--config", scenario, "--seed", seed_, "--report", report, "--quiet"});
    if (!done.mistake.empty())
      throw std::runtime_error(concat(program_, " cannot be started: ", done.mistake));
    if (done.code == sim_held || done.code == sim_mistaken)
      return std::nullopt;
    if (done.code == sim_broken)
      return failure_in(read_file(report));
    return failure{concat("exit code ", done.code), std::nullopt};
  }

private:
  std::string program_;
  std::string seed_;
  scratch_folder folder_;
};

std::string size_of(const scenario& x) {
  return concat(x.node_count(), " nodes, ", std::chrono::duration<double>(x.length).count(), " s, ", x.workloads.size(),
    " workloads");
}

} // namespace

int run_shrink(const scenario& what, const sim_options_given& given, const std::string& program,
  const std::function<bool()>& interrupted, std::ostream& out, std::ostream& err) {
  const auto seed = given.seed.value_or(what.seed);
  const scenario_text begin{read_file(given.config), given.settings};
  if (const auto load = load_scenario_text(begin.to_string(), given.config); !load.ok()) {
    err << "rats-sim: --shrink: " << load.errors.front().to_string() << '\n';
    return sim_mistaken;
  }
  try {
    trials run{program, seed};
    const auto known = run(begin.to_string());
    if (!known) {
      out << (interrupted() ? "interrupted\n" : "nothing fails with this seed, so there is nothing to make smaller\n");
      return interrupted() ? sim_broken : sim_held;
    }
    progress_bar bar{err, terminal_columns(err)};
    const bool terminal = is_terminal(err);
    shrinker uut{begin, *known, std::ref(run), shrink_runs_max};
    const auto& best = uut.work(interrupted, [&](const scenario& smaller, std::size_t runs) {
      const auto words = concat(runs, " runs: ", size_of(smaller));
      if (terminal && !given.quiet)
        bar.show(static_cast<double>(runs) / shrink_runs_max, words);
      else if (!given.quiet)
        err << words << std::endl;
    });
    bar.clear();
    const auto replay = shell_command({program, "--config", given.shrink, "--seed", std::to_string(seed)});
    const auto text = concat("# ", known->what, " fails with seed ", seed, "\n", best.to_string());
    const auto load = load_scenario_text(text, given.shrink);
    out << text << '\n'
        << known->what << " fails, after " << uut.runs() << " runs, with " << size_of(load.what) << " instead of "
        << size_of(what) << (interrupted() ? "; interrupted" : "") << "\n  replay: " << replay << std::endl;
    if (!write_file(given.shrink, text))
      err << "rats-sim: " << given.shrink << " cannot be written; name a file in a folder that you may write to\n";
  } catch (const std::exception& cause) {
    err << "rats-sim: --shrink: " << cause.what() << '\n';
  }
  return sim_broken;
}

} // namespace librats::apps
