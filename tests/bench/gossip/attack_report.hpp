// SPDX-License-Identifier: MIT
#pragma once

#include "tests/protocols/support/gossip_world.hpp"

#include <string>

namespace librats::bench {

/// One line: what honest nodes think of each other and of attackers, and who sits in their meshes.
void print_opinions(const char* when, const test::gossip_world& world);

/// What was delivered, in all and, if some nodes are watched, to and from them. `began`: CPU seconds at the start.
void print_attack(const std::string& name, const test::gossip_world& world, double began);

/// For an application that knows how much its topic says: who brings less than three messages in two minutes pays.
void expect_deliveries(test::gossip_world_options& x);

} // namespace librats::bench
