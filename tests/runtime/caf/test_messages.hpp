// SPDX-License-Identifier: MIT
#pragma once

#include <caf/allowed_unsafe_message_type.hpp>

#include <functional>

namespace librats::runtime {

class actor_core;

/// Makes a test actor run a piece of the test as if it were its own handler.
struct call_inside {
  std::function<void(actor_core&)> what;
};

/// Something to count and to compare.
struct numbered {
  int sender = 0;
  int number = 0;
};

} // namespace librats::runtime

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(librats::runtime::call_inside)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(librats::runtime::numbered)
