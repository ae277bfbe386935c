// SPDX-License-Identifier: MIT
#pragma once

#include "apps/rats-sim/scenario.hpp"

#include <cstdint>
#include <string>

namespace librats::apps {

/// Bytes that this machine can give to one more program without taking them from others; 0 where it does not say.
[[nodiscard]] std::uint64_t memory_available();
/// The most bytes that this process has had in memory; 0 where the system does not say.
[[nodiscard]] std::uint64_t memory_peak();

/// Bytes that a scenario will need, from measurements of networks of 1,000 and 10,000 nodes: so much for each node, for
/// each end of a link and for what is remembered of messages. Meant to be too large rather than too small.
[[nodiscard]] std::uint64_t estimate_memory(const scenario& what);

/// Why the scenario should not be begun on this machine; empty when it fits.
[[nodiscard]] std::string refuse_for_memory(const scenario& what, std::uint64_t available);

} // namespace librats::apps
