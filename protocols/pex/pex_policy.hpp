// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/endpoint.hpp"
#include "protocols/core/peer_id.hpp"
#include "protocols/core/small_random.hpp"
#include "protocols/core/time.hpp"
#include "protocols/pex/pex_message.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <vector>

namespace librats::protocols {

/// Peer exchange of one node (wire/02 section 3): whom to ask, what to answer, whom to dial. Call one input, drain
/// `poll_transmit`, drain `poll_dial`, then wait for `poll_timeout`.
///
/// What differs from upstream, invisibly to it: the answer is a random choice instead of always the same first ones; no
/// address is told to somebody for whom it means nothing, and none such is dialed; one response is taken per request; a
/// peer that asks without end is not served without end; who has too few peers asks again.
class pex_policy {
public:
  struct config {
    std::size_t peers_wanted = 0;  ///< With so many peers nothing is asked and no response is taken; 0: no limit.
    std::size_t peers_few = 4;     ///< Without a limit, fewer peers than these make a node ask again.
    duration redial_pause = std::chrono::minutes{5};    ///< An address is not dialed twice within.
    duration mistaken_pause = std::chrono::hours{1};    ///< The same when somebody else was found there.
    duration ask_again_first = std::chrono::seconds{30};  ///< Doubles while it brings nobody...
    duration ask_again_max = std::chrono::minutes{10};    ///< ...up to this.
    int served_max = 4;  ///< Requests of one peer that are answered within `served_window`; upstream asks once.
    duration served_window = std::chrono::minutes{1};
  };
  /// Dialed addresses that are remembered; when all are fresh nothing new is dialed.
  static constexpr std::size_t remembered_max = 4096;
  static constexpr std::size_t dials_per_response_max = 32;
  /// Dials that an introduction leads to: who names peers without being asked shall not choose most of ours.
  static constexpr std::size_t dials_per_introduction_max = 4;
  /// Dials that are under way at one time.
  static constexpr std::size_t dials_open_max = 64;

  struct transmit {
    peer_id to;
    bytes payload;
  };
  struct dial {
    endpoint address;
    peer_id expected;
  };
  struct figures {
    std::uint64_t requests_sent = 0;
    std::uint64_t requests_answered = 0;
    std::uint64_t requests_refused = 0;   ///< Too many of one peer.
    std::uint64_t responses_taken = 0;
    std::uint64_t responses_refused = 0;  ///< Not asked for, or not needed any more.
    std::uint64_t introductions = 0;      ///< That were taken.
    std::uint64_t dials = 0;
    std::uint64_t dials_failed = 0;
    std::uint64_t mistaken = 0;           ///< Somebody else was found than the entry said.
  };

  pex_policy(const config& cfg, const peer_id& self, std::uint64_t seed);

  // -- inputs

  /// `remote` is where we see it. Known ids are only updated: a replaced link does not ask again.
  void peer_connected(time_point now, const peer_id& id, const ip_address& remote);
  /// Where others can dial it, the likeliest first.
  void set_addresses(const peer_id& id, std::vector<endpoint> addresses);
  void peer_disconnected(time_point now, const peer_id& id);
  void handle_message(time_point now, const peer_id& from, bytes_view payload);
  /// A connected peer, whom we trust so far, named others without being asked (PRUNE of gossip). Some are dialed, if
  /// more peers are wanted.
  void handle_introduction(time_point now, const peer_id& from, std::vector<pex_entry> named);
  /// A dial of `poll_dial` ended; `reached` is who answered, empty when nobody did.
  void dial_ended(time_point now, const endpoint& address, const std::optional<peer_id>& reached);
  /// Early calls do nothing; due calls move the deadline.
  void handle_timeout(time_point now);

  // -- outputs

  std::optional<transmit> poll_transmit();
  std::optional<dial> poll_dial();
  /// When to ask again; empty while there is nobody to ask or no need.
  [[nodiscard]] std::optional<time_point> poll_timeout() const noexcept;

  [[nodiscard]] const figures& counted() const noexcept { return figures_; }
  [[nodiscard]] std::size_t remembered() const noexcept { return dialed_.size(); }

private:
  struct peer {
    ip_address remote;
    std::vector<endpoint> addresses;
    bool asked = false;  ///< A response of it will be taken.
    time_point window_start{};
    int served = 0;
  };

  [[nodiscard]] bool few_peers() const noexcept;
  [[nodiscard]] bool enough_peers() const noexcept;
  [[nodiscard]] std::size_t dials_wanted() const noexcept;
  void ask(const peer_id& id, peer& x);
  void answer(time_point now, const peer_id& to, peer& x, std::size_t max);
  void take(time_point now, peer& from, const pex_response& x);
  void plan_dials(time_point now, const peer& from, std::vector<pex_entry> entries, std::size_t room);
  [[nodiscard]] bool remember(time_point now, const endpoint& address);
  void plan_asking(time_point now);

  config cfg_;
  peer_id self_;
  small_random random_;
  std::map<peer_id, peer> peers_;
  std::map<endpoint, time_point> dialed_;  ///< Until when it is not dialed again; at most `remembered_max`.
  std::map<endpoint, peer_id> open_;       ///< Dials under way; at most `dials_open_max`.
  std::deque<transmit> to_send_;
  std::deque<dial> to_dial_;
  std::optional<time_point> ask_at_;
  duration ask_pause_;
  figures figures_;
};

} // namespace librats::protocols
