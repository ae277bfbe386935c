// SPDX-License-Identifier: MIT
#pragma once

#include "apps/rats-sim/scenario.hpp"
#include "apps/rats-sim/scenario_mistakes.hpp"
#include "runtime/config/config_document.hpp"

namespace librats::apps {

/// Declares the keys of a group that say how good its disks and clocks are.
void declare_machine(runtime::config_schema& out);
[[nodiscard]] scenario::machine read_machine(const runtime::config_values& from);

/// [fault NAME]: what goes wrong with disks and clocks for a while.
[[nodiscard]] runtime::named_section_kind fault_sections();
/// Reads one; the groups of the scenario must be known.
[[nodiscard]] scenario::fault read_fault(
  scenario_mistakes& mistakes, const runtime::named_section& x, const scenario& in);

} // namespace librats::apps
