// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/endpoint.hpp"
#include "protocols/core/secret_random.hpp"
#include "protocols/core/time.hpp"
#include "protocols/ping/liveness_monitor.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace librats::protocols {

/// Our queries that wait for an answer. An answer counts when it brings the two-byte id of a query back from exactly
/// the address and port that was asked; ids cannot be foreseen, so who fakes a sender guesses one in 65536.
///
/// How long to wait is learned: the round trips of all nodes together give a smoothed one and its variation (RFC 6298),
/// and a query is *slow* after srtt + 4 rttvar (its lookup may ask somebody else, the answer is still welcome) and
/// *lost* after eight times that. Both are bounded, above by what wire/08 waits: 2 s and 15 s.
class transactions {
public:
  static constexpr std::size_t open_max = 256;
  static constexpr duration slow_min = std::chrono::milliseconds{250};
  static constexpr duration slow_max = std::chrono::seconds{2};
  static constexpr duration lost_min = std::chrono::seconds{3}; ///< A phone on a bad link needs as much.
  static constexpr duration lost_max = std::chrono::seconds{15};

  struct answered {
    std::uint64_t tag = 0;
    duration rtt{};
  };
  enum class stage : std::uint8_t { slow, lost };
  struct overdue {
    std::uint64_t tag = 0;
    stage what = stage::slow;
  };

  explicit transactions(const secret_random::key_type& key) noexcept : random_(key) {}

  /// Opens a query; `tag` is the caller's name for it. The two bytes of its id, or nothing when `open_max` wait.
  std::optional<bytes> open(const endpoint& to, std::uint64_t tag, time_point now);
  /// A response or an error came. Empty, and counted, when it answers nothing.
  std::optional<answered> close(bytes_view id, const endpoint& from, time_point now);
  /// Forgets a query; its answer will be a stray one.
  void cancel(std::uint64_t tag);
  /// The next query that has become slow or lost by `now`. Slow comes before lost, even if both are due.
  std::optional<overdue> poll_overdue(time_point now);
  [[nodiscard]] std::optional<time_point> poll_timeout() const;

  /// Whether anything from there may be an answer.
  [[nodiscard]] bool expects(const endpoint& from) const;
  [[nodiscard]] std::size_t open_count() const noexcept { return open_.size(); }
  [[nodiscard]] duration slow_after() const noexcept;
  [[nodiscard]] duration lost_after() const noexcept;
  /// Zero before the first answer.
  [[nodiscard]] duration smoothed_rtt() const noexcept { return rtt_.srtt; }
  /// Answers to nothing, or too late.
  [[nodiscard]] std::uint64_t strays() const noexcept { return strays_; }
  /// Answers with the id of an open query from somebody who was not asked: most likely a forgery.
  [[nodiscard]] std::uint64_t forgeries() const noexcept { return forgeries_; }

private:
  struct entry {
    endpoint to;
    std::uint64_t tag = 0;
    time_point sent;
    time_point lost_at;
    time_point due; ///< Its place in `due_`.
    bool slow = false;
  };
  using entries = std::map<std::uint16_t, entry>;

  void erase(entries::iterator x);

  secret_random random_;
  entries open_;
  std::set<std::pair<time_point, std::uint16_t>> due_;
  std::map<endpoint, std::size_t> asked_; ///< Open queries per address.
  rtt_estimate rtt_;
  bool measured_ = false;
  std::uint64_t strays_ = 0;
  std::uint64_t forgeries_ = 0;
};

} // namespace librats::protocols
