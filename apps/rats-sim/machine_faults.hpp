// SPDX-License-Identifier: MIT
#pragma once

#include "apps/rats-sim/scenario.hpp"
#include "protocols/core/time.hpp"
#include "runtime/sim/sim_host.hpp"
#include "runtime/sim/sim_random.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

namespace librats::apps {

/// Makes disks and clocks of simulated machines as bad as a scenario says. Faults of one kind that overlap on one
/// machine end together, with the first of them.
class machine_faults {
public:
  using hosts = std::vector<runtime::sim_host*>;

  explicit machine_faults(std::uint64_t seed) : random_(seed) {}

  /// As they are from the beginning.
  void furnish(const scenario::machine& how, const hosts& whom);
  /// So many of them, in the order of the list.
  [[nodiscard]] hosts draw(std::size_t count, hosts from);
  void begin(const scenario::fault& what, const hosts& whom);
  /// Makes them again as they are furnished.
  void end(const scenario::fault& what, const scenario::machine& how, const hosts& whom);

private:
  /// From `-most` to `most`.
  [[nodiscard]] duration either_way(duration most);

  runtime::sim_random random_;
  std::map<std::size_t, duration> jumped_; ///< By host: how much has to be taken back.
};

} // namespace librats::apps
