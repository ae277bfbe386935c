// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/endpoint.hpp"
#include "protocols/core/time.hpp"
#include "protocols/dht/item.hpp"
#include "protocols/dht/krpc.hpp"
#include "protocols/dht/source_quota.hpp"

#include <cstddef>
#include <list>
#include <map>
#include <optional>

namespace librats::protocols {

/// The items that others put here (BEP 44). Each takes its value, at most 1000 bytes, and about 350 more. A store that
/// is full drops what was not refreshed for longest; a source that holds its share stores nothing new, but whatever is
/// stored may be refreshed or replaced from anywhere.
class item_store {
public:
  struct config {
    std::size_t items_max = 1000;
    std::size_t items_per_source_max = 32; ///< Counted for the subscriber who first stored it.
    bool loopback_exempt = false;          ///< The limit per source does not hold for 127.0.0.1.
    duration ttl = std::chrono::hours{2};  ///< BEP 44; writers come again once an hour.
  };

  explicit item_store(const config& cfg) : cfg_(cfg), quota_(cfg.items_per_source_max, cfg.loopback_exempt) {}
  item_store(item_store&&) = default; // No copies: its parts point at each other.
  item_store& operator=(item_store&&) = default;

  /// Stores an item whose token was valid, or says why not, with the code for the error message. A mutable item
  /// replaces its older version; the same version is refreshed, as is an immutable item. `cas`: replace only this
  /// version (ignored where none is stored). One signature is verified, unless something cheaper decides. `now` never
  /// steps back here or below. O(log n).
  std::optional<item_errc> put(dht_item x, std::optional<std::int64_t> cas, const ip_address& from, time_point now);

  /// What lies there, or nullptr; good until the next call that is not const. O(log n).
  [[nodiscard]] const dht_item* find(const node_id& target, time_point now) const;

  /// Fills value, key, signature and number into the answer to a `get`; of a version that the asker has already the
  /// number alone.
  void answer(const krpc::get& asked, krpc::response& out, time_point now) const;

  /// Forgets what was not refreshed in time; `put` does that first, too.
  void expire(time_point now);
  /// When there will be something to forget; empty when nothing is stored.
  [[nodiscard]] std::optional<time_point> next_expiry() const noexcept;

  [[nodiscard]] std::size_t size() const noexcept { return records_.size(); }

private:
  struct record {
    node_id target;
    dht_item item;
    ip_address owner; ///< Whose quota it counts in.
    time_point refreshed;
  };
  using record_list = std::list<record>;

  std::optional<item_errc> refresh(record_list::iterator stored, dht_item x, std::optional<std::int64_t> cas);
  void erase_oldest();

  config cfg_;
  source_quota quota_;
  record_list records_; ///< Refreshed longest ago first.
  std::map<node_id, record_list::iterator> by_target_;
};

} // namespace librats::protocols
