// SPDX-License-Identifier: MIT
// Upstream's file: reading it into the store, and writing one.
#include "actors/storage.hpp"

#include "protocols/storage/storage_codec.hpp"
#include "runtime/disk/disk_worker.hpp"

#include <caf/actor_cast.hpp>

#include <algorithm>
#include <utility>

namespace librats::actors {

namespace {

constexpr std::size_t file_max = std::size_t{4} << 30;
constexpr auto file_timeout = std::chrono::minutes{10};
/// Entries that are taken at once, before others have their turn.
constexpr std::size_t slice = 1000;

} // namespace

struct storage::import_job {
  protocols::storage_import file;
  std::size_t next = 0;
  storage_imported answer;
  std::size_t unwritten = 1; ///< Entries that are not on disk yet, and one for those that are not taken yet.
  bool answered = false;
  promise<storage_imported> who;

  void one_done(const caf::error* why) {
    --unwritten;
    if (answered || (!why && unwritten > 0))
      return;
    answered = true;
    if (why)
      who.deliver(*why);
    else
      who.deliver(answer);
  }
};

void storage::read_import(const import_storage& x, promise<storage_imported> who) {
  const auto path = x.path;
  ask(
    runtime::spawn_disk_worker(host_), file_timeout, runtime::read_whole_file{path, file_max},
    [this, path, who](const runtime::file_content& y) mutable {
      if (y.error) {
        who.deliver(runtime::failure("cannot read " + path + ": " + y.error.message()));
        return;
      }
      auto file = protocols::import_storage_file(y.content.view());
      if (!file) {
        who.deliver(runtime::failure(path + " is no file of a store: " + to_string(file.error())));
        return;
      }
      auto job = std::make_shared<import_job>();
      job->file = std::move(*file);
      job->answer.refused = job->file.refused;
      job->answer.missing = job->file.missing;
      job->who = std::move(who);
      imports_.push_back(std::move(job));
      if (imports_.size() == 1)
        go_on_importing();
    },
    [who](caf::error& why) mutable { who.deliver(why); });
}

void storage::go_on_importing() {
  if (imports_.empty())
    return;
  const auto job = imports_.front();
  auto& all = job->file.entries;
  const auto end = std::min(all.size(), job->next + slice);
  for (; job->next < end; ++job->next) {
    const auto& one = all[job->next];
    switch (replica_.adopt(wall_ms(), one)) {
    case protocols::storage_outcome::stored:
      ++job->answer.taken;
      ++job->unwritten;
      settle([job](const caf::error* why) { job->one_done(why); });
      break;
    case protocols::storage_outcome::older: ++job->answer.older; break;
    default: ++job->answer.refused;
    }
  }
  if (job->next < all.size()) {
    tell(caf::actor_cast<caf::actor>(this), continue_import{});
    return;
  }
  all = {};
  imports_.pop_front();
  job->one_done(nullptr);
  if (!imports_.empty())
    tell(caf::actor_cast<caf::actor>(this), continue_import{});
}

void storage::write_export(const export_storage& x, promise<storage_exported> who) {
  protocols::storage_export file;
  storage_exported answer;
  replica_.store().for_each([&](std::string_view key, const protocols::storage_record& record) {
    file.add(key, record);
    ++answer.entries;
  });
  auto content = file.take();
  answer.bytes = content.size();
  const auto path = x.path;
  ask(
    runtime::spawn_disk_worker(host_), file_timeout, runtime::write_whole_file{path, byte_slice{std::move(content)}},
    [path, answer, who](const runtime::file_written& y) mutable {
      if (y.error)
        who.deliver(runtime::failure("cannot write " + path + ": " + y.error.message()));
      else
        who.deliver(answer);
    },
    [who](caf::error& why) mutable { who.deliver(why); });
}

} // namespace librats::actors
