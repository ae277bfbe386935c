// SPDX-License-Identifier: MIT
#include "actors/file_worker.hpp"

#include "actors/partial_folder.hpp"
#include "runtime/log/log.hpp"

#include <chrono>
#include <set>
#include <utility>

namespace librats::actors {

namespace {

constexpr auto store_again_after = std::chrono::seconds{1};

} // namespace

caf::behavior file_worker::handlers() {
  return {
    [this](const scan_source& x) { return scan(files_, x); },
    [this](const open_source& x) { jobs_[x.job].source.emplace(files_, x.source); },
    [this](const open_target& x) { return open(x); },
    [this](const file_jobs& x) { return perform(x); },
    [this](const close_files& x) { close(x); },
    [this](const discard_partial& x) { remove_partial(files_, x.folder, x.key); },
    [this](const load_transfers& x) { return load_folder(files_, x); },
    [this](const store_outgoing& x) { store(x); },
    [this](const forget_outgoing& x) {
      refused_.erase(x.id);
      forget_offer(files_, x);
    },
  };
}

/// What a disk would not take it may take later, unless the transfer has ended by then.
void file_worker::store(const store_outgoing& x) {
  const auto id = x.what.number;
  if (current_sender() == ctrl() && refused_.count(id) == 0)
    return;
  const auto error = store_offer(files_, x);
  if (!error) {
    refused_.erase(id);
    return;
  }
  if (refused_.insert(id).second)
    LIBRATS_LOG(runtime::log_level::warn, kind(), "cannot note in ", x.folder, " what is being sent: ", error.message(),
      "; tries again, but the transfer will not go on if this process ends before");
  delayed_send(this, store_again_after, x);
}

target_opened file_worker::open(const open_target& x) {
  std::set<std::string> taken;
  for (const auto& [number, one] : jobs_)
    if (one.target)
      taken.insert(one.target->path());
  auto& mine = jobs_[x.job];
  mine.target.emplace(files_, x.target);
  target_opened out;
  out.error = mine.target->open(taken);
  out.at = mine.target->at();
  out.path = mine.target->path();
  mine.failed = !out.error.empty();
  return out;
}

file_results file_worker::perform(const file_jobs& x) {
  file_results out;
  out.job = x.job;
  const auto found = jobs_.find(x.job);
  if (found == jobs_.end())
    return out; // Closed meanwhile: nobody waits for the answer.
  auto& mine = found->second;
  for (const auto& one : x.requests) {
    if (mine.failed)
      break;
    auto& result = out.results.emplace_back();
    if (mine.target) {
      result = mine.target->perform(one);
      mine.failed = !result.read && !result.error.empty();
    } else if (const auto* wanted = std::get_if<protocols::disk_read>(&one); wanted != nullptr && mine.source) {
      result.read = true;
      auto data = mine.source->read(*wanted);
      if (data)
        result.data = std::move(*data);
      else
        result.error = data.error().message();
    }
  }
  return out;
}

void file_worker::close(const close_files& x) {
  const auto found = jobs_.find(x.job);
  if (found == jobs_.end())
    return;
  if (found->second.target)
    found->second.target->close(x.fate);
  jobs_.erase(found);
}

caf::actor spawn_file_worker(runtime::host& where) {
  return where.single_threaded() ? runtime::spawn_pooled<file_worker>(where.system(), where.files())
                                 : runtime::spawn_detached<file_worker>(where.system(), where.files());
}

} // namespace librats::actors
