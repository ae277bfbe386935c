// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/endpoint.hpp"
#include "protocols/core/peer_id.hpp"
#include "protocols/core/small_random.hpp"
#include "protocols/core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

namespace librats::protocols {

/// What is dialed: a host name or an address literal, and a port.
struct dial_target {
  std::string host;
  std::uint16_t port = 0;

  static dial_target of(const endpoint& x) { return {x.address.to_string(), x.port}; }

  friend bool operator==(const dial_target& a, const dial_target& b) noexcept {
    return a.port == b.port && a.host == b.host;
  }
  friend bool operator<(const dial_target& a, const dial_target& b) noexcept {
    return std::tie(a.host, a.port) < std::tie(b.host, b.port);
  }
};

/// When lost peers are dialed again.
struct reconnect_config {
  bool enabled = true;  ///< Off: permanent targets are dialed once, nothing again, and no lost peer becomes a target.
  duration initial_delay = std::chrono::seconds{1};  ///< After the first failure; doubles...
  duration max_delay = std::chrono::seconds{60};     ///< ...up to this.
  std::vector<duration> intervals;  ///< If any: used in place of the two above, one after another, the last repeats.
  unsigned max_attempts = 0;        ///< Failed dials in a row before a target is given up; 0: never.
  duration stable_after = std::chrono::seconds{60};      ///< A link that lived so long makes its target a fresh one...
  duration stable_first_delay = std::chrono::seconds{1}; ///< ...which is dialed this long after the loss.
  double jitter = 0.25;  ///< Each wait is shortened by up to this share, so that nodes do not dial in step.
  duration dial_timeout = std::chrono::seconds{15};  ///< A dial without result is taken for failed.
  bool inbound_too = false;  ///< Also dial lost peers that had connected to us, where they said they listen.
};

/// What is to be said about one target.
struct reconnect_target {
  enum class state : std::uint8_t { connected, dialing, waiting, given_up };

  dial_target where;
  state now = state::waiting;
  bool permanent = false;        ///< Asked for by configuration; else a peer that was connected, or a known address.
  std::optional<peer_id> id;     ///< Whom it led to, or who is expected there.
  unsigned failures = 0;         ///< Failed dials since it was last connected.
  std::uint64_t dials = 0;       ///< All dials.
  std::string error;             ///< Of the last dial, when that failed.
  std::optional<time_point> next_attempt;  ///< Set while it waits.
  duration last_connection{};    ///< How long the last link lived; zero: there was none, or it lives.
  bool stable = false;           ///< That was at least `stable_after`.
};

/// Who is to be dialed again, and when (wire/08 section 3; ReconnectConfig of the client API). Call one input, drain
/// `poll_dial`, then wait for `poll_timeout`.
///
/// A target is served by a connected peer whose id it led to before: claims about addresses prove nothing. A link that
/// breaks soon does not reset the back-off, or a peer that takes us in and throws us out would be dialed every second;
/// only one that lived for `stable_after` does.
class reconnect_schedule {
public:
  /// Targets of all kinds (wire/00 section 6). Beyond it a target that nobody configured and that is connected or
  /// failed most gives way; a table full of permanent ones takes nothing more.
  static constexpr std::size_t targets_max = 1024;
  /// Dials that are under way at one time.
  static constexpr std::size_t dials_open_max = 32;

  reconnect_schedule(const reconnect_config& cfg, std::uint64_t seed);

  // -- inputs

  void configure(time_point now, const reconnect_config& cfg);
  [[nodiscard]] const reconnect_config& configured() const noexcept { return cfg_; }

  /// Dials `where` as soon as possible. A known target becomes permanent if asked, and is tried again if it was given
  /// up. False when there is no room.
  bool add(time_point now, const dial_target& where, bool permanent, const std::optional<peer_id>& expected = {});
  /// Forgets every target that is not permanent and not connected.
  void clear();
  /// `dialed`: where we dialed it, empty for an inbound peer. Told again when its link was replaced.
  void peer_connected(time_point now, const peer_id& id, const std::optional<endpoint>& dialed);
  /// Where an inbound peer says that it can be dialed.
  void peer_listens(const peer_id& id, const endpoint& where);
  /// The application does not want the peer any more: its loss is no loss. Holds until it is connected again.
  void peer_unwanted(const peer_id& id);
  void peer_disconnected(time_point now, const peer_id& id);
  /// A dial of `poll_dial` ended well. False when somebody else was found than expected, and the target is forgotten.
  bool dial_succeeded(time_point now, const dial_target& where, const peer_id& id);
  void dial_failed(time_point now, const dial_target& where, const std::string& why);
  /// What could not be reached may be reachable now: everything that waits is dialed at once, its next wait is short.
  void network_changed(time_point now);
  /// Early calls do nothing; due calls move the deadline.
  void handle_timeout(time_point now);

  // -- outputs

  std::optional<dial_target> poll_dial();
  [[nodiscard]] std::optional<time_point> poll_timeout() const;
  /// In the order of their names.
  [[nodiscard]] std::vector<reconnect_target> targets() const;
  [[nodiscard]] std::size_t size() const noexcept { return targets_.size(); }

private:
  struct target {
    bool permanent = false;
    std::optional<peer_id> id;
    unsigned failures = 0;
    unsigned level = 0;  ///< Of the back-off.
    std::uint64_t dials = 0;
    std::string error;
    std::optional<time_point> due;
    std::optional<time_point> dial_deadline;
    bool given_up = false;
    duration last_connection{};
    bool stable = false;
  };
  struct connection {
    time_point since{};
    std::optional<endpoint> dialable;
    bool inbound = false;
    bool unwanted = false;
  };
  using target_map = std::map<dial_target, target>;

  [[nodiscard]] bool connected(const target& x) const { return x.id && connections_.count(*x.id) != 0; }
  [[nodiscard]] duration delay_of(unsigned level) const;
  void give_up(target& x);
  void wait(time_point now, target& x, duration delay);
  void back_off(time_point now, target& x);
  bool make_room();
  void lost(time_point now, const peer_id& id, const connection& was);
  /// Returns the element after `x`, which may be gone.
  target_map::iterator failed(time_point now, target_map::iterator x, const std::string& why);

  reconnect_config cfg_;
  small_random random_;
  target_map targets_;
  std::map<peer_id, connection> connections_;
  std::size_t open_ = 0;
  std::deque<dial_target> to_dial_;
};

} // namespace librats::protocols
