// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/peer_id.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace librats::protocols {

/// Which peer subscribes to which topic, as the peers announce it. Upstream lets one peer grow this without end; here
/// every peer has a share, and all have a limit together. Costs about 150 bytes per entry and 200 per topic.
class topic_list {
public:
  struct config {
    std::size_t topics_per_peer_max = 1024;
    std::size_t bytes_per_peer_max = 256 * 1024; ///< Of names: some of the longest, many of the usual.
    std::size_t entries_max = 262144; ///< Pairs of a peer and a topic.
  };

  topic_list() : topic_list(config{}) {}
  explicit topic_list(const config& cfg) : cfg_(cfg) {}

  /// False when it is known already or above a limit.
  bool add(const peer_id& peer, std::string_view topic);
  /// False when it is not known.
  bool remove(const peer_id& peer, std::string_view topic);
  /// Forgets everything of a peer; returns the topics that it subscribed to, in order.
  std::vector<std::string> remove_peer(const peer_id& peer);

  [[nodiscard]] bool contains(const peer_id& peer, std::string_view topic) const;
  /// In order of their ids.
  [[nodiscard]] std::vector<peer_id> peers_of(std::string_view topic) const;
  [[nodiscard]] std::size_t topics() const noexcept { return topics_.size(); }
  [[nodiscard]] std::size_t entries() const noexcept { return entries_; }

private:
  struct share {
    std::set<std::string_view> topics; ///< Keys of `topics_`.
    std::size_t name_bytes = 0;
  };

  config cfg_;
  std::map<std::string, std::set<peer_id>, std::less<>> topics_;
  std::map<peer_id, share> peers_;
  std::size_t entries_ = 0;
};

} // namespace librats::protocols
