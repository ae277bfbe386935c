// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/small_random.hpp"
#include "protocols/core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>

namespace librats::protocols {

/// When a node announces itself under one info-hash, and when it merely looks for others (wire/08 section 1). Call one
/// input, drain `poll_action`, then wait for `poll_timeout`.
///
/// Announces come every ten minutes, as upstream's do. The pause between searches doubles while they bring nobody new,
/// because upstream's searches, every 30 s, are most of its idle traffic. It begins at 5 s: two nodes that start at the
/// same time look around before the other one is there to be found. A node that does not listen never
/// announces: its entry would be of no use.
class announce_schedule {
public:
  struct config {
    duration announce_interval = std::chrono::minutes{10};
    duration search_pause_start = std::chrono::seconds{5};
    duration search_pause_found = std::chrono::seconds{30}; ///< After a search that brought somebody new.
    duration search_pause_max = std::chrono::minutes{10};
    double jitter = 0.1; ///< Each pause is shortened by up to this share, so that nodes do not search in step.
  };
  enum class action : std::uint8_t { search, announce };

  announce_schedule(const config& cfg, time_point now, std::uint64_t seed);

  // -- inputs

  /// Whether there is a port to announce; a change announces at once.
  void set_listening(time_point now, bool listening);
  /// Whether more peers are wanted. Without need only announces go out, and searches begin anew when it arises.
  void set_peers_wanted(time_point now, bool wanted);
  /// The lookup of the last action ended with `fresh` addresses that were unknown before. Until it is said, no other
  /// action comes. An announce that no node acknowledged is repeated with the next search.
  void lookup_ended(time_point now, std::size_t fresh, bool acknowledged);
  /// We are somebody else now: announce, or search, at once.
  void network_changed(time_point now);

  // -- outputs

  std::optional<action> poll_action(time_point now);
  /// Empty while a lookup runs, and when neither announces nor searches are wanted.
  [[nodiscard]] std::optional<time_point> poll_timeout() const;

private:
  duration shortened(duration x) noexcept;

  config cfg_;
  small_random random_;
  bool listening_ = false;
  bool wanted_ = true;
  std::optional<action> running_;
  bool again_ = false; ///< The network changed while a lookup ran.
  time_point announce_at_;
  time_point search_at_;
  duration pause_;
};

} // namespace librats::protocols
