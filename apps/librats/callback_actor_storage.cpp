// SPDX-License-Identifier: MIT
#include "apps/librats/callback_actor.hpp"

namespace librats::apps {

namespace {

StorageChangeEvent describe(const protocols::storage_change& x) {
  StorageChangeEvent out;
  out.operation = x.after.deleted ? StorageOperation::OP_DELETE : StorageOperation::OP_PUT;
  out.key = x.key;
  out.type = static_cast<StorageValueType>(x.after.type);
  if (x.before && !x.before->deleted)
    out.old_data = to_bytes(x.before->data.view());
  if (!x.after.deleted)
    out.new_data = to_bytes(x.after.data.view());
  out.timestamp_ms = x.after.version.timestamp_ms;
  if (x.after.version.origin)
    out.origin_peer_id = x.after.version.origin->to_string();
  out.is_remote = x.remote;
  return out;
}

} // namespace

caf::message_handler callback_actor::storage_handlers() {
  return {
    [this](const actors::storage_changed& x) {
      for (const auto& one : x.changes) {
        if (!on_change_ || delivering_.expired())
          return;
        call(on_change_, describe(one));
      }
    },
    [this](const actors::storage_synced&) { call(on_synced_, true, std::string{}); },
    [this](const change_storage_callback& x) { apply(x); },
  };
}

void callback_actor::apply(const change_storage_callback& x) {
  if (const auto* change = std::get_if<StorageChangeCallback>(&x.function))
    on_change_ = share(*change);
  else
    on_synced_ = share(std::get<StorageSyncCompleteCallback>(x.function));
}

} // namespace librats::apps
