// SPDX-License-Identifier: MIT
#include "apps/rats-sim/shrink.hpp"

#include "apps/rats-sim/scenario.hpp"

#include <algorithm>
#include <utility>

namespace librats::apps {

namespace {

constexpr duration second = std::chrono::seconds{1};

std::string in_seconds(duration x) {
  return std::to_string(x / second) + " s";
}

/// The sections that every scenario has, named or not.
bool is_frame(const std::string& section) {
  return section == "scenario" || section == "network";
}

} // namespace

shrinker::shrinker(scenario_text begin, failure known, trial run, std::size_t runs_max)
  : best_(std::move(begin)), failure_(std::move(known)), run_(std::move(run)), runs_max_(runs_max) {}

const scenario_text& shrinker::work(const std::function<bool()>& interrupted, const listener& smaller) {
  interrupted_ = interrupted;
  smaller_ = smaller;
  // Each makes the runs of the next cheaper; what one removed may let another go on.
  while (!over()) {
    const bool shorter = shorten();
    const bool fewer = drop_sections();
    const bool less = reduce_numbers();
    const bool plainer = drop_entries();
    if (!shorter && !fewer && !less && !plainer)
      break;
  }
  return best_;
}

bool shrinker::over() const {
  return runs_ >= runs_max_ || interrupted_();
}

bool shrinker::accept(const scenario_text& candidate) {
  if (over())
    return false;
  const auto text = candidate.to_string();
  // What contradicts itself costs no run.
  const auto load = load_scenario_text(text, "smaller");
  if (!load.ok())
    return false;
  ++runs_;
  auto found = run_(text);
  if (!found || found->what != failure_.what)
    return false;
  failure_ = std::move(*found);
  best_ = candidate;
  smaller_(load.what, runs_);
  return true;
}

bool shrinker::shorten() {
  const auto length_of = [](
                           const scenario_text& x) { return load_scenario_text(x.to_string(), "smaller").what.length; };
  const auto attempt = [&](duration length) {
    auto candidate = best_;
    candidate.set("scenario", "duration", in_seconds(length));
    return accept(candidate);
  };
  const auto before = length_of(best_);
  // Nothing after the moment at which it was found can matter.
  if (failure_.since && *failure_.since / second * second + second < before)
    static_cast<void>(attempt(*failure_.since / second * second + second));
  auto fails = length_of(best_) / second;
  std::int64_t holds = 0;
  while (fails - holds > std::max<std::int64_t>(1, fails / 20) && !over()) {
    const auto middle = holds + (fails - holds) / 2;
    if (attempt(second * middle))
      fails = middle;
    else
      holds = middle;
  }
  return length_of(best_) < before;
}

bool shrinker::drop_sections() {
  bool any = false;
  std::vector<std::string> names;
  for (const auto& one : best_.sections())
    if (!is_frame(one.name))
      names.push_back(one.name);
  // From the end: what uses a thing stands behind it, as a rule.
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    auto candidate = best_;
    candidate.remove(*name);
    any = accept(candidate) || any;
  }
  return any;
}

bool shrinker::reduce_numbers() {
  bool any = false;
  const auto load = load_scenario_text(best_.to_string(), "smaller");
  for (const auto& one : load.what.groups)
    any = reduce("group " + one.name, "count", one.count) || any;
  const auto after = load_scenario_text(best_.to_string(), "smaller");
  for (const auto& one : after.what.workloads)
    any = reduce("workload " + one.name, "senders", one.senders) || any;
  return any;
}

/// The smallest number from 1 up with which it fails, if smaller ones hold; 0 stands for all and is tried as 1 alone.
bool shrinker::reduce(const std::string& section, const std::string& key, std::size_t now) {
  const auto attempt = [&](std::size_t number) {
    auto candidate = best_;
    candidate.set(section, key, std::to_string(number));
    return accept(candidate);
  };
  if (now == 1)
    return false;
  if (attempt(1))
    return true;
  std::size_t holds = 1;
  auto fails = now;
  while (fails > holds + 1 && !over()) {
    const auto middle = holds + (fails - holds) / 2;
    (attempt(middle) ? fails : holds) = middle;
  }
  return fails < now;
}

bool shrinker::drop_entries() {
  bool any = false;
  for (std::size_t s = 0; s < best_.sections().size(); ++s) {
    const auto name = best_.sections()[s].name;
    for (std::size_t i = best_.sections()[s].entries.size(); i-- > 0;) {
      const auto& key = best_.sections()[s].entries[i].key;
      // These were made small before, and their defaults need not be.
      if (key == "duration" || key == "count" || key == "senders" || key == "title")
        continue;
      auto candidate = best_;
      candidate.remove(name, i);
      any = accept(candidate) || any;
    }
  }
  return any;
}

} // namespace librats::apps
