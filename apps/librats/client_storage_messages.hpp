// SPDX-License-Identifier: MIT
#pragma once

#include "librats.h"
#include "runtime/caf/message_types.hpp"

#include <variant>

LIBRATS_MESSAGE(librats::apps, change_storage_callback)

namespace librats::apps {

/// To the callback actor: replaces the callback of this kind; an empty function removes it.
struct change_storage_callback {
  std::variant<StorageChangeCallback, StorageSyncCompleteCallback> function;
};

} // namespace librats::apps
