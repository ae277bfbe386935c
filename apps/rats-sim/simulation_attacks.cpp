// SPDX-License-Identifier: MIT
// Strangers in a simulation.
#include "apps/rats-sim/simulation.hpp"

#include <utility>

namespace librats::apps {

namespace {

/// Apart from all other random streams, so that the honest do the same whoever is there.
constexpr std::uint64_t attack_stream = 0x6174'7461'636b'6572;

} // namespace

void simulation::build_attackers() {
  for (const auto& one : what_.attacks) {
    attackers::prey prey;
    for (const auto* host : hosts_of(one.targets)) {
      prey.doors.push_back({host->address(), what_.groups[one.targets].node.node.listen_port});
      prey.dht_doors.push_back({host->address(), what_.groups[one.targets].node.dht.port});
    }
    const auto& node = what_.groups[one.targets].node.node;
    prey.protocol = node.protocol;
    prey.security = node.security == runtime::security_mode::plaintext ? protocols::security_mode::plaintext
                                                                       : protocols::security_mode::noise;
    const auto seed = what_.seed ^ attack_stream ^ attackers_.size() << 48;
    auto& its = *attackers_.emplace_back(std::make_unique<attackers>(world_, one, std::move(prey), seed));
    at(one.begin, [&its] { its.begin(); });
    at(one.end, [&its] { its.end(); });
  }
}

} // namespace librats::apps
