// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/peer_id.hpp"
#include "protocols/core/small_random.hpp"
#include "protocols/core/time.hpp"
#include "protocols/gossip/message_id.hpp"
#include "protocols/pex/pex_message.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace librats::test {

/// What an attacker does. All of them subscribe, graft themselves onto whomever they are linked to, stay in the mesh of
/// who grafts them, and pass nothing on; pruned, they graft again every 15 s, whatever back-off they were told (so do
/// those of the GossipSub v1.1 evaluation: github.com/libp2p/gossipsub-hardening, `sybil_regraft_delay`).
enum class sybil_kind : std::uint8_t {
  mute,        ///< Nothing else.
  flood,       ///< Each second and link: 80 announcements, 12 IHAVE, 5 IWANT, 20 old publications, 5 PRUNE.
  spam,        ///< Five invalid publications a second.
  promise,     ///< An IHAVE a second, of ids that exist and others, none of which is sent when asked for.
  graft_flood, ///< 30 GRAFT per second and link, whatever the answer.
  covert,      ///< An honest relay at first, mute from a time on.
  lure,        ///< The same, and then a PRUNE a second that names other attackers.
  censor,      ///< An honest relay, but of what its victims publish.
  degrade,     ///< An honest relay of every other message.
};

/// An attacker, on the same virtual time as the nodes that it attacks. Peers are numbers to it.
class gossip_sybil {
public:
  struct config {
    sybil_kind kind = sybil_kind::mute;
    std::string topic;
    time_point turns_at{};                   ///< Until then a covert one, or one that lures, is honest.
    std::vector<protocols::pex_entry> named; ///< By one that lures.
    std::set<peer_id> victims;               ///< Of one that censors.
  };
  using sink = std::function<void(std::uint32_t to, const byte_slice& payload)>;
  /// Data that begins so is invalid, as any application would see.
  static constexpr std::string_view invalid = "spam";

  gossip_sybil(const config& cfg, const peer_id& self, time_point now, std::uint64_t seed);

  void connected(std::uint32_t peer, const sink& send);
  void disconnected(std::uint32_t peer);
  void handle_message(std::uint32_t from, const byte_slice& payload, const sink& send);
  /// Early calls do nothing.
  void handle_timeout(time_point now, const sink& send);
  [[nodiscard]] time_point poll_timeout() const noexcept { return acts_at_; }

private:
  [[nodiscard]] protocols::message_id invented();
  [[nodiscard]] std::vector<protocols::message_id> recent_ids(std::size_t count);
  [[nodiscard]] bool behaves() const noexcept {
    return cfg_.kind == sybil_kind::censor || cfg_.kind == sybil_kind::degrade
      || ((cfg_.kind == sybil_kind::covert || cfg_.kind == sybil_kind::lure) && !turned_);
  }
  void graft(std::uint32_t peer, const sink& send);
  bool enter(std::uint32_t peer, std::size_t room);
  void relay(std::uint32_t from, const byte_slice& payload, const sink& send);
  void to_all(const byte_slice& payload, const sink& send);
  void flood(const sink& send);

  config cfg_;
  peer_id self_;
  small_random random_;
  time_point acts_at_;
  std::uint64_t acts_ = 0;
  bool turned_ = false;
  std::vector<std::uint32_t> links_;
  std::vector<std::uint32_t> mesh_; ///< Of a covert one, as long as it is honest.
  std::deque<byte_slice> heard_;    ///< The last publications that it was sent.
  std::unordered_set<std::uint64_t> relayed_;
};

} // namespace librats::test
