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

#include <string>
#include <vector>

namespace librats::apps {

// What a person reads of a running node. Plain text without escape sequences; every line ends with a line break.

/// A span in the largest fitting unit: `0`, `850 us`, `1.2 ms`, `3.4 s`, `5 min`, `2 h 10 min`, `3 d 4 h`.
[[nodiscard]] std::string short_span(duration x);

/// Bytes: `12 B`, `1.5 KiB`, `3.0 MiB`.
[[nodiscard]] std::string short_size(std::uint64_t bytes);

/// The mean over that span; 0 when it is none.
[[nodiscard]] double per_second(std::uint64_t count, duration span) noexcept;
/// The same for people: `0.4/s`, `12/s`.
[[nodiscard]] std::string short_rate(std::uint64_t count, duration span);

/// `in` or `out`: who dialed.
[[nodiscard]] const char* direction(protocols::role x) noexcept;
[[nodiscard]] const char* transport_name(protocols::transport x) noexcept;
[[nodiscard]] const char* security_name(protocols::security_mode x) noexcept;

/// The live tree, drawn. `now` is on the clock of the actors.
[[nodiscard]] std::string draw_tree(const runtime::tree_node& root, time_point now);

/// One line per peer, or a sentence that there is none.
[[nodiscard]] std::string peer_table(const actors::peer_list& peers, time_point now);

/// The node itself, one property per line.
[[nodiscard]] std::string status_text(const actors::node_status& x);

/// `host:port`, an IPv6 address in brackets.
[[nodiscard]] std::string where_text(const protocols::dial_target& x);
/// `connected`, `dialing`, `waiting` or `given up`.
[[nodiscard]] const char* state_name(protocols::reconnect_target::state x) noexcept;

/// Who is dialed again, a line each, or a sentence that there is nobody; and what the address book has.
[[nodiscard]] std::string reconnect_table(const actors::reconnect_status& x, time_point now);

/// The addresses of the book, a line each, or a sentence that there is none.
[[nodiscard]] std::string history_table(const actors::address_book_report& x);

/// What came of asking peers for peers, in one line.
[[nodiscard]] std::string exchange_text(const actors::exchange_status& x);

/// How the node takes part in the DHT, a column per address family; or a sentence that it does not.
[[nodiscard]] std::string dht_text(const actors::dht_status& x);

/// What the node says and sees by multicast DNS, a line per service; or a sentence that it is off.
[[nodiscard]] std::string mdns_text(const actors::mdns_status& x);

/// How the node takes part in publish and subscribe, a line per topic; or a sentence that it does not
/// (status_gossip.cpp). Of a topic that is only published to, the fan-out stands in place of the mesh.
[[nodiscard]] std::string gossip_text(const actors::gossip_status& x);

/// The newest transfers, a line each, and what came of all; or a sentence that they are off (status_files.cpp).
[[nodiscard]] std::string files_text(const actors::transfer_list& all, const actors::transfer_statistics& x);

/// How the replicated store is, in lines (status_storage.cpp).
[[nodiscard]] std::string storage_text(const actors::storage_status& x);

/// Cells in columns as wide as their widest cell; the first row is the heading. Widths count characters, not bytes.
[[nodiscard]] std::string columns(const std::vector<std::vector<std::string>>& rows);

} // namespace librats::apps
