// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/dns/dns_message.hpp"
#include "protocols/mdns/mdns_engine.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace librats::test {

/// Engines on links that carry multicast, delay and lose, on virtual time. Every node has its own interface 1 unless a
/// test gives it more; datagrams to a group come back to whoever sent them, as they do with multicast loopback.
class mdns_world {
public:
  struct node {
    std::unique_ptr<protocols::mdns_engine> engine;
    std::map<unsigned, int> links; ///< By interface.
    std::vector<protocols::mdns_interface> interfaces;
    std::vector<std::pair<time_point, protocols::mdns_event>> events;
    std::optional<time_point> due; ///< As of the last `drain`.
    bool hears = true;
    bool is_heard = true;
  };
  struct sent {
    time_point at;
    std::size_t from;
    protocols::mdns_transmit what;
    protocols::dns_message message;
  };

  explicit mdns_world(std::uint64_t seed = 1) : random_(seed) {}

  double loss = 0;
  duration delay = std::chrono::microseconds{200};
  duration jitter = std::chrono::microseconds{300};

  /// A node on link 0 with one interface and these addresses, each as `address/bits`.
  std::size_t add(const std::vector<std::string>& addresses, protocols::mdns_engine::config cfg = {});
  /// Gives it interfaces: index, link and addresses.
  void set_interfaces(std::size_t who, const std::vector<std::tuple<unsigned, int, std::vector<std::string>>>& all);
  /// Publishes as a node does, under the id whose bytes are all `id`, and looks for others.
  void start(std::size_t who, std::uint8_t id, const std::string& host, std::uint16_t port = 8080);

  void run_for(duration how_long);
  /// Runs until `done` or a deadline; false for the latter.
  template <class Predicate>
  bool run_until(Predicate done, duration deadline) {
    const auto end = now_ + deadline;
    while (!done() && now_ < end)
      run_for(std::chrono::milliseconds{10});
    return done();
  }
  /// A datagram of somebody who is no engine reaches everybody on a link.
  void inject(const endpoint& from, bytes datagram, int link = 0, bool to_group = true);
  /// Takes what an engine wants to send and say, after a test called it by hand.
  void drain(std::size_t who);

  [[nodiscard]] time_point now() const noexcept { return now_; }
  [[nodiscard]] node& operator[](std::size_t i) { return nodes_[i]; }
  [[nodiscard]] protocols::mdns_engine& engine(std::size_t i) { return *nodes_[i].engine; }
  [[nodiscard]] std::size_t size() const noexcept { return nodes_.size(); }
  /// All datagrams that engines sent.
  [[nodiscard]] const std::vector<sent>& log() const noexcept { return log_; }
  void forget_log() { log_.clear(); }

  /// How many events of a kind a node had.
  template <class Event>
  [[nodiscard]] std::size_t count(std::size_t who) const {
    std::size_t out = 0;
    for (const auto& [at, event] : nodes_[who].events)
      out += std::holds_alternative<Event>(event) ? 1 : 0;
    return out;
  }
  /// The last event of a kind, or null.
  template <class Event>
  [[nodiscard]] const Event* last(std::size_t who) const {
    const Event* out = nullptr;
    for (const auto& [at, event] : nodes_[who].events)
      if (const auto* x = std::get_if<Event>(&event))
        out = x;
    return out;
  }
  /// Names of the services that a node reports, in order.
  [[nodiscard]] std::vector<std::string> seen_by(std::size_t who) const;

private:
  struct delivery {
    int link;
    endpoint from;
    bool v6;
    std::optional<endpoint> to;
    bytes datagram;
    std::size_t receiver;
    unsigned interface;
  };

  void put_on_link(int link, const endpoint& from, bool v6, const std::optional<endpoint>& to, const bytes& datagram);
  [[nodiscard]] time_point next() const;

  std::mt19937_64 random_;
  time_point now_{std::chrono::hours{1}};
  std::deque<node> nodes_;
  std::multimap<time_point, delivery> on_the_way_;
  /// When the last datagram of a sender reaches a receiver: none overtakes another.
  std::map<std::pair<endpoint, std::size_t>, time_point> arrivals_;
  std::vector<sent> log_;
};

/// `address/bits`.
protocols::mdns_address mdns_address_of(const std::string& text);

} // namespace librats::test
