// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/endpoint.hpp"
#include "protocols/core/time.hpp"
#include "runtime/sim/nat_profile.hpp"
#include "runtime/sim/sim_random.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

namespace librats::runtime {

/// The two protocols that a box translates, each with ports of its own.
enum class nat_protocol : std::uint8_t { udp, tcp };

/// The translation table of one box (RFC 4787 for UDP, RFC 5382 for TCP). Time is an argument; nothing happens by
/// itself. Only what goes out makes a mapping, lets its answers in, and keeps both alive.
class sim_nat {
public:
  sim_nat(const nat_profile& how, const ip_address& outside, std::uint64_t seed)
    : how_(how), outside_(outside), random_(seed) {}

  /// As whom the box sends what `inside` sends to `to`. Keeps the port where nobody has it yet, as most boxes do; a
  /// symmetric one draws any. Empty when no port is left.
  std::optional<endpoint> send(time_point now, nat_protocol protocol, const endpoint& inside, const endpoint& to);
  /// For whom something is that came from `from` to the port `to` of the box; empty when it is not let in.
  [[nodiscard]] std::optional<endpoint> receive(
    time_point now, nat_protocol protocol, const endpoint& from, std::uint16_t to) const;

  [[nodiscard]] const ip_address& outside() const noexcept { return outside_; }
  [[nodiscard]] const nat_profile& profile() const noexcept { return how_; }
  /// Gives the box another address outside.
  void move(const ip_address& outside) noexcept { outside_ = outside; }
  /// Mappings that have not expired.
  [[nodiscard]] std::size_t mapping_count(time_point now) const;
  /// As when it is switched off and on again.
  void restart() noexcept;

private:
  struct origin {
    nat_protocol protocol;
    endpoint inside;
    endpoint to; ///< Any, unless mappings depend on it.
    friend bool operator<(const origin& a, const origin& b) noexcept {
      if (a.protocol != b.protocol)
        return a.protocol < b.protocol;
      return a.inside != b.inside ? a.inside < b.inside : a.to < b.to;
    }
  };
  using outer_port = std::pair<nat_protocol, std::uint16_t>;
  struct mapping {
    origin of;
    time_point used;
    /// Who was written to, and when; without ports where these are all one.
    std::map<endpoint, time_point> permitted{};
  };

  [[nodiscard]] duration lifetime(nat_protocol protocol) const noexcept;
  [[nodiscard]] endpoint permit_for(const endpoint& remote) const noexcept;
  [[nodiscard]] std::optional<std::uint16_t> free_port(time_point now, nat_protocol protocol, std::uint16_t wanted);
  [[nodiscard]] bool is_free(time_point now, const outer_port& port) const;
  void forget(const outer_port& port);

  nat_profile how_;
  ip_address outside_;
  sim_random random_;
  std::map<outer_port, mapping> mappings_;
  std::map<origin, std::uint16_t> port_of_;
};

} // namespace librats::runtime
