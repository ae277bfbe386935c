// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/endpoint.hpp"
#include "protocols/core/peer_id.hpp"
#include "protocols/core/time.hpp"
#include "protocols/core/transport.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace librats::protocols {

/// How the outside sees our datagram socket (wire/08 section 6; RFC 4787 section 4.1 has the terms).
enum class nat_mapping : std::uint8_t {
  unknown,
  open,                  ///< As we see ourselves: no NAT.
  endpoint_independent,  ///< The same from everywhere: other peers can dial it once it is open.
  endpoint_dependent,    ///< Different for each peer ("symmetric"): telling it to others is of no use.
};

/// A word for people: `unknown`, `open`, `endpoint-independent` or `endpoint-dependent`.
const char* to_string(nat_mapping x) noexcept;

/// What peers say about where they see us. Nothing of it is proven, so networks vote, not peers: whoever has one /24
/// has one vote. Also, unlike upstream: IPv4 and IPv6 are told apart, a majority decides instead of unanimity, and a
/// peer that is on a public address cannot have seen us on a private one.
class observed_addresses {
public:
  /// Peers whose word counts, one observation each; the longest silent one gives way (wire/00 section 6).
  static constexpr std::size_t observers_max = 32;
  /// External addresses that are kept; one that nobody confirms any more gives way first, then the oldest.
  static constexpr std::size_t external_max = 16;
  /// An external address that no connected peer confirms any more is kept for so long.
  static constexpr duration external_kept = std::chrono::minutes{30};
  /// Networks that must agree before we tell others.
  static constexpr std::size_t votes_min = 2;

  // -- inputs

  /// Our interfaces and our listen port (0: none). Interfaces that differ mean another network: all is forgotten.
  void set_own(const std::vector<ip_address>& interfaces, std::uint16_t listen_port);
  /// A peer that we see at `from` says that it sees us at `seen`: on datagrams with the port, on TCP without.
  void observe(time_point now, const peer_id& who, const ip_address& from, transport by, const endpoint& seen);
  void forget_observer(time_point now, const peer_id& who);
  /// Drops what is too old.
  void handle_timeout(time_point now);

  // -- outputs

  /// When something grows too old; empty when nothing does.
  [[nodiscard]] std::optional<time_point> poll_timeout() const;
  /// Our addresses as seen from outside, with our listen port: the most votes first, then the latest. At most 16; empty
  /// without a listen port.
  [[nodiscard]] std::vector<endpoint> external() const;
  /// Of these, what is worth telling everybody: public, not one of our interfaces, confirmed by `votes_min` networks. A
  /// datagram endpoint that is the same from everywhere comes first.
  [[nodiscard]] std::vector<endpoint> worth_advertising() const;
  /// Our datagram socket as seen from outside, the latest first, without repetition: what Punch tells.
  [[nodiscard]] std::vector<endpoint> datagram_endpoints() const;
  [[nodiscard]] nat_mapping mapping_v4() const { return mapping(false); }
  [[nodiscard]] nat_mapping mapping_v6() const { return mapping(true); }
  [[nodiscard]] std::size_t observers() const noexcept { return observations_.size(); }
  [[nodiscard]] bool counts(const peer_id& who) const { return observations_.count(who) != 0; }

private:
  struct observation {
    time_point when;
    ip_address network;  ///< Which votes.
    bool public_observer = false;
    ip_address seen;
    std::optional<endpoint> datagram;
  };
  struct tally {
    std::map<endpoint, std::size_t> foreign;  ///< Votes for what is not ours.
    std::size_t foreign_total = 0;
    std::size_t own = 0;
    std::size_t own_from_public = 0;
  };

  [[nodiscard]] bool is_own(const endpoint& x) const;
  [[nodiscard]] tally count_datagrams(bool v6) const;
  [[nodiscard]] nat_mapping mapping(bool v6) const;
  [[nodiscard]] std::size_t votes_for(const ip_address& x) const;
  void drop_old(time_point now);

  std::set<ip_address> interfaces_;
  std::uint16_t listen_port_ = 0;
  std::map<peer_id, observation> observations_;
  std::map<ip_address, time_point> external_;  ///< When it was last confirmed.
};

} // namespace librats::protocols
