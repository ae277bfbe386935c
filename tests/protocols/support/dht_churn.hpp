// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/dht/announce_schedule.hpp"
#include "tests/protocols/support/dht_world.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace librats::test {

/// A network whose nodes leave without a word while others come, some of which lie in every way at once; and programs
/// in it that announce keys as `announce_schedule` says, and look for those of others. Deterministic for a seed.
class dht_churn {
public:
  struct config {
    std::uint64_t seed = 1;
    std::size_t nodes = 2000;
    double leaving_per_hour = 0.3; ///< A share of the nodes; as many come.
    double liars = 0;              ///< A share of those that come.
    std::size_t keys = 100;        ///< Each announced by one node; when that one leaves, another one takes it over.
    duration settling = std::chrono::minutes{20};
    duration watched = std::chrono::hours{1};
    duration search_pause = std::chrono::seconds{3}; ///< Some honest node looks for some key so often.
  };

  struct figures {
    std::size_t announces = 0;
    std::size_t unheard = 0; ///< Announces that nobody acknowledged.
    std::size_t searches = 0;
    std::size_t found = 0; ///< Searches that brought the one peer who had announced.
    std::size_t left = 0;
    std::size_t misled = 0;       ///< Honest nodes that take a false address for their own in the end,
    std::size_t misled_once = 0;  ///< or did at any time.
    double hops = 0;              ///< Of a search, in the mean, as the rest.
    double queries = 0;           ///< Sent; a node is asked in one datagram.
    double peers = 0;             ///< Found, wrong ones included.
    double seconds_median = 0;    ///< Until a search had ended.
    double seconds_worst = 0;     ///< Ninety-nine of a hundred had ended by then.
    double idle_bytes = 0;        ///< A second, in and out with IP and UDP headers, of an honest node that was there
    double idle_bytes_median = 0; ///< all the time and announced nothing.
    double idle_bytes_worst = 0;  ///< Ninety-nine of a hundred had no more.
    double confirmed = 0;         ///< Nodes in a table that answered,
    double gone = 0;              ///< and how many of these have left since.

    [[nodiscard]] double success() const noexcept {
      return searches == 0 ? 0 : static_cast<double>(found) / static_cast<double>(searches);
    }
  };

  explicit dht_churn(const config& cfg);

  /// Lets the network grow and settle, then watches it.
  figures run();

  dht_world world;

private:
  struct member {
    protocols::info_hash key;
    std::size_t who = 0;
    std::uint16_t port = 0;
    protocols::announce_schedule schedule;
    bool announced = false;
    std::uint64_t life = 0; ///< Changes when another one takes the key over.
  };

  void arrive();
  void leave();
  [[nodiscard]] std::size_t honest_node();
  void take_over(member& x);
  void poll_members();
  void search();
  void pass(duration x);
  std::optional<dht_world::lie> lie(std::size_t liar, const protocols::krpc::request& x, const endpoint& from);

  config cfg_;
  std::vector<member> members_;
  time_point leave_at_;
  time_point search_at_;
  bool watching_ = false;
  endpoint false_address_;
  std::vector<double> took_;
  figures out_;
};

} // namespace librats::test
