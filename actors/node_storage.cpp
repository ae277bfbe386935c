// SPDX-License-Identifier: MIT
// The node's part in the replicated store: who watches it, and whom requests go to.
#include "actors/node.hpp"
#include "actors/storage.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace librats::actors {

namespace {

constexpr auto storage_name = "storage";
/// What is being committed shall get its answer.
constexpr auto storage_deadline = std::chrono::seconds{15};

constexpr auto switched_off = "storage is switched off";
constexpr auto restarting = "storage is being restarted";

bool begins_with(const std::string& text, const std::string& prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

} // namespace

void node::start_storage() {
  if (!options_.storage.enabled)
    return;
  add_child({storage_name, runtime::restart_kind::permanent, storage_deadline,
    [this, self = address()] {
      return runtime::spawn_pinned<storage>(system(), shared_loop(), host_, storage::args{options_.storage, id_, self});
    }});
}

template <class Reply, class Message>
caf::result<Reply> node::ask_storage(const Message& request) {
  if (!options_.storage.enabled)
    return runtime::failure(switched_off);
  if (const auto running = child(storage_name))
    return pass_on<Reply>(running, request);
  return runtime::failure(restarting);
}

caf::message_handler node::storage_handlers() {
  return {
    [this](const open_storage& x) {
      if (options_.storage.enabled)
        return;
      options_.storage = x.options;
      options_.storage.enabled = true;
      start_storage();
    },
    [this](const put_value& x) { return ask_storage<value_put>(x); },
    [this](const remove_key& x) { return ask_storage<key_removed>(x); },
    [this](const get_value& x) { return ask_storage<value_got>(x); },
    [this](const list_keys& x) { return ask_storage<key_list>(x); },
    [this](const compact_storage& x) { return ask_storage<storage_compacted>(x); },
    [this](const request_storage_sync& x) { return ask_storage<storage_sync_requested>(x); },
    [this](const await_storage_ready& x) { return ask_storage<storage_ready>(x); },
    [this](const import_storage& x) { return ask_storage<storage_imported>(x); },
    [this](const export_storage& x) { return ask_storage<storage_exported>(x); },
    [this](const get_storage_status& x) -> caf::result<storage_status> {
      if (!options_.storage.enabled)
        return storage_status{};
      return ask_storage<storage_status>(x);
    },
    [this](const watch_storage& x) {
      forget_in_storage(x.watcher.address());
      storage_watchers_.push_back(x);
      observe(x.watcher);
    },
    [this](const unwatch_storage& x) { forget_in_storage(x.watcher.address()); },
    // -- from the store
    [this](const storage_changed& x) { tell_storage_watchers(x); },
    [this](const storage_synced& x) {
      for (const auto& one : storage_watchers_)
        send(one.watcher, x);
    },
  };
}

void node::forget_in_storage(const caf::actor_addr& who) {
  storage_watchers_.erase(std::remove_if(storage_watchers_.begin(), storage_watchers_.end(),
                            [&](const auto& x) { return x.watcher.address() == who; }),
    storage_watchers_.end());
}

void node::tell_storage_watchers(const storage_changed& x) {
  if (storage_watchers_.empty())
    return;
  const auto all = caf::make_message(x);
  for (const auto& one : storage_watchers_) {
    if (one.prefix.empty()) {
      send(one.watcher, all);
      continue;
    }
    storage_changed some;
    std::copy_if(x.changes.begin(), x.changes.end(), std::back_inserter(some.changes),
      [&](const auto& change) { return begins_with(change.key, one.prefix); });
    if (!some.changes.empty())
      send(one.watcher, std::move(some));
  }
}

} // namespace librats::actors
