// SPDX-License-Identifier: MIT
#include "actors/storage_shard.hpp"

#include "protocols/core/byte_writer.hpp"
#include "protocols/storage/storage_codec.hpp"

#include <filesystem>
#include <utility>
#include <vector>

namespace librats::actors {

namespace {

/// Of keys and values: one page is one message to the store, which has other things to do as well.
constexpr std::size_t page_bytes = 256 * 1024;

} // namespace

caf::actor spawn_storage_shard(runtime::host& host, runtime::database_options where) {
  return host.single_threaded() ? runtime::spawn_pooled<storage_shard>(host.system(), host, std::move(where))
                                : runtime::spawn_detached<storage_shard>(host.system(), host, std::move(where));
}

caf::behavior storage_shard::handlers() {
  return {
    [this](const read_shard& x) { return read(x); },
    [this](const commit_shard& x) { return commit(x); },
  };
}

std::optional<runtime::database_error> storage_shard::open(shard_opening& found) {
  if (database_)
    return std::nullopt;
  const auto folder = std::filesystem::path{where_.path}.parent_path().string();
  if (const auto error = host_.files().make_folder(folder))
    return runtime::database_error{
      runtime::database_trouble::read_only, "cannot make the folder " + folder + ": " + error.message()};
  auto opened = host_.open_database(where_);
  if (!opened)
    return opened.error();
  database_ = std::move(*opened);
  found.set_aside = database_->opening().set_aside;
  found.emptied = database_->opening().created;
  return std::nullopt;
}

shard_page storage_shard::read(const read_shard& x) {
  shard_page out;
  const auto give_up = [&](const runtime::database_error& why) {
    database_.reset();
    out.entries.clear();
    out.trouble = why.sentence;
    out.in_use = why.kind == runtime::database_trouble::in_use;
    return std::move(out);
  };
  if (const auto error = open(out.opening))
    return give_up(*error);
  const auto page = database_->read(x.after, page_bytes);
  if (!page)
    return give_up(page.error());
  for (const auto& [key, value] : page->rows) {
    // The checksum of the entry is the database's second opinion.
    auto one = protocols::storage_entries_view{1, value}.next();
    auto entry = one ? protocols::admit(*one) : result<protocols::storage_entry>{wire_errc::truncated};
    if (entry && entry->key == key)
      out.entries.push_back(std::move(*entry));
    else
      ++out.damaged;
    out.last = key;
  }
  out.done = page->done;
  out.disk_bytes = database_->disk_bytes();
  return out;
}

shard_committed storage_shard::commit(const commit_shard& x) {
  shard_committed out;
  auto error = open(out.opening);
  if (!error) {
    std::vector<bytes> values;
    std::vector<runtime::database_write> batch;
    values.reserve(x.writes->size());
    batch.reserve(x.writes->size());
    for (const auto& one : *x.writes) {
      byte_writer value;
      if (one.record)
        protocols::write_entry(value, one.key, *one.record);
      values.push_back(value.take());
      batch.push_back({one.key, values.back(), !one.record});
    }
    error = database_->commit(batch);
  }
  if (!error) {
    out.disk_bytes = database_->disk_bytes();
    return out;
  }
  // A full disk leaves the database as it was. Anything else, and it is looked at anew.
  if (error->kind != runtime::database_trouble::full)
    database_.reset();
  out.trouble = error->sentence;
  return out;
}

} // namespace librats::actors
