// SPDX-License-Identifier: MIT
// What `transfers` answers to the application.
#include "actors/transfers.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace librats::actors {

caf::result<transfer_steered> transfers::steer(const steer_transfer& x) {
  auto* mine = find(x.id);
  if (mine == nullptr)
    return runtime::failure("there is no such transfer");
  if (mine->running)
    return pass_on<transfer_steered>(mine->running, x);
  const bool sending = mine->report.direction == transfer_direction::sending;
  if (x.command == transfer_command::cancel) {
    if (!sending && mine->report.phase == transfer_phase::offered)
      refuse(mine->report.peer, mine->wire_id, {});
    end(*mine, transfer_phase::cancelled, "cancelled");
    return transfer_steered{};
  }
  if (x.command == transfer_command::resume && sending && mine->report.phase == transfer_phase::waiting) {
    mine->next_attempt.reset();
    mine->user_paused = false;
    look_after();
    return transfer_steered{};
  }
  return runtime::failure("the transfer is in another phase");
}

caf::result<transfer_report> transfers::report(const get_transfer& x) const {
  if (const auto found = memory_.live.find(x.id); found != memory_.live.end())
    return found->second.report;
  for (const auto& one : memory_.ended)
    if (one.id == x.id)
      return one;
  return runtime::failure("there is no such transfer");
}

transfer_list transfers::list(bool with_ended) const {
  transfer_list out;
  if (with_ended)
    out.transfers.assign(memory_.ended.begin(), memory_.ended.end());
  for (const auto& [id, one] : memory_.live)
    out.transfers.push_back(one.report);
  std::stable_sort(out.transfers.begin(), out.transfers.end(),
    [](const auto& a, const auto& b) { return a.started_at < b.started_at; });
  return out;
}

transfer_statistics transfers::statistics() const {
  auto out = memory_.counted;
  out.running = true;
  out.uptime = now() - *memory_.since;
  out.active = memory_.live.size();
  for (const auto& [id, one] : memory_.live)
    (one.report.direction == transfer_direction::sending ? out.send_rate : out.receive_rate) += one.report.rate;
  return out;
}

void transfers::configure(const configure_transfers& x) {
  memory_.settings = x;
  options_.chunk_size = std::clamp<std::size_t>(x.chunk_size, 1, protocols::transfer_chunk_max);
  options_.reads_ahead = std::max<std::size_t>(x.reads_ahead, 1);
  options_.retries_max = x.retries_max;
  options_.idle_max = std::max<duration>(x.idle_max, std::chrono::seconds{1});
  options_.verify = x.verify;
  options_.resume = x.resume;
  if (!x.folder.empty())
    options_.folder = x.folder;
}

void describe_files(transfer_report& x, const protocols::transfer_offer& offer) {
  auto all = std::make_shared<std::vector<file_metadata>>(offer.files.size());
  for (std::size_t i = 0; i < offer.files.size(); ++i) {
    auto& one = (*all)[i];
    one.path = offer.files[i].path;
    one.size = offer.files[i].size;
    if (offer.details) {
      one.modified_ms = offer.details->files[i].modified_ms;
      one.mode = offer.details->files[i].mode;
    }
  }
  x.files = std::move(all);
  x.bytes_total = offer.total;
  x.files_total = static_cast<std::uint32_t>(offer.files.size());
}

} // namespace librats::actors
