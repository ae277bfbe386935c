// SPDX-License-Identifier: MIT
#include "runtime/caf/system_config.hpp"

#include <caf/atom.hpp>

#include <algorithm>

namespace librats::runtime {

system_config::system_config(std::size_t workers) {
  set("scheduler.policy", caf::atom("sharing"));
  set("scheduler.max-threads", std::max<std::size_t>(workers, 1));
}

simulation_config::simulation_config() { set("scheduler.policy", caf::atom("testing")); }

} // namespace librats::runtime
