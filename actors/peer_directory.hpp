// SPDX-License-Identifier: MIT
#pragma once

#include "actors/link_messages.hpp"
#include "runtime/caf/pinned_actor.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace librats::actors {

/// Who is connected, by which link. Decides which of two links to one peer survives (wire/00 section 8) and whether
/// there is room for one more. A link that lost lives on for a moment, as a spare: should the other end have decided
/// differently and close the winner, the spare takes its place. After a restart the living links make themselves known
/// again.
class peer_directory final : public runtime::pinned_actor {
public:
  /// `peers_max` guards inbound peers; 0 is no limit.
  peer_directory(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, const peer_id& self,
    std::size_t peers_max, caf::actor_addr node);

  [[nodiscard]] const char* kind() const noexcept override { return "peer_directory"; }

protected:
  caf::behavior handlers() override;
  void started() override;
  void stopped() override;

private:
  struct spare {
    peer_connected link;
    std::uint64_t serial = 0;
  };
  struct entry {
    peer_connected link;
    std::uint64_t serial = 0;
    std::vector<spare> spares;  ///< Links that lost, the newest last; at most `spares_max`.
    time_point since{};
    std::optional<protocols::identify> identify;
    std::vector<endpoint> addresses;
    std::optional<duration> rtt;
  };

  void decide(const link_established& x);
  void admit(const link_established& x, bool first);
  void refuse(const link_established& x, const std::string& reason, bool already_connected);
  void set_aside(entry& peer, spare loser);
  [[nodiscard]] bool replaces(const entry& existing, const link_established& incoming) const;
  void forget(const caf::actor_addr& link, const std::string& reason);
  void note_identify(const link_identified& x);
  void note_rtt(const peer_rtt_measured& x);
  caf::result<peer_list> list_peers();
  [[nodiscard]] static peer_report describe(const entry& x);

  peer_id self_;
  std::size_t peers_max_;
  caf::actor_addr node_;
  std::map<peer_id, entry> peers_;
  std::unordered_map<caf::actor_id, peer_id> by_link_;
};

} // namespace librats::actors
