// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/small_random.hpp"
#include "protocols/core/time.hpp"
#include "protocols/mdns/mdns_types.hpp"
#include "protocols/mdns/service_cache.hpp"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace librats::protocols {

/// Asks on one link for services of one type, and lets `service_cache` keep what is answered (RFC 6762 section 5.2, 7).
/// Call one input, then `take_output` and `take_events`, then wait for `next_wakeup`.
class mdns_browser {
public:
  struct config {
    /// The pauses between questions grow from `query_interval_min`, twofold each time, up to this. The RFC would go on
    /// to an hour; peers of ours and of upstream are to be found sooner.
    duration query_interval_max = std::chrono::seconds{30};
  };
  static constexpr duration query_interval_min = std::chrono::seconds{1};
  /// Longer pauses are shortened by up to this share, so that nodes do not ask in step.
  static constexpr double jitter = 0.1;

  mdns_browser(const config& cfg, const dns_name& type, unsigned interface, std::uint64_t seed);

  // -- inputs

  /// Asks after 20 to 120 ms, and again soon, as at the beginning. What is known stays known.
  void start(time_point now);
  /// Asks no more and forgets everything.
  void stop();
  /// Another node's question. `all_hear_it`: it came by the family that every node on the link listens to, so that its
  /// answers are ours too and our own question can wait.
  void handle_query(const dns_message& x, const message_origin& origin, bool all_hear_it, time_point now);
  void handle_response(const dns_message& x, const message_origin& origin, time_point now);
  void advance(time_point now);

  // -- outputs

  [[nodiscard]] service_cache& cache() noexcept { return cache_; }
  [[nodiscard]] const service_cache& cache() const noexcept { return cache_; }
  [[nodiscard]] std::optional<time_point> next_wakeup() const;
  /// Datagrams for the group, in both families.
  std::vector<bytes> take_output() noexcept { return std::exchange(out_, {}); }

private:
  void ask_for_type(time_point now);
  void ask(const std::vector<dns_question>& questions, time_point now);

  config cfg_;
  dns_name type_;
  small_random random_;
  service_cache cache_;
  duration interval_{}; ///< The pause before the last question; zero: none was asked.
  std::optional<time_point> asked_at_;
  std::optional<time_point> query_due_;
  std::vector<bytes> out_;
};

} // namespace librats::protocols
