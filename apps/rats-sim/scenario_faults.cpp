// SPDX-License-Identifier: MIT
#include "apps/rats-sim/scenario_faults.hpp"

namespace librats::apps {

namespace {

using namespace std::chrono_literals;
using runtime::concat;

constexpr std::int64_t gib = std::int64_t{1} << 30;
constexpr duration longest = 24h * 30;
constexpr duration clock_error_max = 24h * 365;
/// A second in ten: far beyond any quartz, which is off by 100 parts in a million at worst.
constexpr std::int64_t drift_max = 100'000;

} // namespace

void declare_machine(runtime::config_schema& out) {
  out.size("disk_size", 0, 0, 1024 * gib, "Bytes that fit on each disk, files and databases together; 0 is no limit")
    .word("disk_crash", "tear", {"tear", "lose", "keep"},
      "What a loss of power makes of file contents that were not synced: some blocks of them, none, or all are there")
    .span("clock_error", 0s, 0s, clock_error_max, "The clock of each is off by anything up to this, either way")
    .integer(
      "clock_drift", 0, 0, drift_max, "And goes too fast or too slow by anything up to so many parts in a million");
}

scenario::machine read_machine(const runtime::config_values& from) {
  scenario::machine out;
  out.disk_size = static_cast<std::uint64_t>(from.integer("group", "disk_size"));
  const auto& crash = from.text("group", "disk_crash");
  using power_loss = runtime::sim_host::power_loss;
  out.disk_crash = crash == "keep" ? power_loss::keeps : crash == "lose" ? power_loss::loses : power_loss::tears;
  out.clock_error = from.span("group", "clock_error");
  out.clock_drift = from.integer("group", "clock_drift");
  return out;
}

runtime::named_section_kind fault_sections() {
  runtime::config_schema out{"rats-sim", "a fault"};
  out.section("fault", "What goes wrong with disks or clocks for a while")
    .word("kind", "disk-full", {"disk-full", "disk-errors", "disk-read-only", "clock"},
      "No more than room fits, steps fail by chance, nothing can be written, or clocks jump and jump back")
    .text("group", "", 0, 64, "Whose machines")
    .integer("members", 0, 0, 100'000, "How many of them, drawn at random; 0 is all")
    .span("at", 0s, 0s, longest, "When it begins")
    .span("until", 0s, 0s, longest, "When it is over; 0 is the end of the run")
    .size("room", 0, 0, 1024 * gib, "Bytes that still fit when it begins, for disk-full")
    .share("errors", 10'000, 1, runtime::config_share_whole, "Steps of reading and writing that fail, for disk-errors")
    .span("jump", 1min, 1ms, clock_error_max, "By how much clocks are off at most, either way, for clock");
  return {"fault", std::move(out)};
}

scenario::fault read_fault(scenario_mistakes& mistakes, const runtime::named_section& x, const scenario& in) {
  scenario::fault out;
  const auto& v = x.values;
  out.name = x.name;
  const auto& kind = v.text("fault", "kind");
  out.kind = kind == "disk-errors" ? scenario::trouble::disk_errors
    : kind == "disk-read-only"     ? scenario::trouble::disk_read_only
    : kind == "clock"              ? scenario::trouble::clock
                                   : scenario::trouble::disk_full;
  if (v.text("fault", "group").empty())
    mistakes.complain(x, "group", "names no group; write group = GROUP");
  out.group = mistakes.find(x, "group", in.groups, v.text("fault", "group"), "group");
  out.members = static_cast<std::size_t>(v.integer("fault", "members"));
  out.at = v.span("fault", "at");
  out.until = v.span("fault", "until");
  if (out.until == duration::zero())
    out.until = in.length;
  out.room = static_cast<std::uint64_t>(v.integer("fault", "room"));
  out.errors = static_cast<double>(v.integer("fault", "errors")) / static_cast<double>(runtime::config_share_whole);
  out.jump = v.span("fault", "jump");
  if (out.at >= out.until)
    mistakes.complain(x, "until", "is not after at");
  const auto belongs = [&](const char* key, scenario::trouble to, const char* name) {
    if (mistakes.is_set(x, key) && out.kind != to)
      mistakes.complain(x, key, concat("goes with kind = ", name, " alone"));
  };
  belongs("room", scenario::trouble::disk_full, "disk-full");
  belongs("errors", scenario::trouble::disk_errors, "disk-errors");
  belongs("jump", scenario::trouble::clock, "clock");
  if (out.group == scenario::none)
    return out;
  const auto& group = in.groups[out.group];
  if (out.members > group.count)
    mistakes.complain(x, "members", concat("group ", group.name, " has ", group.count, " members alone"));
  if (out.members == 0)
    out.members = group.count;
  return out;
}

} // namespace librats::apps
