// SPDX-License-Identifier: MIT
#include "apps/rats-sim/run.hpp"

#include "apps/rats-sim/machine.hpp"
#include "apps/rats-sim/page.hpp"
#include "apps/rats-sim/progress.hpp"
#include "apps/rats-sim/sampler.hpp"
#include "apps/rats-sim/trace.hpp"
#include "runtime/log/log.hpp"
#include "runtime/log/log_setup.hpp"
#include "runtime/sim/large_pages.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <ctime>
#include <fstream>
#include <memory>
#include <optional>
#include <utility>

namespace librats::apps {

namespace {

using runtime::concat;

constexpr auto between_looks = std::chrono::seconds{1};

/// The member that somebody called `group/number`, or by its number over all groups.
std::size_t find_member(const scenario& what, const std::string& name) {
  const auto slash = name.find('/');
  const auto number_text = std::string_view{name}.substr(slash == std::string::npos ? 0 : slash + 1);
  std::size_t number = 0;
  const auto [end, why] = std::from_chars(number_text.data(), number_text.data() + number_text.size(), number);
  if (why != std::errc{} || end != number_text.data() + number_text.size())
    return scenario::none;
  if (slash == std::string::npos)
    return number < what.node_count() ? number : scenario::none;
  std::size_t before = 0;
  for (const auto& group : what.groups) {
    if (group.name == name.substr(0, slash))
      return number < group.count ? before + number : scenario::none;
    before += group.count;
  }
  return scenario::none;
}

std::optional<std::string> set_up_log(const sim_options_given& given, simulation& world) {
  auto log = runtime::current_log_options();
  log.level = runtime::parse_log_level(given.log_level).value_or(runtime::log_level::off);
  runtime::set_log_clock([&world] { return world.now(); });
  return runtime::configure_logging(log);
}

/// One run, from the first event to the verdict.
class seed_run {
public:
  seed_run(
    const scenario& what, const sim_options_given& given, const std::function<bool()>& interrupted, std::ostream& err)
    : what_(what), given_(given), interrupted_(interrupted), world_(what),
      end_(std::min(what.length, given.until.value_or(what.length))), meter_(world_.world()),
      sampler_(world_, meter_, end_), progress_(err, end_, given.quiet) {
    if (!given.html.empty())
      film_.emplace(world_);
  }

  simulation& world() noexcept { return world_; }
  byte_meter& meter() noexcept { return meter_; }
  /// What `--html` shows; empty without it.
  const std::optional<film>& filmed() const noexcept { return film_; }

  /// Lets the world go on to its end, or to the first thing that does not hold all along.
  void run(run_record& record) {
    auto census_at = what_.census;
    while (world_.now() < end_) {
      world_.run_to(std::min(world_.now() + between_looks, end_), interrupted_);
      world_.settle_accounts();
      if (what_.census != duration::zero() && world_.now() >= census_at) {
        census_at += what_.census;
        world_.take_census();
      }
      if (sampler_.due())
        note(record);
      if (!record.samples.empty())
        progress_.show(world_.now(), record.samples.back());
      if (interrupted_()) {
        record.end = outcome::interrupted;
        break;
      }
      if (auto found = judge_on_the_way(world_); !found.empty()) {
        record.judged.breaches = std::move(found);
        record.end = outcome::broken;
        break;
      }
    }
    if (record.samples.empty() || record.samples.back().at != world_.now())
      note(record);
    progress_.done();
    if (record.end == outcome::held)
      conclude(record);
  }

private:
  void conclude(run_record& record) {
    if (end_ < what_.length) {
      record.end = outcome::stopped;
      return;
    }
    // The nodes answer at once: no time passes for that, only events do.
    world_.take_census();
    world_.audit_stores();
    world_.audit_files();
    world_.world().settle();
    record.judged = judge_at_the_end(world_);
    if (!record.judged.breaches.empty())
      record.end = outcome::broken;
  }

  void note(run_record& record) {
    record.samples.push_back(sampler_.take());
    if (film_)
      film_->take();
  }

  const scenario& what_;
  const sim_options_given& given_;
  const std::function<bool()>& interrupted_;
  simulation world_;
  duration end_;
  byte_meter meter_;
  sampler sampler_;
  std::optional<film> film_;
  progress progress_;
};

bool write_file(const std::string& path, const std::string& text, std::ostream& err) {
  std::ofstream out{path, std::ios::trunc};
  out << text << '\n';
  if (out.flush())
    return true;
  err << "rats-sim: " << path << " cannot be written; name a file in a folder that you may write to\n";
  return false;
}

} // namespace

int run_seed(const scenario& what, const sim_options_given& given, const std::string& program,
  const std::function<bool()>& interrupted, std::ostream& out, std::ostream& err) {
  if (const auto why = refuse_for_memory(what, memory_available()); !why.empty()) {
    err << "rats-sim: " << why << '\n';
    return sim_mistaken;
  }
  const auto followed = given.followed.empty() ? scenario::none : find_member(what, given.followed);
  if (!given.followed.empty() && followed == scenario::none) {
    err << "rats-sim: --log-node: there is no node \"" << given.followed << "\"; accepted: group/number with a number "
        << "below the group's count, or a number below " << what.node_count() << '\n';
    return sim_mistaken;
  }
  runtime::prefer_large_pages(estimate_memory(what));
  seed_run run{what, given, interrupted, err};
  auto& world = run.world();
  if (const auto why = set_up_log(given, world))
    err << "rats-sim: " << *why << '\n';
  if (followed != scenario::none)
    world.follow(followed, err);
  std::unique_ptr<trace_file> trace;
  if (!given.trace.empty()) {
    trace = std::make_unique<trace_file>(given.trace, world.world(), [&](std::size_t i) { return world.name_of(i); });
    run.meter().pass_to(trace.get());
  }

  run_record record;
  record.file = given.config;
  auto words = replay_arguments(given, what.seed);
  words.insert(words.begin(), program);
  record.replay = shell_command(words);
  run.run(record);
  // All of it happens on this thread, so that this is the real time on an otherwise idle machine.
  record.cpu_seconds = static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
  record.memory_peak = memory_peak();

  bool written = true;
  if (trace && !trace->good()) {
    err << "rats-sim: " << given.trace << " cannot be written; name a file in a folder that you may write to\n";
    written = false;
  }
  if (!given.report.empty())
    written = write_file(given.report, report_json(world, record).dump(2), err) && written;
  if (run.filmed())
    written = write_file(given.html, page_html(world, record, *run.filmed()), err) && written;
  for (const auto& one : record.judged.breaches)
    out << breach_text(one, record);
  if (given.quiet)
    out << to_string(record.end) << "; event hash " << hash_text(world.world().event_hash()) << std::endl;
  else
    out << (record.judged.breaches.empty() ? "" : "\n") << summary_text(world, record) << std::flush;
  runtime::set_log_clock({});
  const bool fine = record.end == outcome::held || record.end == outcome::stopped;
  return fine && written ? sim_held : sim_broken;
}

} // namespace librats::apps
