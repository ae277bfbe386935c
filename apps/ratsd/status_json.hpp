// SPDX-License-Identifier: MIT
#pragma once

#include "actors/discovery_messages.hpp"
#include "actors/gossip_messages.hpp"
#include "actors/mesh_messages.hpp"
#include "actors/node_messages.hpp"
#include "actors/storage_messages.hpp"
#include "actors/transfer_messages.hpp"
#include "protocols/core/time.hpp"
#include "runtime/actor/common_messages.hpp"

#include <nlohmann/json_fwd.hpp>

namespace librats::apps {

// What a program reads of a running node: the content of `status.json`. Spans are seconds, sizes bytes; what is not
// known is null. `now` is on the clock of the actors.

[[nodiscard]] nlohmann::json to_json(const runtime::tree_node& root, time_point now);
[[nodiscard]] nlohmann::json to_json(const actors::peer_report& x, time_point now);
[[nodiscard]] nlohmann::json to_json(const actors::node_status& x);
[[nodiscard]] nlohmann::json to_json(const actors::reconnect_status& x, time_point now);
[[nodiscard]] nlohmann::json to_json(const actors::exchange_status& x);
[[nodiscard]] nlohmann::json to_json(const actors::dht_status& x);
[[nodiscard]] nlohmann::json to_json(const actors::mdns_status& x);
[[nodiscard]] nlohmann::json to_json(const actors::gossip_status& x); // status_gossip.cpp
// status_files.cpp
[[nodiscard]] nlohmann::json to_json(const actors::transfer_report& x);
[[nodiscard]] nlohmann::json to_json(const actors::transfer_list& all, const actors::transfer_statistics& x);
[[nodiscard]] nlohmann::json to_json(const actors::storage_status& x); // status_storage.cpp

} // namespace librats::apps
