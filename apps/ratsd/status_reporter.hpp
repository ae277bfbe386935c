// SPDX-License-Identifier: MIT
#pragma once

#include "actors/discovery_messages.hpp"
#include "actors/gossip_messages.hpp"
#include "actors/mesh_messages.hpp"
#include "actors/node_messages.hpp"
#include "actors/storage_messages.hpp"
#include "actors/transfer_messages.hpp"
#include "apps/ratsd/daemon_messages.hpp"
#include "runtime/actor/common_messages.hpp"
#include "runtime/caf/pooled_actor.hpp"
#include "runtime/disk/disk.hpp"

#include <optional>
#include <string>

namespace librats::apps {

/// Lives for one status report: asks everybody, prints tree and peers to the standard error output, replaces
/// `status.json`, ends. A part that does not answer in time is left out. Spawn it detached: it blocks on the disk.
class status_reporter final : public runtime::pooled_actor {
public:
  struct sources {
    caf::actor daemon;
    caf::actor node;  ///< Null while it is down.
  };

  /// `path`: of the file; empty writes none.
  status_reporter(caf::actor_config& config, sources from, runtime::disk& files, std::string path);

  [[nodiscard]] const char* kind() const noexcept override { return "status_reporter"; }

protected:
  void started() override;
  caf::behavior handlers() override;
  void stopped() override;

private:
  template <class Reply, class Request>
  void collect(const caf::actor& who, Request request, std::optional<Reply>& into);
  void answered();
  void show(time_point now) const;
  void write(time_point now) const;

  sources from_;
  runtime::disk& files_;
  std::string path_;
  int open_ = 0;
  std::optional<runtime::tree_node> tree_;
  std::optional<actors::node_status> status_;
  std::optional<actors::peer_list> peers_;
  std::optional<actors::reconnect_status> reconnect_;
  std::optional<actors::exchange_status> exchange_;
  std::optional<actors::dht_status> dht_;
  std::optional<actors::mdns_status> mdns_;
  std::optional<actors::gossip_status> gossip_;
  std::optional<actors::transfer_list> transfers_;
  std::optional<actors::transfer_statistics> transferred_;
  std::optional<actors::storage_status> storage_;
};

} // namespace librats::apps
