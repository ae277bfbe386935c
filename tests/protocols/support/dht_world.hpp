// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/small_random.hpp"
#include "protocols/core/time.hpp"
#include "protocols/dht/dht_core.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <set>
#include <utility>
#include <vector>

namespace librats::test {

/// DHT nodes in one process on virtual time, between them a network that delays and loses datagrams. Deterministic for
/// a seed.
class dht_world {
public:
  struct options {
    std::uint64_t seed = 1;
    protocols::address_family family = protocols::address_family::v4;
    double loss = 0.01; ///< Of datagrams, each on its own.
    duration delay_min = std::chrono::milliseconds{10};
    duration delay_max = std::chrono::milliseconds{120};
    /// Instead: each node has a place on a square that takes 110 ms to cross along a side, and a line of its own, of
    /// 12 ms in the median, 70 ms and more in the worst tenth, at most 250 ms, which a datagram crosses at either end;
    /// and up to 5 ms differ from datagram to datagram. Round trips: 200 ms in the median.
    bool spread = false;
    /// Share of nodes whose id does not fit their address (BEP 42), and never will.
    double unfitting = 0.3;
  };

  /// What a liar answers with.
  struct lie {
    lie() = default;
    lie(protocols::krpc::response x) : what(std::move(x)) {} // NOLINT: most lies are just that.

    protocols::krpc::response what;
    std::optional<protocols::node_id> sender; ///< In place of its own id.
    bool silent = false;                      ///< Nothing is sent at all.
  };
  /// Answers in place of a node: an empty optional leaves the query to the node.
  using liar = std::function<std::optional<lie>(const protocols::krpc::request&, const endpoint&)>;

  struct node {
    endpoint at;
    std::unique_ptr<protocols::dht_core> core;
    bool up = true;
    liar lie;
    std::set<ip_address> told; ///< External addresses it learned.
    bool settled = false;      ///< It has looked for its neighbours and found some.
    double x = 0;              ///< Its place,
    double y = 0;
    duration line{}; ///< and its line.
  };

  struct outcome {
    std::vector<endpoint> peers;
    std::optional<protocols::dht_item> item;
    std::vector<protocols::node_contact> closest;
    protocols::lookup::figures counted;
  };

  explicit dht_world(const options& cfg) : cfg_(cfg), random_(cfg.seed) {}

  // -- nodes

  /// A public address in a /24 or /64 of its own.
  ip_address new_address();
  protocols::node_id random_id();
  /// A configuration as `options` want it: random or fitting id, fresh secret.
  protocols::dht_core::config node_config(const ip_address& at);
  /// A node that knows up to three of the living ones to begin with. Its index.
  std::size_t add(const endpoint& at, const protocols::dht_core::config& cfg);
  std::size_t add();
  /// Adds `count` nodes, one every `pause`, and lets them settle for `settle`.
  void grow(
    std::size_t count, duration pause = std::chrono::milliseconds{200}, duration settle = std::chrono::seconds{60});

  /// The node is gone without a word, and so are the walks that it was on.
  void leave(std::size_t index);
  [[nodiscard]] bool lives(const endpoint& at) const { return by_address_.count(at) != 0; }

  std::vector<node> nodes;

  // -- time

  void run_for(duration x);
  [[nodiscard]] time_point now() const noexcept { return now_; }
  /// Changes with every datagram that is delivered: what, where and when.
  [[nodiscard]] std::uint64_t trace() const noexcept { return trace_; }
  small_random& random() noexcept { return random_; }

  // -- lookups

  using walk_ended = std::function<void(const outcome&)>;
  /// Begins to walk from a node; `ended` is called when all is done, in the midst of `run_for`.
  void begin_look_up(std::size_t from, const protocols::lookup::config& cfg,
    const std::optional<protocols::lookup::storing>& store, walk_ended ended);
  /// Walks from a node to the end of what is to be done; lets the world run meanwhile.
  outcome look_up(std::size_t from, const protocols::lookup::config& cfg,
    const std::optional<protocols::lookup::storing>& store = {});
  outcome get_peers(std::size_t from, const protocols::info_hash& hash);
  outcome announce(std::size_t from, const protocols::info_hash& hash, std::uint16_t port);
  /// How many of the eight closest living nodes are among `found`.
  [[nodiscard]] std::size_t truly_closest(
    const protocols::node_id& target, const std::vector<protocols::node_contact>& found) const;

private:
  struct happening {
    time_point when;
    std::uint64_t order = 0;
    endpoint from;
    std::size_t to = 0;
    bytes datagram; ///< Empty: the node wakes up.

    friend bool operator<(const happening& a, const happening& b) noexcept {
      return std::tie(b.when, b.order) < std::tie(a.when, a.order); // The earliest is the greatest.
    }
  };

  bool step(time_point until);
  void deliver(happening x);
  void pump(std::size_t index);
  void send(std::size_t from, const endpoint& to, bytes datagram);
  [[nodiscard]] duration draw_delay();
  [[nodiscard]] static duration way_between(const node& from, const node& to);
  [[nodiscard]] duration draw_line();

  struct walk {
    std::size_t from = 0;
    protocols::lookup lookup;
    walk_ended ended;
    std::map<protocols::dht_core::ticket, std::uint32_t> handles;
    std::vector<protocols::node_contact> closest;
  };
  void drive(walk& x);
  void pass_on(walk& x, const protocols::dht_core::event& event);
  void end_walks();

  options cfg_;
  small_random random_;
  time_point now_{std::chrono::hours{1}};
  std::priority_queue<happening> queue_;
  std::uint64_t order_ = 0;
  std::uint64_t trace_ = 0;
  std::map<endpoint, std::size_t> by_address_;
  std::vector<time_point> wakes_;
  std::set<ip_address> networks_;
  std::list<walk> walks_;
};

} // namespace librats::test
