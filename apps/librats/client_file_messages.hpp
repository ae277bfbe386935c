// SPDX-License-Identifier: MIT
#pragma once

#include "librats.h"
#include "runtime/caf/message_types.hpp"

#include <cstdint>
#include <variant>

LIBRATS_MESSAGE(librats::apps, change_file_callback)
LIBRATS_MESSAGE(librats::apps, forget_ended_transfers)

namespace librats::apps {

enum class file_callback_kind : std::uint8_t {
  progress,
  completed,
  offered,
  directory_progress,
  file_wanted,
  directory_wanted,
};

/// To the callback actor: replaces the callback of this kind; an empty function removes it.
struct change_file_callback {
  file_callback_kind kind = file_callback_kind::progress;
  std::variant<FileTransferProgressCallback, FileTransferCompletedCallback, FileTransferRequestCallback,
    DirectoryTransferProgressCallback, FileRequestCallback, DirectoryRequestCallback>
    function;
};

/// To the client actor: those that have ended are shown no more. Not answered.
struct forget_ended_transfers {};

} // namespace librats::apps
