// SPDX-License-Identifier: MIT
#pragma once

#include <caf/allowed_unsafe_message_type.hpp>

// The one list of message types. Messages never leave the process, so CAF is told to pass them as they are: no type gets
// a serializer, which would cost compile time in every file that sends one. A type that is missing here does not compile
// as a message. Only names stand here, no definitions, so nothing below actors/ learns more of them.
#define LIBRATS_MESSAGE(name_space, name)                                                                              \
  namespace name_space {                                                                                               \
  struct name;                                                                                                         \
  }                                                                                                                    \
  CAF_ALLOW_UNSAFE_MESSAGE_TYPE(name_space::name)

// Every actor (runtime/actor/common_messages.hpp).
LIBRATS_MESSAGE(librats::runtime, get_tree)
LIBRATS_MESSAGE(librats::runtime, tree_node)
LIBRATS_MESSAGE(librats::runtime, inject_crash)

// io_broker (runtime/io/io_broker.hpp).
LIBRATS_MESSAGE(librats::runtime, open_listener)
LIBRATS_MESSAGE(librats::runtime, listener_opened)
LIBRATS_MESSAGE(librats::runtime, stream_accepted)
LIBRATS_MESSAGE(librats::runtime, stream_handover)
LIBRATS_MESSAGE(librats::runtime, dial_stream)
LIBRATS_MESSAGE(librats::runtime, cancel_dial)
LIBRATS_MESSAGE(librats::runtime, stream_dialed)
LIBRATS_MESSAGE(librats::runtime, resolve_name)
LIBRATS_MESSAGE(librats::runtime, name_resolved)
LIBRATS_MESSAGE(librats::runtime, list_interfaces)
LIBRATS_MESSAGE(librats::runtime, interface_list)
