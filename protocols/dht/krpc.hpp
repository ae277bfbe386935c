// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/endpoint.hpp"
#include "protocols/dht/compact.hpp"
#include "protocols/dht/item.hpp"
#include "protocols/dht/node_id.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// The datagrams of the Mainline DHT: one bencoded dictionary each (BEP 5, with BEP 32, 42, 43, 44 and 51).
namespace librats::protocols::krpc {

/// Larger datagrams are not looked at (wire/08 section 1).
constexpr std::size_t datagram_size_max = 4096;
/// No reply of ours is larger, so that none is fragmented on the way.
constexpr std::size_t reply_size_max = 1400;
/// Peers in one reply, at most.
constexpr std::size_t values_max = 50;
/// Longer transaction ids are not echoed: everybody uses 2 to 8 bytes.
constexpr std::size_t transaction_size_max = 64;
/// Longer tokens are not believed: known ones have 4 to 40 bytes.
constexpr std::size_t token_size_max = 256;
/// What is kept of the version of a sender: two letters and two bytes by custom.
constexpr std::size_t version_size_max = 16;
/// Info-hashes in one reply to `sample_infohashes`, at most (BEP 51 leaves the number to the datagram).
constexpr std::size_t samples_max = 20;
/// A sampling interval, in seconds, is at most six hours (BEP 51).
constexpr std::int64_t sample_interval_max = 21600;
/// The interval of who sends samples without one, in seconds. BEP 51 has no default; ours hand out others after ten
/// minutes, and who cannot count is asked less often.
constexpr std::int64_t sample_interval_default = 3600;

/// The families whose nodes are asked for (BEP 32). None: those of the family that carries the query.
struct wanted {
  bool n4 = false;
  bool n6 = false;

  [[nodiscard]] bool none() const noexcept { return !n4 && !n6; }
  /// Whether nodes of `family` belong into the answer to a query that came over `carrier`.
  [[nodiscard]] bool includes(address_family family, address_family carrier) const noexcept {
    if (none())
      return family == carrier;
    return family == address_family::v4 ? n4 : n6;
  }
};

struct ping {};

struct find_node {
  node_id target;
  wanted want;
};

struct get_peers {
  info_hash target;
  wanted want;
};

struct announce_peer {
  info_hash target;
  std::uint16_t port = 0;    ///< Never 0 in what was decoded, unless the port is implied.
  bool implied_port = false; ///< The peer is at the port that the datagram came from.
  bytes token;
};

/// BEP 44.
struct get {
  node_id target;
  std::optional<std::int64_t> seq; ///< Send the value only if it is newer than this.
  wanted want;
};

/// BEP 44. What was decoded has sizes that fit, but its signature is not verified: see `check_item`.
struct put {
  dht_item item;
  bytes token;
  std::optional<std::int64_t> cas; ///< Replace only this version.
};

/// BEP 51.
struct sample_infohashes {
  node_id target;
  wanted want;
};

using query = std::variant<ping, find_node, get_peers, announce_peer, get, put, sample_infohashes>;

/// The name of the method, as in `q`.
const char* name_of(const query& x) noexcept;

/// A query as it travels.
struct request {
  node_id sender;
  query what;
  bool read_only = false; ///< BEP 43: its sender answers nobody and belongs into no table.
};

/// BEP 51, as a node answers it.
struct sample_report {
  std::vector<info_hash> samples;
  std::int64_t stored = 0;          ///< `num`: how many there are.
  std::chrono::seconds interval{0}; ///< When it pays to ask again; at most six hours.
};

/// The answer to any query: whatever its method calls for. Fields that are empty are left out.
struct response {
  node_id sender;
  std::vector<node_contact> nodes;  ///< IPv4.
  std::vector<node_contact> nodes6; ///< IPv6.
  std::vector<endpoint> values;     ///< Peers, of either family.
  bytes token;
  std::optional<endpoint> requester;       ///< `ip`: where the query came from, as the responder saw it (BEP 42).
  bytes value;                             ///< `v` of BEP 44: one bencoded value, nothing verified.
  std::optional<item_public_key> key;      ///< `k`
  std::optional<item_signature> signature; ///< `sig`
  std::optional<std::int64_t> seq;         ///< Alone: a version is stored that is not newer than asked for.
  std::optional<sample_report> samples;
};

enum class error_code : std::int64_t {
  generic = 201,
  server = 202,
  protocol = 203, ///< Malformed arguments, or a bad token.
  unknown_method = 204,
  value_too_big = 205, ///< BEP 44, as the rest.
  bad_signature = 206,
  salt_too_big = 207,
  cas_mismatch = 301,
  seq_too_small = 302,
};

struct error {
  std::int64_t code = 0; ///< One of error_code, or what others made up.
  std::string text;      ///< As received: any bytes.
};

/// One datagram.
struct message {
  bytes transaction; ///< Chosen by who asks, echoed by who answers.
  bytes version;     ///< `v`: the program of the sender, two letters and two bytes; we send none.
  std::variant<request, response, error> body;
};

/// A query that cannot be served and is answered with an error.
struct refused_query {
  bytes transaction;
  error_code code = error_code::protocol;
  const char* reason = ""; ///< A literal, for the text of the error.
};

/// A datagram that is dropped without an answer: no bencoded dictionary, no transaction id, or a reply without the id
/// of its sender.
struct not_krpc {};

using decoded = std::variant<not_krpc, refused_query, message>;

/// Decodes one datagram without ever throwing. Optional members of a wrong type or size are taken as absent; arguments
/// that a method needs make it a `refused_query`.
decoded decode(bytes_view datagram);

/// Encodes a message, its keys sorted. A response that would exceed `reply_size_max` loses what matters least, as many
/// as it takes: samples, then values beyond the first, then nodes from the end.
bytes encode(const message& x);

/// The item in a response to `get`, not yet checked; empty when it has none. `salt` is what the asker knows: it is not
/// sent back.
std::optional<dht_item> item_of(const response& x, bytes_view salt);

} // namespace librats::protocols::krpc
