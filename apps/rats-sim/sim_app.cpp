// SPDX-License-Identifier: MIT
#include "apps/rats-sim/sim_app.hpp"

#include "apps/rats-sim/crew.hpp"
#include "apps/rats-sim/run.hpp"
#include "apps/rats-sim/scenario.hpp"
#include "apps/rats-sim/scenario_help.hpp"
#include "apps/rats-sim/shrink.hpp"
#include "apps/rats-sim/sim_options.hpp"
#include "apps/rats-sim/sweep.hpp"
#include "apps/rats-sim/worker.hpp"

namespace librats::apps {

int run_rats_sim(const std::string& program, const std::vector<std::string>& arguments,
  const std::function<bool()>& interrupted, std::ostream& out, std::ostream& err) {
  const auto given = parse_sim_options(arguments);
  if (given.help) {
    out << sim_usage() << scenario_help();
    return sim_held;
  }
  if (given.version) {
    out << "rats-sim " << LIBRATS_VERSION << '\n';
    return sim_held;
  }
  if (!given.mistake.empty()) {
    err << "rats-sim: " << given.mistake << "; see --help\n";
    return sim_mistaken;
  }
  if (given.worker)
    return run_worker(given, program, out, err);
  auto load = load_scenario(given.config, given.settings);
  for (const auto& mistake : load.errors)
    err << "rats-sim: " << mistake.to_string() << '\n';
  if (!load.ok())
    return sim_mistaken;
  if (given.check) {
    out << given.config << ": " << load.what.node_count() << " nodes, no mistakes\n";
    return sim_held;
  }
  if (!given.workers.empty())
    return run_seeds_by_workers(given, program, interrupted, out, err);
  if (!given.shrink.empty())
    return run_shrink(load.what, given, program, interrupted, out, err);
  if (given.seeds)
    return run_seeds(load.what, given, program, out, err);
  if (given.seed)
    load.what.seed = *given.seed;
  return run_seed(load.what, given, program, interrupted, out, err);
}

} // namespace librats::apps
