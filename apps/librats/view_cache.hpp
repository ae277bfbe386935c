// SPDX-License-Identifier: MIT
#pragma once

#include "apps/librats/client_view.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace librats::apps {

/// What one thread remembers about one client.
struct thread_memory {
  std::weak_ptr<const void> client_alive;
  std::weak_ptr<const void> valid;        ///< See `view_lease`.
  std::weak_ptr<const client_view> view;  ///< Weak, so that a thread that is done with a client keeps nothing of it.
  std::unordered_map<peer_id, std::size_t> unconfirmed;  ///< Bytes sent since the peer's link last answered.
  std::unordered_map<std::string, std::size_t> published;  ///< By topic: bytes since the node last answered.
  bytes scratch;                                         ///< What a message is written into; at most some KB.
  std::optional<RatsPeer> shown;                         ///< What `get_peer_by_id` points to.
  ReconnectConfig shown_reconnect;                       ///< What `get_reconnect_config` refers to.
  FileTransferConfig shown_files;                        ///< The same of `get_file_transfer_config`...
  StorageConfig shown_storage;                           ///< ...and `get_storage_config`.
};

/// The calling thread's memory of the client whose token this is; a fresh one at the first call. The reference stays
/// good while the client lives. Linear in the number of clients that the thread uses.
thread_memory& memory_of_this_thread(const std::shared_ptr<const void>& client_alive);

} // namespace librats::apps
