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

/// The attacks of the GossipSub v1.1 evaluation on so many honest nodes.
void measure_gossip_evaluation(std::size_t honest);

/// A network of so many nodes where messages are lost, or uplinks are narrow.
void measure_gossip_degradation(std::size_t nodes);

/// A network of so many nodes that know nobody but ten of them, with peer exchange and without.
void measure_gossip_hubs(std::size_t nodes);

} // namespace librats::bench
