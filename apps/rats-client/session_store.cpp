// SPDX-License-Identifier: MIT
// Commands about the replicated store, and what is heard of it.
#include "apps/rats-client/client_session.hpp"
#include "apps/ratsd/status_text.hpp"
#include "runtime/log/escape.hpp"

#include <caf/actor_cast.hpp>

#include <utility>

namespace librats::apps {

namespace {

constexpr std::size_t shown_max = 400; ///< Bytes of a key or value on the screen.
constexpr std::size_t listed_max = 1000;
/// So long a script waits until the store is that of its peers.
constexpr auto sync_patience = std::chrono::seconds{5};
/// A file may be large, and the disk slow.
constexpr auto file_patience = std::chrono::minutes{10};

std::string value_text(const protocols::storage_record& x) {
  if (x.deleted)
    return "removed";
  if (const auto number = protocols::as_int64(x))
    return std::to_string(*number);
  if (const auto number = protocols::as_double(x))
    return std::to_string(*number);
  return runtime::escaped(x.data.text(), shown_max);
}

std::string shown(const std::string& key) {
  return runtime::escaped(key, shown_max);
}

} // namespace

caf::message_handler client_session::store_handlers() {
  return {
    [this](const actors::storage_changed& x) { noticed(x); },
    [this](const actors::storage_synced&) {
      store_known_ = true;
      store_ready();
    },
    [this](const store_overdue&) { store_ready(); },
  };
}

void client_session::watch_store() {
  if (options_.store)
    tell(node_, actors::watch_storage{caf::actor_cast<caf::actor>(this), {}});
}

/// A script has just connected, and is gone in a moment: what it reads shall be what its peers have, and what it writes
/// shall reach them.
void client_session::with_store(std::function<void()> then) {
  if (!options_.script || !options_.store || store_known_ || peers_.empty())
    return then();
  when_store_known_ = std::move(then);
  delayed_send(this, sync_patience, store_overdue{});
}

void client_session::store_ready() {
  if (const auto then = std::exchange(when_store_known_, nullptr))
    then();
}

void client_session::set_value(const std::string& key, const std::string& text) {
  ask(
    node_, answer_timeout, actors::put_value{key, protocols::storage_string(text)},
    [this](const actors::value_put&) { line_done(); },
    [this](caf::error& why) { end_badly(runtime::describe_error(why)); });
}

void client_session::show_value(const std::string& key) {
  show<actors::value_got>(actors::get_value{key}, [key](const actors::value_got& x) {
    return x.record ? value_text(*x.record) : "* there is nothing under " + shown(key);
  });
}

void client_session::remove_value(const std::string& key) {
  ask(
    node_, answer_timeout, actors::remove_key{key},
    [this, key](const actors::key_removed& x) {
      if (!x.existed)
        out_->print("* there is nothing under " + shown(key));
      line_done();
    },
    [this](caf::error& why) { end_badly(runtime::describe_error(why)); });
}

void client_session::list_values(const std::string& prefix) {
  show<actors::key_list>(actors::list_keys{prefix, {}, listed_max}, [](const actors::key_list& x) {
    std::string out = "* " + std::to_string(x.keys.size()) + (x.keys.size() == 1 ? " key" : " keys")
      + (x.more ? ", and there are more" : "");
    for (const auto& key : x.keys)
      out += "\n" + shown(key);
    return out;
  });
}

void client_session::show_store() {
  show<actors::storage_status>(actors::get_storage_status{}, [](const actors::storage_status& x) {
    auto out = storage_text(x);
    if (!out.empty() && out.back() == '\n')
      out.pop_back();
    return out;
  });
}

void client_session::import_file(const std::string& path) {
  show<actors::storage_imported>(
    actors::import_storage{path},
    [](const actors::storage_imported& x) {
      return "* took " + std::to_string(x.taken) + " entries; " + std::to_string(x.older) + " were not newer, "
        + std::to_string(x.refused) + " refused, " + std::to_string(x.missing) + " unreadable";
    },
    file_patience);
}

void client_session::export_file(const std::string& path) {
  show<actors::storage_exported>(
    actors::export_storage{path},
    [path](const actors::storage_exported& x) {
      return "* wrote " + std::to_string(x.entries) + " entries, " + std::to_string(x.bytes) + " bytes, to "
        + runtime::escaped(path, shown_max);
    },
    file_patience);
}

void client_session::noticed(const actors::storage_changed& x) {
  for (const auto& one : x.changes) {
    if (!one.remote)
      continue; // The person has just typed it.
    const auto& by = one.after.version.origin;
    out_->print("* " + shown(one.key) + (one.after.deleted ? " was removed" : " = " + value_text(one.after))
      + (by ? " by " + names_.name(*by) : ""));
  }
}

} // namespace librats::apps
