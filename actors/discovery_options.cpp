// SPDX-License-Identifier: MIT
#include "actors/discovery_options.hpp"

namespace librats::actors {

std::vector<protocols::dial_target> dht_options::public_bootstrap() {
  return {{"router.bittorrent.com", 6881}, {"dht.transmissionbt.com", 6881}, {"router.utorrent.com", 6881},
    {"dht.libtorrent.org", 25401}, {"dht.aelitis.com", 6881}};
}

std::vector<protocols::dial_target> dht_options::public_stun() {
  return {{"stun.l.google.com", 19302}, {"stun1.l.google.com", 19302}};
}

} // namespace librats::actors
