// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/secret_random.hpp"
#include "protocols/core/time.hpp"
#include "protocols/core/token_bucket.hpp"
#include "protocols/dht/address_votes.hpp"
#include "protocols/dht/flood_guard.hpp"
#include "protocols/dht/krpc.hpp"
#include "protocols/dht/lookup.hpp"
#include "protocols/dht/responder.hpp"
#include "protocols/dht/routing_table.hpp"
#include "protocols/dht/saved_nodes.hpp"
#include "protocols/dht/transactions.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <variant>
#include <vector>

namespace librats::protocols {

/// One node of the Mainline DHT, of one address family: it answers others, keeps its routing table and finds its
/// neighbours by itself, and sends what lookups ask it to send. Call one input, drain `poll_transmit`, drain
/// `poll_event`, then wait for `next_wakeup`.
///
/// A lookup is an object of its own (`lookup`) that whoever wants it drives: `query` sends one of its requests, and the
/// events bring the answer back under the ticket.
class dht_core {
public:
  struct config {
    address_family family = address_family::v4;
    node_id id;                     ///< Random, or the one of the last run.
    secret_random::key_type secret; ///< 16 random bytes, for ids of queries, tokens and every other choice.
    /// BEP 43: asks, but answers nobody. For nodes that cannot be reached, and for short visits.
    bool read_only = false;
    routing_table::config table; ///< Its `restrict_addresses` holds for lookups as well.
    flood_guard::config flood;
    responder::config stores;
    /// Whether the id follows the external address (BEP 42) once others tell it.
    bool follow_address = true;
    duration maintenance_interval = std::chrono::seconds{6}; ///< wire/08 section 1: one node is pinged.
    /// The same while somebody in the table was never asked: until he answered, he is of no use to anybody.
    duration introduction_interval = std::chrono::seconds{1};
    duration self_lookup_interval = std::chrono::minutes{10}; ///< With enough nodes; upstream: 6 minutes.
    duration bootstrap_retry_first = std::chrono::seconds{1}; ///< With too few; doubles...
    duration bootstrap_retry_max = std::chrono::minutes{5};   ///< ...up to this.
    token_rate replies{16'384, 65'536}; ///< Bytes a second, of all answers to others: what exceeds it is dropped.
    token_rate queries{16'384, 32'768}; ///< The same for our queries, which wait.

    /// Lifts every limit per address, so that a whole network may live on one machine.
    void relax_for_laboratory() noexcept {
      table.restrict_addresses = false;
      flood.loopback_exempt = true;
      stores.peers.loopback_exempt = true;
      stores.items.loopback_exempt = true;
    }
  };

  /// Confirmed nodes below which every lookup begins at the bootstrap nodes again (wire/08 section 1).
  static constexpr std::size_t nodes_few = 3;
  static constexpr std::size_t bootstrap_max = 32;
  /// Queries that wait for `config::queries` or for a free transaction; a further one fails at once.
  static constexpr std::size_t waiting_max = 256;

  using ticket = std::uint64_t;

  struct transmit {
    endpoint to;
    bytes datagram;
  };
  struct answered {
    ticket query = 0;
    krpc::response what;
    duration rtt{};
  };
  /// Takes longer than most; `answered` or `failed` will still come.
  struct slow {
    ticket query = 0;
  };
  struct failed {
    ticket query = 0;
    std::optional<krpc::error> error; ///< Empty: no answer, or one of somebody else, or no room for the query.
  };
  /// We are seen at another address, and have another id if ours did not fit it.
  struct address_changed {
    ip_address external;
    node_id id;
  };
  /// The neighbours have been looked for; `confirmed` nodes are known now. After the first of these lookups are worth
  /// their while.
  struct neighbours_found {
    std::size_t confirmed = 0;
  };
  using event = std::variant<answered, slow, failed, address_changed, neighbours_found>;

  struct figures {
    std::size_t nodes = 0;     ///< In the table.
    std::size_t confirmed = 0; ///< Of these answered once.
    std::size_t spares = 0;
    std::size_t buckets = 0;
    std::size_t open_queries = 0;
    std::size_t hashes_stored = 0;
    std::size_t peers_stored = 0;
    std::size_t items_stored = 0;
    duration smoothed_rtt{};
    std::uint64_t queries_out = 0;
    std::uint64_t queries_in = 0;
    std::uint64_t replies_out = 0;
    std::uint64_t replies_in = 0; ///< To queries of ours, errors included.
    std::uint64_t timeouts = 0;
    std::uint64_t bytes_out = 0; ///< Datagrams, without IP and UDP headers.
    std::uint64_t bytes_in = 0;
    std::uint64_t malformed = 0;
    std::uint64_t refused = 0;    ///< Queries that were answered with an error.
    std::uint64_t blocked = 0;    ///< Datagrams of senders that flood.
    std::uint64_t blockings = 0;  ///< How often a sender was found to flood.
    std::uint64_t unanswered = 0; ///< Queries that our own limit left without an answer.
    std::uint64_t strays = 0;     ///< Answers to nothing, or too late.
    std::uint64_t forgeries = 0;  ///< Answers from another address than the one asked.
  };

