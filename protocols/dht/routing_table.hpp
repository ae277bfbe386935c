// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/secret_random.hpp"
#include "protocols/core/time.hpp"
#include "protocols/dht/compact.hpp"
#include "protocols/dht/node_id.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace librats::protocols {

/// The nodes that one DHT node knows, by how many leading bits of their id agree with its own (Maymounkov and Mazières,
/// "Kademlia", 2002; sizes and rules of wire/08 section 1). Only the last bucket splits. A node is *confirmed* once it
/// has answered a query of ours; others are never told to anybody.
///
/// What keeps liars out, `README.md` argues it in full:
/// - a faked sender cannot be confirmed, because the answer has to come from where the query went;
/// - one entry per address, one per /24 or /64 in a bucket: many ids need many networks;
/// - nobody who answers gives way to a newcomer because that one is faster; only a newcomer whose id fits its address
///   (BEP 42) may displace one whose id does not;
/// - an id that is known elsewhere, or an address that is known under another id, changes nothing while the known node
///   answers;
/// - from the 25th shared bit on, which only networks beyond ten million nodes reach, ids have to fit their addresses;
/// - of ids that do not fit and crowd around one place, a bucket takes one, and half of every answer goes to those that
///   fit.
class routing_table {
public:
  struct config {
    /// One entry per public address and one per network in a bucket. Off: for laboratories that live behind few
    /// addresses. Addresses that are not public are exempt anyway.
    bool restrict_addresses = true;
    std::array<std::uint8_t, 4> wide_buckets{
      128, 64, 32, 16};           ///< Sizes of the first four; upstream's and libtorrent's.
    std::uint8_t bucket_size = 8; ///< Of all others.
    std::uint8_t spares_max = 8;  ///< Per bucket: who waits for a place.
  };

  /// Failed queries in a row before a node goes although nobody can take its place.
  static constexpr std::uint8_t failures_max = 5;
  /// The same when somebody waits who never answered either: one lost datagram is no reason.
  static constexpr std::uint8_t failures_max_replaceable = 2;
  /// A node that was silent for so long is questionable (BEP 5): still told to others, but pinged before the rest.
  static constexpr duration questionable_after = std::chrono::minutes{15};
  /// How often more nodes are looked for in a bucket (BEP 5).
  static constexpr duration refresh_interval = std::chrono::minutes{15};
  /// Leading bits shared with us from which on only ids that fit their address are taken.
  static constexpr std::size_t deep_prefix_bits = 25;
  /// Two nodes of a bucket whose ids do not fit may share so many more bits with each other than with us. Of 128 random
  /// ones in a bucket one pair in a hundred does; ids forged around one key all do.
  static constexpr std::size_t crowded_bits = 20;

  enum class state : std::uint8_t {
    unconfirmed,  ///< Asked us, or was named by others; never answered.
    good,         ///< Answered within the last 15 minutes.
    questionable, ///< Answered once.
    bad,          ///< Did not answer our latest query.
  };
  struct node_view {
    node_contact contact;
    duration rtt{}; ///< Zero: not measured. In whole milliseconds, at most a minute.
    state now = state::unconfirmed;
    bool fits_address = false; ///< Its id has the prefix that BEP 42 asks for.
  };

  routing_table(const node_id& own, const config& cfg);

  // -- inputs

  /// Somebody asked us, or was named; it becomes an unconfirmed entry if there is room.
  void heard_of(const node_contact& x, time_point now);
  /// A query of ours goes there.
  void tried(const node_contact& x, time_point now);
  /// It answered.
  void answered(const node_contact& x, duration rtt, time_point now);
  /// It did not. Goes at once when it never answered or a confirmed node waits for its place, after two failures when
  /// anybody waits, after five when nobody does.
  void failed(const node_contact& x, time_point now);
  /// It is not what it seemed: goes, whoever waits.
  void remove(const node_contact& x);
  /// We are another one now. All contacts stay as far as they find room.
  void set_own_id(const node_id& own, time_point now);

  /// An id in the bucket that `like` is in, for a query that looks for more of them. Empty when that was done within
  /// the last 15 minutes (BEP 5), or the bucket is full of good nodes.
  std::optional<node_id> refresh_target(const node_id& like, secret_random& random, time_point now);

  // -- outputs

  /// The confirmed nodes that are closest to `target`, fit for others: none that failed last. At most `count`; half of
  /// them, if there are so many, have ids that fit their addresses. Nearest first.
  [[nodiscard]] std::vector<node_contact> closest_confirmed(const node_id& target, std::size_t count) const;
  /// The same of all that are known, confirmed or not.
  [[nodiscard]] std::vector<node_contact> closest_known(const node_id& target, std::size_t count) const;
  /// Whom to ping: with `confirmed` whoever was touched (asked, or answered) least recently among those that answered
  /// once, else among those that never did, of these the nearest first.
  [[nodiscard]] std::optional<node_contact> least_recently_touched(bool confirmed) const;
  /// Whether somebody has a place who was never asked anything.
  [[nodiscard]] bool has_untried() const noexcept;
  /// All entries with a place, nearest bucket last.
  [[nodiscard]] std::vector<node_view> nodes(time_point now) const;

  [[nodiscard]] const node_id& own_id() const noexcept { return own_; }
  /// Entries with a place.
  [[nodiscard]] std::size_t size() const noexcept;
  [[nodiscard]] std::size_t confirmed() const noexcept;
  [[nodiscard]] std::size_t spares() const noexcept;
  [[nodiscard]] std::size_t bucket_count() const noexcept { return buckets_.size(); }
  /// Heap bytes, by the capacity of its vectors.
  [[nodiscard]] std::size_t memory() const noexcept;

private:
  /// 52 bytes.
  struct entry {
    node_id id;
    endpoint at;
    std::uint32_t touched = 0;  ///< Seconds since `epoch_`; 0: never.
    std::uint32_t answered = 0; ///< The same; 0: unconfirmed.
    std::uint16_t rtt_ms = 0;
    std::uint8_t failures = 0;
    bool fits = false;

    [[nodiscard]] bool confirmed() const noexcept { return answered != 0; }
    [[nodiscard]] bool is(const node_contact& x) const noexcept { return id == x.id && at == x.at; }
  };
  struct bucket {
    std::vector<entry> nodes;
    std::vector<entry> spares;
    std::uint32_t refreshed = 0; ///< Seconds since `epoch_`; 0: never.
  };

  /// On the table's own clock, which begins at 1 with the first input.
  [[nodiscard]] std::uint32_t seconds(time_point now) const noexcept;
  void start_clock(time_point now);
  [[nodiscard]] std::size_t index_of(const node_id& id) const noexcept;
  [[nodiscard]] std::size_t capacity_of(std::size_t index) const noexcept;
  [[nodiscard]] state state_of(const entry& x, time_point now) const noexcept;
  entry* find(const node_contact& x);
  /// Whether nobody stands in the way of `x`; what does and is worth less is removed.
  bool make_way(const entry& x);
  void insert(const entry& x);
  static std::vector<entry>::iterator worst_of(std::vector<entry>& nodes);
  void displace(bucket& in, const entry& x);
  void keep_as_spare(bucket& in, const entry& x);
  void split_last();
  void trim(std::size_t index);
  void fill_up(std::size_t index);
  template <class Wanted>
  std::vector<node_contact> closest(const node_id& target, std::size_t count, const Wanted& wanted) const;

  config cfg_;
  node_id own_;
  std::vector<bucket> buckets_;
  std::optional<time_point> epoch_;
};

} // namespace librats::protocols
