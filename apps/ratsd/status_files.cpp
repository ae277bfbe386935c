// SPDX-License-Identifier: MIT
// What the reports say of files that move.
#include "apps/ratsd/status_json.hpp"
#include "apps/ratsd/status_text.hpp"
#include "runtime/log/escape.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdio>

namespace librats::apps {

namespace {

/// Of a name in a table.
constexpr std::size_t shown_bytes_max = 40;
/// Transfers in a table: the newest.
constexpr std::size_t shown_max = 20;

const char* name_of(actors::transfer_phase x) noexcept {
  switch (x) {
  case actors::transfer_phase::offered: return "offered";
  case actors::transfer_phase::active: return "active";
  case actors::transfer_phase::paused: return "paused";
  case actors::transfer_phase::waiting: return "waiting";
  case actors::transfer_phase::completed: return "completed";
  case actors::transfer_phase::failed: return "failed";
  case actors::transfer_phase::cancelled: return "cancelled";
  }
  return "unknown";
}

bool sends(const actors::transfer_report& x) noexcept { return x.direction == actors::transfer_direction::sending; }

std::string megabytes(double bytes) {
  char out[32];
  std::snprintf(out, sizeof(out), "%.1f", bytes / 1e6);
  return out;
}

double seconds(duration x) { return std::chrono::duration<double>(x).count(); }

} // namespace

std::string files_text(const actors::transfer_list& all, const actors::transfer_statistics& x) {
  if (!x.running)
    return "file transfer is off\n";
  std::string out;
  if (all.transfers.empty()) {
    out = "no file has been offered\n";
  } else {
    std::vector<std::vector<std::string>> rows{
      {"transfer", "peer", "way", "name", "MB", "of MB", "files", "MB/s", "left s", "phase", "why"}};
    const auto first = all.transfers.size() > shown_max ? all.transfers.size() - shown_max : 0;
    for (auto i = first; i < all.transfers.size(); ++i) {
      const auto& one = all.transfers[i];
      rows.push_back({std::to_string(one.id), one.peer.short_string(), sends(one) ? "out" : "in",
        runtime::escaped(one.name, shown_bytes_max), megabytes(static_cast<double>(one.bytes_done)),
        megabytes(static_cast<double>(one.bytes_total)),
        std::to_string(one.files_done) + "/" + std::to_string(one.files_total), megabytes(one.rate),
        one.remaining ? std::to_string(static_cast<long long>(seconds(*one.remaining))) : "-", name_of(one.phase),
        runtime::escaped(one.error, shown_bytes_max)});
    }
    out = columns(rows);
  }
  out += "files: " + std::to_string(x.files_sent) + " sent, " + std::to_string(x.files_received) + " received; "
    + megabytes(static_cast<double>(x.bytes_sent)) + " MB out, " + megabytes(static_cast<double>(x.bytes_received))
    + " MB in; " + std::to_string(x.active) + " transfers go on, " + std::to_string(x.completed) + " are complete, "
    + std::to_string(x.failed) + " failed; interrupted " + std::to_string(x.interrupted) + " times\n";
  return out;
}

nlohmann::json to_json(const actors::transfer_report& x) {
  return {
    {"id", x.id},
    {"peer", x.peer.to_string()},
    {"direction", sends(x) ? "out" : "in"},
    {"phase", name_of(x.phase)},
    {"directory", x.directory},
    {"name", x.name},
    {"path", x.local_path},
    {"bytes_done", x.bytes_done},
    {"bytes_total", x.bytes_total},
    {"files_done", x.files_done},
    {"files_total", x.files_total},
    {"current_file", x.current_file},
    {"rate", x.rate},
    {"average", x.average},
    {"remaining", x.remaining ? nlohmann::json(seconds(*x.remaining)) : nlohmann::json()},
    {"retries", x.retries},
    {"error", x.error},
    {"checksum", x.checksum},
  };
}

nlohmann::json to_json(const actors::transfer_list& all, const actors::transfer_statistics& x) {
  auto transfers = nlohmann::json::array();
  for (const auto& one : all.transfers)
    transfers.push_back(to_json(one));
  return {
    {"running", x.running},
    {"transfers", std::move(transfers)},
    {"bytes_sent", x.bytes_sent},
    {"bytes_received", x.bytes_received},
    {"files_sent", x.files_sent},
    {"files_received", x.files_received},
    {"active", x.active},
    {"completed", x.completed},
    {"failed", x.failed},
    {"interrupted", x.interrupted},
    {"offers_refused", x.offers_refused},
    {"send_rate", x.send_rate},
    {"receive_rate", x.receive_rate},
  };
}

} // namespace librats::apps
