// SPDX-License-Identifier: MIT
#include "apps/rats-sim/machine_faults.hpp"

#include <limits>
#include <utility>

namespace librats::apps {

namespace {

std::uint64_t capacity_of(const scenario::machine& how) {
  return how.disk_size == 0 ? std::numeric_limits<std::uint64_t>::max() : how.disk_size;
}

} // namespace

duration machine_faults::either_way(duration most) {
  const auto width = static_cast<std::uint64_t>(most.count()) * 2 + 1;
  return duration{static_cast<std::int64_t>(random_.below(width))} - most;
}

void machine_faults::furnish(const scenario::machine& how, const hosts& whom) {
  for (auto* one : whom) {
    one->set_power_loss(how.disk_crash);
    if (how.disk_size != 0)
      one->set_disk_capacity(how.disk_size);
    if (how.clock_error != duration::zero())
      one->set_clock_error(either_way(how.clock_error));
    if (how.clock_drift != 0)
      one->set_clock_drift(static_cast<double>(either_way(duration{how.clock_drift}).count()));
  }
}

machine_faults::hosts machine_faults::draw(std::size_t count, hosts from) {
  while (from.size() > count)
    from.erase(from.begin() + static_cast<std::ptrdiff_t>(random_.below(from.size())));
  return from;
}

void machine_faults::begin(const scenario::fault& what, const hosts& whom) {
  for (auto* one : whom) {
    switch (what.kind) {
    case scenario::trouble::disk_full: one->set_disk_capacity(one->disk_used() + what.room); break;
    case scenario::trouble::disk_errors: one->set_disk_failures(what.errors); break;
    case scenario::trouble::disk_read_only: one->set_disk_read_only(true); break;
    case scenario::trouble::clock: {
      const auto jump = either_way(what.jump);
      jumped_[one->index()] += jump;
      one->set_clock_error(one->clock_error() + jump);
      break;
    }
    }
  }
}

void machine_faults::end(const scenario::fault& what, const scenario::machine& how, const hosts& whom) {
  for (auto* one : whom) {
    switch (what.kind) {
    case scenario::trouble::disk_full: one->set_disk_capacity(capacity_of(how)); break;
    case scenario::trouble::disk_errors: one->set_disk_failures(0); break;
    case scenario::trouble::disk_read_only: one->set_disk_read_only(false); break;
    case scenario::trouble::clock:
      one->set_clock_error(one->clock_error() - std::exchange(jumped_[one->index()], duration::zero()));
      break;
    }
  }
}

} // namespace librats::apps
