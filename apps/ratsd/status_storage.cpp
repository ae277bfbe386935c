// SPDX-License-Identifier: MIT
// How the replicated store is shown to people and to programs.
#include "apps/ratsd/status_json.hpp"
#include "apps/ratsd/status_text.hpp"
#include "runtime/log/escape.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace librats::apps {

namespace {

constexpr std::size_t shown_bytes_max = 200;

const char* to_string(actors::storage_phase x) noexcept {
  switch (x) {
  case actors::storage_phase::off: break;
  case actors::storage_phase::loading: return "loading";
  case actors::storage_phase::running: return "running";
  case actors::storage_phase::failing: return "failing";
  }
  return "off";
}

} // namespace

std::string storage_text(const actors::storage_status& x) {
  if (x.phase == actors::storage_phase::off)
    return "storage is off\n";
  const auto n = [](auto number) { return std::to_string(number); };
  std::string out = "storage is " + std::string{to_string(x.phase)} + ": " + n(x.store.entries) + " keys, "
    + n(x.store.tombstones) + " removed, " + n(x.store.key_bytes + x.store.data_bytes) + " bytes";
  out += x.shards == 0 ? ", in memory\n" : ", " + n(x.disk_bytes) + " on disk in " + n(x.shards) + " databases\n";
  if (!x.trouble.empty())
    out += "trouble: " + runtime::escaped(x.trouble, shown_bytes_max) + "\n";
  for (const auto& one : x.set_aside)
    out += "damaged, and set aside: " + runtime::escaped(one, shown_bytes_max) + "\n";
  out += "written here " + n(x.store.written) + ", taken from peers " + n(x.store.merged) + ", outdated "
    + n(x.store.outdated) + ", refused " + n(x.store.refused + x.entries_refused) + "\n";
  if (x.shards != 0)
    out += "commits: " + n(x.commits) + " of " + n(x.committed) + " writes, " + n(x.commits_failed) + " failed; "
      + n(x.uncommitted) + " writes wait\n";
  out += "peers: " + n(x.peers) + ", " + n(x.peers_ours) + " compare digests; sent " + n(x.entries_sent)
    + " entries, received " + n(x.entries_received) + ", " + (x.synced ? "in" : "not yet in") + " step\n";
  return out;
}

nlohmann::json to_json(const actors::storage_status& x) {
  return {
    {"phase", to_string(x.phase)},
    {"trouble", x.trouble},
    {"set_aside", x.set_aside},
    {"entries", x.store.entries},
    {"tombstones", x.store.tombstones},
    {"data_bytes", x.store.data_bytes},
    {"key_bytes", x.store.key_bytes},
    {"written", x.store.written},
    {"merged", x.store.merged},
    {"outdated", x.store.outdated},
    {"refused", x.store.refused},
    {"compacted", x.store.compacted},
    {"shards", x.shards},
    {"disk_bytes", x.disk_bytes},
    {"uncommitted", x.uncommitted},
    {"commits", x.commits},
    {"commits_failed", x.commits_failed},
    {"committed", x.committed},
    {"synced", x.synced},
    {"peers", x.peers},
    {"peers_ours", x.peers_ours},
    {"entries_sent", x.entries_sent},
    {"entries_received", x.entries_received},
    {"entries_refused", x.entries_refused},
    {"bytes_sent", x.bytes_sent},
    {"bytes_received", x.bytes_received},
    {"syncs", x.syncs},
    {"sync_requests_sent", x.sync_requests_sent},
    {"sync_requests_received", x.sync_requests_received},
  };
}

} // namespace librats::apps
