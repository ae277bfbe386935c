// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/time.hpp"
#include "protocols/dht/compact.hpp"
#include "protocols/dht/item.hpp"
#include "protocols/dht/krpc.hpp"
#include "protocols/dht/node_id.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <variant>
#include <vector>

namespace librats::protocols {

/// A node to begin with. Without an id: a bootstrap node, of which only the address is known.
struct lookup_seed {
  endpoint at;
  std::optional<node_id> id;
};

/// One walk towards a key (BEP 5, BEP 44), and the announcements or items that are left at its end. It sends nothing
/// and knows no routing table: whoever drives it sends what `poll_request` gives and says what became of it. Call one
/// input, drain `poll_request`, then drain `poll_event`.
///
/// It asks three nodes at a time, the closest first, and ends when the eight closest that live have answered (wire/08
/// section 1). What liars and forged ids cannot do is argued in `README.md`:
/// - it ends twice: the eight closest nodes of all, as everybody else looks for them, and the eight closest whose id
///   fits their address (BEP 42). Announcements go to both, so ids forged around a key cannot hide it;
/// - one candidate per /24 or /64, and two per /16 or /32 among the closest ones;
/// - an answer adds eight candidates at most; when three nodes that only one node named stay silent and none has
///   answered, the others that it named are dropped;
/// - a node that answers with another id than it was named with is none.
class lookup {
public:
  enum class purpose : std::uint8_t { get_peers, find_node, get_item };

  static constexpr std::size_t candidates_max = 100;
  static constexpr std::size_t nodes_per_answer_max = 8;
  static constexpr std::size_t per_wide_network_max = 2;
  /// Nodes of one responder that fail before the first one answers, and its others are dropped.
  static constexpr unsigned bad_names_max = 3;
  static constexpr std::size_t peers_max = 2048;
  static constexpr std::size_t peers_per_answer_max = 128; ///< What upstream keeps of one info-hash.
  static constexpr std::size_t peers_per_address_max = 4;  ///< Several ports of one address.
  static constexpr std::size_t peers_per_network_max = 16; ///< Of one /24 or /64.

  struct config {
    purpose what = purpose::get_peers;
    node_id target;
    node_id self; ///< Never asked.
    address_family family = address_family::v4;
    std::size_t width = 8;    ///< k.
    std::size_t parallel = 3; ///< Alpha.
    /// Holds public addresses to the limits per network; off in laboratories.
    bool restrict_addresses = true;
    /// Also ends at the closest nodes whose id fits. Off: as BEP 5 has it, for comparison.
    bool also_fitting = true;
    bytes salt;                      ///< Of the mutable item that is looked for.
    std::optional<std::int64_t> seq; ///< Values that are not newer are not needed.
  };

  struct announcement {
    std::uint16_t port = 0;
    bool implied_port = false; ///< The port of our datagrams, as the other node sees it.
  };
  struct item_to_store {
    dht_item item;
    std::optional<std::int64_t> cas;
  };
  using storing = std::variant<announcement, item_to_store>;

  /// A query to send. `handle` names it in the inputs.
  struct request {
    std::uint32_t handle = 0;
    endpoint to;
    std::optional<node_id> id; ///< Who is expected to answer.
    krpc::query what;
  };

  struct figures {
    std::uint32_t sent = 0; ///< Queries, of both phases.
    std::uint32_t answered = 0;
    std::uint32_t failed = 0;     ///< No answer, an error, or an answer of somebody else.
    std::uint32_t refused = 0;    ///< Named nodes and peers that were no use: bogons, too many of a network.
    std::uint32_t distrusted = 0; ///< Candidates dropped because of who named them.
    std::uint32_t hops = 0;       ///< How many nodes lie between the seeds and the farthest of the closest ones.
    std::uint32_t stores_sent = 0;
    std::uint32_t stored = 0; ///< Of these acknowledged.
    duration took{};
  };

