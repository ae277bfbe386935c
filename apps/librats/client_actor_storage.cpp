// SPDX-License-Identifier: MIT
// The client's part of the replicated store, which its node opens when the program first wants something of it.
#include "apps/librats/client_actor.hpp"

#include <utility>

namespace librats::apps {

template <class Reply, class Message>
caf::result<Reply> client_actor::ask_store(const Message& x) {
  if (phase_ != phase::running)
    return runtime::failure("the client does not run");
  open_store();
  return pass_on<Reply>(node_, x);
}

caf::message_handler client_actor::storage_handlers() {
  return {
    [this](const actors::storage_changed&) { hand_on(callbacks_); },
    [this](const actors::storage_synced& x) { tell(callbacks_, x); },
    [this](const actors::put_value& x) { return ask_store<actors::value_put>(x); },
    [this](const actors::get_value& x) { return ask_store<actors::value_got>(x); },
    [this](const actors::remove_key& x) { return ask_store<actors::key_removed>(x); },
    [this](const actors::list_keys& x) { return ask_store<actors::key_list>(x); },
    [this](const actors::request_storage_sync& x) { return ask_store<actors::storage_sync_requested>(x); },
    [this](const actors::compact_storage& x) { return ask_store<actors::storage_compacted>(x); },
    [this](const actors::import_storage& x) { return ask_store<actors::storage_imported>(x); },
    [this](const actors::export_storage& x) { return ask_store<actors::storage_exported>(x); },
    [this](const actors::await_storage_ready& x) { return ask_store<actors::storage_ready>(x); },
    [this](const actors::get_storage_status& x) -> caf::result<actors::storage_status> {
      if (phase_ != phase::running)
        return actors::storage_status{};
      return pass_on<actors::storage_status>(node_, x);
    },
  };
}

/// A folder that nobody asked for is not made, so this waits for the program.
void client_actor::open_store() {
  if (std::exchange(store_open_, true))
    return;
  tell(node_, actors::open_storage{make_storage(*settings_)});
  tell(node_, actors::watch_storage{self(), {}});
}

} // namespace librats::apps
