// SPDX-License-Identifier: MIT
#pragma once

#include "apps/rats-sim/scenario.hpp"
#include "apps/rats-sim/scenario_mistakes.hpp"
#include "runtime/config/config_document.hpp"

namespace librats::apps {

/// [nat NAME]: a kind of box that translates addresses.
[[nodiscard]] runtime::named_section_kind nat_sections();
/// Reads all of them.
void read_nats(scenario_mistakes& mistakes, const runtime::config_document& from, scenario& out);

/// Declares the keys of a group that say which boxes it is behind.
void declare_nat(runtime::config_schema& out);
void read_nat_of(
  scenario_mistakes& mistakes, const runtime::named_section& x, const scenario& in, scenario::group& out);

} // namespace librats::apps
