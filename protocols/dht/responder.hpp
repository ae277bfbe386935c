// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/secret_random.hpp"
#include "protocols/core/time.hpp"
#include "protocols/dht/item_store.hpp"
#include "protocols/dht/krpc.hpp"
#include "protocols/dht/peer_store.hpp"
#include "protocols/dht/routing_table.hpp"
#include "protocols/dht/token_jar.hpp"

#include <cstddef>
#include <optional>
#include <variant>
#include <vector>

namespace librats::protocols {

/// Answers the queries of others from what one node knows and stores: every method of BEP 5, 44 and 51. Who wants to
/// leave something here has to bring a token that was given to his address (BEP 5).
class responder {
public:
  struct config {
    peer_store::config peers;
    item_store::config items;
  };
  /// Nodes in one answer, per family (BEP 5).
  static constexpr std::size_t nodes_per_answer = 8;
  /// Of the other family, that are remembered for those who want them.
  static constexpr std::size_t other_family_max = 64;

  using answer = std::variant<krpc::response, krpc::error>;

  responder(const config& cfg, address_family family, secret_random random, time_point now);

  /// The answer, without `ip`. The asker at `from` is seen there, so a token for it is made.
  answer respond(const endpoint& from, const krpc::request& x, const routing_table& table, time_point now);
  /// Forgets what is too old, and changes the secret of the tokens when it is due.
  void advance(time_point now);
  [[nodiscard]] time_point next_wakeup() const;
  /// Nodes that are told to who wants those of the other family (BEP 32); at most 64.
  void set_other_family(std::vector<node_contact> nodes);

  /// Stores a peer as if it had announced itself with a valid token.
  void keep(const info_hash& hash, const endpoint& peer, time_point now) { peers_.announce(hash, peer, now); }
  /// At most `krpc::values_max` of them.
  [[nodiscard]] std::vector<endpoint> stored_peers(const info_hash& hash, time_point now) {
    return peers_.sample(hash, krpc::values_max, now);
  }
  [[nodiscard]] const peer_store& peers() const noexcept { return peers_; }
  [[nodiscard]] const item_store& items() const noexcept { return items_; }

private:
  void add_nodes(
    krpc::response& out, const node_id& target, const krpc::wanted& want, const routing_table& table) const;
  void add_token(krpc::response& out, const endpoint& from, const node_id& target) const;

  address_family family_;
  secret_random random_;
  token_jar tokens_;
  peer_store peers_;
  item_store items_;
  std::vector<node_contact> other_family_;
};

} // namespace librats::protocols