  dht_core(const config& cfg, time_point now);

  // -- inputs

  /// One datagram came.
  void handle(const endpoint& from, bytes_view datagram, time_point now);
  /// Early calls do nothing; due calls move the deadline.
  void advance(time_point now);
  /// Sends a query. `id` is who is expected to answer, if known: an answer of another one is a failure.
  ticket query(const endpoint& to, const std::optional<node_id>& id, krpc::query what, time_point now);
  /// The answer is of no interest any more.
  void forget(ticket query);
  /// Where to begin when no nodes are known. At most 32; beyond that they are ignored.
  void add_bootstrap(const std::vector<endpoint>& nodes, time_point now);
  /// Nodes of the last run. They are asked before they are believed.
  void restore(const saved_nodes& x, time_point now);
  void set_own_id(const node_id& id, time_point now);
  /// The external address became known by other means.
  void set_external_address(const ip_address& x, time_point now);
  /// Addresses changed: what others said about ours is void, and neighbours are looked for at once.
  void network_changed(time_point now);
  void set_read_only(bool read_only) noexcept { cfg_.read_only = read_only; }
  /// Nodes of the other family that may be told to who wants them (BEP 32).
  void set_other_family(std::vector<node_contact> nodes) { responder_.set_other_family(std::move(nodes)); }

  // -- outputs

  std::optional<transmit> poll_transmit();
  std::optional<event> poll_event();
  /// Always set: the table wants care.
  [[nodiscard]] time_point next_wakeup() const;

  /// Nodes to begin a lookup with: the closest ones, and the bootstrap nodes when there are few.
  [[nodiscard]] std::vector<lookup_seed> seeds(const node_id& target) const;
  /// A lookup's configuration as it suits this node.
  [[nodiscard]] lookup::config lookup_config(lookup::purpose what, const node_id& target) const;
  /// Keeps an announcement of our own, as any node close to `hash` would: who asks us learns of it although no other
  /// node is there, or those that were told are gone. `self` is where others can dial us.
  void keep_own(const info_hash& hash, const endpoint& self, time_point now) { responder_.keep(hash, self, now); }
  /// Peers that announced themselves to us under `hash`.
  [[nodiscard]] std::vector<endpoint> stored_peers(const info_hash& hash, time_point now) {
    return responder_.stored_peers(hash, now);
  }
  [[nodiscard]] const routing_table& table() const noexcept { return table_; }
  [[nodiscard]] const node_id& own_id() const noexcept { return table_.own_id(); }
  [[nodiscard]] const std::optional<ip_address>& external_address() const noexcept { return votes_.current(); }
  /// Id and confirmed nodes, to keep across a restart.
  [[nodiscard]] saved_nodes saved(time_point now) const;
  [[nodiscard]] figures counted() const;

private:
  enum class origin : std::uint8_t { outside, maintenance, self_lookup };
  struct pending {
    endpoint to;
    std::optional<node_id> id;
    origin from = origin::outside;
    std::uint32_t handle = 0;      ///< Of the self-lookup,
    std::uint64_t self_lookup = 0; ///< and which one that was.
    krpc::query what;              ///< Until it is sent.
  };

  ticket ask(const endpoint& to, const std::optional<node_id>& id, krpc::query what, origin from, std::uint32_t handle,
    time_point now);
  void send_waiting(time_point now);
  void on_query(const endpoint& from, const bytes& transaction, const krpc::request& x, time_point now);
  void on_response(const endpoint& from, const bytes& transaction, krpc::response x, time_point now);
  void on_error(const endpoint& from, const bytes& transaction, krpc::error x, time_point now);
  void refuse(const endpoint& from, const bytes& transaction, krpc::error_code code, const char* text, time_point now);
  void reply(const endpoint& to, const krpc::message& x, time_point now);
  void give_up(ticket query, std::optional<krpc::error> why, time_point now);
  void check_overdue(time_point now);
  void maintain(time_point now);
  void look_after(const node_contact& x, time_point now);
  [[nodiscard]] bool belongs_to_self_lookup(const pending& x) const noexcept {
    return x.from == origin::self_lookup && self_lookup_ && x.self_lookup == self_lookups_;
  }
  void begin_self_lookup(time_point now);
  void drive_self_lookup(time_point now);
  void take_external(const ip_address& x, time_point now);

  config cfg_;
  secret_random random_;
  routing_table table_;
  transactions transactions_;
  flood_guard guard_;
  address_votes votes_;
  responder responder_;
  token_bucket reply_budget_;
  token_bucket query_budget_;
  std::vector<endpoint> bootstrap_;
  std::map<ticket, pending> pending_;
  std::deque<ticket> waiting_;
  ticket last_ticket_ = 0;
  std::optional<lookup> self_lookup_;
  std::uint64_t self_lookups_ = 0; ///< How many there have been.
  time_point self_lookup_at_;
  duration bootstrap_retry_;
  time_point maintain_at_;
  time_point introduce_at_;
  std::optional<time_point> send_at_; ///< When waiting queries are tried again.
  std::deque<transmit> out_;
  std::deque<event> events_;
  figures figures_;
};

} // namespace librats::protocols
