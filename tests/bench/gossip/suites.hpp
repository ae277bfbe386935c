// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <vector>

namespace librats::bench {

// What bench_gossip measures; each prints its figures. README.md says what they mean, and what not.

/// Networks of these sizes without faults, with one publisher and with a hundred.
void measure_gossip_networks(const std::vector<std::size_t>& sizes);

/// A network of so many nodes of which 10 % leave in a minute and as many come, where 2 % of all messages are lost.
void measure_gossip_churn(std::size_t nodes);

/// A network of so many nodes, a fifth and two fifths of which attack, in every way that gossip_sybil.hpp knows.
void measure_gossip_attacks(std::size_t nodes);

/// The attacks of the GossipSub v1.1 evaluation that aim at a whole network, with four attackers to an honest node.
void measure_gossip_evaluation(std::size_t honest);

} // namespace librats::bench
