// SPDX-License-Identifier: MIT
// Files in a simulation: who sends what to whom, and whether it is the same there.
#include "apps/rats-sim/simulation.hpp"
#include "runtime/log/log.hpp"

#include <algorithm>
#include <utility>

namespace librats::apps {

using runtime::concat;

namespace {

constexpr auto sources = "/sources";

std::string path_in(const char* folder, const std::string& name) {
  return concat(folder, "/", name);
}

} // namespace

void simulation::make_folders() {
  if (std::none_of(what_.workloads.begin(), what_.workloads.end(),
        [](const auto& one) { return one.kind == scenario::work::transfer; }))
    return;
  for (const auto& one : members_)
    for (const auto* folder : {sources, resident::arrivals})
      one.host->files().make_folder(folder);
}

void simulation::send_file(std::size_t workload, std::size_t sender) {
  auto& books = ledgers_[workload];
  const auto& how = what_.workloads[workload];
  const auto receiver = random_peer(sender, how.to);
  if (receiver == scenario::none)
    return books.not_sent();
  transfer_books::file what;
  what.workload = workload;
  what.number = books.sent(now(), sender, receiver);
  what.from = sender;
  what.to = receiver;
  what.size = random_size(how);
  what.began = now();
  const auto& name = transfers_.open(what);
  tell_follower(sender, concat("sends ", name, ", ", what.size, " bytes, to ", name_of(receiver)));
  const auto path = path_in(sources, name);
  members_[sender].host->files().plant(path, transfers_.content_of(name), runtime::file_access::everybody);
  members_[sender].program->offer(members_[receiver].key.id(), path, name, [this, sender, name](bool taken_on) {
    auto* file = transfers_.find(name);
    if (taken_on)
      return;
    file->refused = true;
    tell_follower(sender, concat("could not offer ", name));
  });
}

void simulation::transfer_changed(std::size_t member, const actors::transfer_report& how) {
  using actors::transfer_phase;
  auto* file = transfers_.find(how.name);
  const bool sending = how.direction == actors::transfer_direction::sending;
  if (file == nullptr || (sending ? file->from : file->to) != member)
    return;
  switch (how.phase) {
  case transfer_phase::waiting: ++file->interrupted; break;
  case transfer_phase::failed:
  case transfer_phase::cancelled:
    file->refused = true;
    tell_follower(member, concat("gives ", how.name, " up: ", how.error));
    break;
  case transfer_phase::completed:
    if (sending) {
      file->acknowledged = true;
      break;
    }
    if (std::exchange(file->arrived, true))
      break;
    tell_follower(member, concat("has ", how.name));
    ledgers_[file->workload].arrived(now(), file->number, member);
    compare_file(how.name, *file);
    break;
  case transfer_phase::active: file->agreed = file->agreed || sending; break;
  case transfer_phase::offered:
  case transfer_phase::paused: break;
  }
}

void simulation::compare_file(const std::string& name, transfer_books::file& what) {
  // Faults of the disk are no business of ours: what is there counts.
  const auto there = members_[what.to].host->files().peek(path_in(resident::arrivals, name));
  if (there && *there == transfers_.content_of(name))
    return;
  if (!std::exchange(what.damaged, true))
    ledgers_[what.workload].corrupted(what.to);
}

void simulation::audit_files() {
  for (const auto& [name, unused] : transfers_.files())
    if (auto& file = *transfers_.find(name); file.arrived)
      compare_file(name, file);
}

} // namespace librats::apps
