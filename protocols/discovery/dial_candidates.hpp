// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/endpoint.hpp"
#include "protocols/core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <vector>

namespace librats::protocols {

/// Which of the addresses that discovery comes across are dialed, and when (wire/08). Anybody can announce anything, so
/// each is dialed once and then left alone for a while, few at a time, and none when there are peers enough. Call one
/// input, then drain `poll_dial`.
class dial_candidates {
public:
  struct config {
    std::size_t peers_wanted = 32;  ///< With so many connected nobody is dialed; 0: no limit.
    /// A stranger who answered, or did not, is not dialed again within (upstream: for the life of the process).
    duration redial_pause = std::chrono::minutes{10};
    std::size_t dials_max = 16;        ///< Under way at one time.
    std::size_t waiting_max = 256;     ///< Of one network neighbour's making or of many: what is more is forgotten.
    std::size_t remembered_max = 4096; ///< Dialed addresses; when all are fresh nothing new is dialed.
  };
  struct figures {
    std::uint64_t seen = 0;  ///< Addresses that were offered, repetitions too.
    std::uint64_t dials = 0;
    std::uint64_t dials_failed = 0;
  };

  explicit dial_candidates(const config& cfg) : cfg_(cfg) {}

  // -- inputs

  /// Addresses where a peer may be. Our own, unspecified and multicast ones and port 0 are left out. Returns how many
  /// are new.
  std::size_t offer(time_point now, const std::vector<endpoint>& found);
  /// Where we listen ourselves: nobody else is there.
  void set_own(std::vector<endpoint> own) { own_ = {own.begin(), own.end()}; }
  /// An address of ours, whatever the port.
  void ignore(const ip_address& own) { ignored_.insert(own); }
  void set_connected(std::size_t peers) noexcept { connected_ = peers; }
  /// A dial of `poll_dial` ended.
  void dial_ended(const endpoint& where, bool reached);
  /// Who was unreachable may be reachable now.
  void network_changed() { dialed_.clear(); }

  // -- outputs

  std::optional<endpoint> poll_dial(time_point now);
  [[nodiscard]] bool wanted() const noexcept { return cfg_.peers_wanted == 0 || connected_ < cfg_.peers_wanted; }
  [[nodiscard]] const figures& counted() const noexcept { return figures_; }
  [[nodiscard]] std::size_t remembered() const noexcept { return dialed_.size(); }

private:
  [[nodiscard]] bool dialable(const endpoint& x) const;
  void forget_old(time_point now);

  config cfg_;
  std::set<endpoint> own_;
  std::set<ip_address> ignored_;
  std::size_t connected_ = 0;
  std::deque<endpoint> waiting_;
  std::map<endpoint, time_point> dialed_; ///< Or waiting; until when it is not dialed again.
  std::set<endpoint> open_;
  figures figures_;
};

} // namespace librats::protocols
