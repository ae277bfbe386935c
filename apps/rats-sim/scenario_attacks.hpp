// SPDX-License-Identifier: MIT
#pragma once

#include "apps/rats-sim/scenario.hpp"
#include "apps/rats-sim/scenario_mistakes.hpp"
#include "runtime/config/config_document.hpp"

namespace librats::apps {

/// [attackers NAME]: machines that misbehave.
[[nodiscard]] runtime::named_section_kind attacker_sections();
/// Reads one; groups and workloads of the scenario must be known.
[[nodiscard]] scenario::attack read_attack(
  scenario_mistakes& mistakes, const runtime::named_section& x, const scenario& in);

} // namespace librats::apps