  /// Peers that were not known before in this lookup.
  struct peers_found {
    std::vector<endpoint> peers;
    endpoint from;
  };
  /// A valid item, newer than any before.
  struct item_found {
    dht_item item;
    endpoint from;
  };
  /// The walk has ended. Unless something is to be stored, this is the end.
  struct walked {
    std::vector<node_contact> closest; ///< Answered; nearest first.
  };
  /// Every node that something was to be left at has been asked and has answered or failed.
  struct stored_everywhere {};
  using event = std::variant<peers_found, item_found, walked, stored_everywhere>;

  lookup(const config& cfg, const std::vector<lookup_seed>& seeds, time_point now);

  // -- inputs

  /// Nodes that were learned of meanwhile.
  void add_seeds(const std::vector<lookup_seed>& seeds, time_point now);
  /// Leaves this at the closest nodes: at once when the walk has ended, else then. For a mutable item the walk's
  /// result is needed first, because its number must grow.
  void store(storing what, time_point now);
  /// A node answered. `from` is where the answer came from.
  void answered(std::uint32_t handle, const krpc::response& x, time_point now);
  /// Its answer takes longer than most: another node may be asked. It may still come.
  void slow(std::uint32_t handle, time_point now);
  /// No answer will come, or an error came.
  void failed(std::uint32_t handle, time_point now);

  // -- outputs

  std::optional<request> poll_request();
  std::optional<event> poll_event();

  /// Nothing is left to do: whoever waits for `walked` only may still call `store`.
  [[nodiscard]] bool done() const noexcept { return walked_ && !storing_; }
  [[nodiscard]] const figures& counted() const noexcept { return figures_; }
  [[nodiscard]] const std::set<endpoint>& peers() const noexcept { return peers_; }
  [[nodiscard]] const std::optional<dht_item>& item() const noexcept { return item_; }

private:
  enum class stage : std::uint8_t { fresh, asked, slow, answered, failed };
  struct candidate {
    node_id id;
    endpoint at;
    std::uint32_t handle = 0;
    std::uint32_t named_by = 0; ///< A handle; 0: a seed, or several nodes named it.
    std::uint16_t hop = 0;
    stage now = stage::fresh;
    bool id_known = true;
    bool fits = false;
    bytes token;
  };
  struct reputation {
    unsigned good = 0;
    unsigned bad = 0;
  };

  [[nodiscard]] static bool lives(const candidate& x) noexcept {
    return x.now < stage::slow || x.now == stage::answered;
  }
  candidate* find(std::uint32_t handle);
  void add(candidate x);
  void place(candidate x);
  bool make_room_in_network(const candidate& x);
  bool tell_id(std::uint32_t handle, const node_id& id);
  enum class among : std::uint8_t { all, fitting };
  /// The closest that live and are wanted, at most `width` and two per wide network.
  template <class Wanted, class Visit>
  void visit_closest(among whom, const Wanted& wanted, const Visit& visit);
  candidate* next_fresh(among whom);
  [[nodiscard]] candidate* next_to_ask();
  [[nodiscard]] std::size_t in_flight() const;
  void blame(std::uint32_t namer);
  void take_nodes(const candidate& from, const krpc::response& x);
  void take_peers(const candidate& from, const krpc::response& x);
  void take_item(const candidate& from, const krpc::response& x);
  void check_walk(time_point now);
  void store_ended(std::uint32_t handle, time_point now);
  void begin_storing(time_point now);
  [[nodiscard]] krpc::query walking_query() const;
  [[nodiscard]] krpc::query storing_query(const bytes& token) const;

  config cfg_;
  time_point began_;
  std::vector<candidate> candidates_;               ///< Sorted by distance; those without a known id come first.
  std::map<std::uint32_t, reputation> reputations_; ///< By the handle of who names.
  std::uint32_t last_handle_ = 0;
  bool walked_ = false;
  std::optional<storing> to_store_;
  bool storing_ = false;
  std::deque<request> store_requests_;
  std::set<std::uint32_t> stores_open_;
  std::deque<event> events_;
  std::set<endpoint> peers_;
  std::map<ip_address, std::size_t> peers_at_;
  std::map<ip_address, std::size_t> peers_in_; ///< Per narrow network.
  std::optional<dht_item> item_;
  figures figures_;
};

} // namespace librats::protocols
