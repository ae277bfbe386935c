// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/result.hpp"
#include "protocols/gossip/message_id.hpp"
#include "protocols/pex/pex_message.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

namespace librats::protocols {

// The payload of a Gossip message (wire/04 section 1); `topic` is `u16 length | bytes`, an id has 40 bytes:
//
//     0 PUBLISH      bytes[32] origin | u64 seqno | topic | data (to the end)
//     1 SUBSCRIBE    topic            2 UNSUBSCRIBE  topic
//     3 GRAFT        topic            4 PRUNE        topic [| u8 1 | u16 seconds [| u8 2 | u8 count | count * peer]]
//     5 IHAVE        topic | u16 count | count * id
//     6 IWANT        u16 count | count * id
//
// What stands in brackets is ours alone (back-off and peer exchange of GossipSub v1.1); others ignore what follows a
// message. A peer is an entry of Pex: address element | bytes[32] PeerId.

enum class gossip_op : std::uint8_t {
  publish = 0,
  subscribe = 1,
  unsubscribe = 2,
  graft = 3,
  prune = 4,
  ihave = 5,
  iwant = 6,
};

/// The longest topic that can be written, in bytes.
constexpr std::size_t gossip_topic_max = 65535;
/// The most ids that one message can carry.
constexpr std::size_t gossip_ids_max = 65535;
/// The most peers that a PRUNE names, as in go-libp2p-pubsub (`GossipSubPrunePeers`).
constexpr std::size_t gossip_prune_peers_max = 16;
/// The largest PUBLISH payload, in bytes. An upstream node drops the link that it queues a larger one on (wire/00
/// section 6), so a larger one would tear holes into the mesh.
constexpr std::size_t gossip_publish_max = 8'387'558;
/// Bytes of a PUBLISH beside topic and data.
constexpr std::size_t gossip_publish_overhead = 1 + message_id::size + 2;

/// The ids of an IHAVE or IWANT, borrowed from the payload and read on demand.
class id_list_view {
public:
  id_list_view() = default;
  explicit id_list_view(bytes_view raw) noexcept : raw_(raw) {}

  [[nodiscard]] std::size_t size() const noexcept { return raw_.size() / message_id::size; }
  /// `at` must be below `size()`.
  [[nodiscard]] message_id operator[](std::size_t at) const noexcept;

private:
  bytes_view raw_;
};

/// The peers that a PRUNE names, borrowed from the payload.
class peer_list_view {
public:
  peer_list_view() = default;
  /// `raw` is `count` whole entries.
  peer_list_view(bytes_view raw, std::size_t count) noexcept : raw_(raw), count_(count) {}

  [[nodiscard]] std::size_t size() const noexcept { return count_; }
  [[nodiscard]] std::vector<pex_entry> entries() const;

private:
  bytes_view raw_;
  std::size_t count_ = 0;
};

// Topics, data, ids and peers of these are borrowed from the payload.
struct gossip_publish {
  message_id id;
  std::string_view topic; ///< May be empty in a PUBLISH, and in nothing else.
  bytes_view data;
};
struct gossip_subscribe {
  std::string_view topic;
};
struct gossip_unsubscribe {
  std::string_view topic;
};
struct gossip_graft {
  std::string_view topic;
};
struct gossip_prune {
  std::string_view topic;
  /// For how long the sender wants no GRAFT; empty when it does not say, as upstream never does.
  std::optional<std::chrono::seconds> backoff;
  /// Others in the topic; empty when the list is broken or too long.
  peer_list_view peers;
};
struct gossip_ihave {
  std::string_view topic;
  id_list_view ids;
};
struct gossip_iwant {
  id_list_view ids;
};

using gossip_message = std::variant<gossip_publish, gossip_subscribe, gossip_unsubscribe, gossip_graft, gossip_prune,
  gossip_ihave, gossip_iwant>;

/// Reads a payload without copying or allocating. Bytes behind a message are ignored. Errors, upon each of which the
/// message is ignored: `truncated` (also: fewer ids than announced), `unknown_kind`, `bad_text` (an empty topic).
result<gossip_message> decode_gossip(bytes_view in) noexcept;

/// Errors: `too_large` when the topic is longer than 65,535 bytes or the payload than `gossip_publish_max`.
result<bytes> encode_publish(const message_id& id, std::string_view topic, bytes_view data);
/// SUBSCRIBE, UNSUBSCRIBE or GRAFT; a PRUNE that says nothing of a back-off. The topic has 1 to 65,535 bytes.
bytes encode_topic_op(gossip_op op, std::string_view topic);
/// A PRUNE with its back-off, cut down to 65,535 seconds, and the first 16 of `peers` that can be dialed, in 39 or 51
/// bytes each.
bytes encode_prune(std::string_view topic, std::chrono::seconds backoff, const std::vector<pex_entry>& peers = {});
/// At most 65,535 ids: more are left out.
bytes encode_ihave(std::string_view topic, const std::vector<message_id>& ids);
bytes encode_iwant(const std::vector<message_id>& ids);

} // namespace librats::protocols
