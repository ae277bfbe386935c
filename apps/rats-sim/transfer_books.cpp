// SPDX-License-Identifier: MIT
#include "apps/rats-sim/transfer_books.hpp"

#include "runtime/log/log.hpp"
#include "runtime/sim/sim_random.hpp"

#include <utility>

namespace librats::apps {

const std::string& transfer_books::open(file what) {
  auto name = runtime::concat("w", what.workload, "-", what.number, ".bin");
  return files_.emplace(std::move(name), std::move(what)).first->first;
}

transfer_books::file* transfer_books::find(const std::string& name) {
  const auto found = files_.find(name);
  return found != files_.end() ? &found->second : nullptr;
}

bytes transfer_books::content_of(const std::string& name) const {
  const auto& what = files_.at(name);
  bytes out(what.size);
  constexpr std::uint64_t apart = 0x9e37'79b9'7f4a'7c15; // Spreads neighbours over all numbers (2^64 / golden ratio).
  runtime::sim_random{seed_ ^ (what.workload + 1) * apart ^ what.number}.fill(out);
  return out;
}

transfer_books::figures transfer_books::count(std::size_t workload) const {
  figures out;
  for (const auto& [name, one] : files_) {
    if (one.workload != workload)
      continue;
    ++out.begun;
    out.refused += one.refused ? 1 : 0;
    out.arrived += one.arrived ? 1 : 0;
    out.damaged += one.damaged ? 1 : 0;
    out.interrupted += one.interrupted;
    out.bytes_arrived += one.arrived ? one.size : 0;
  }
  return out;
}

} // namespace librats::apps
