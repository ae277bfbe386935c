// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/caf/message_types.hpp"

LIBRATS_MESSAGE(librats::apps, report_status)

namespace librats::apps {

/// Tells the daemon to show the live tree and the peers, and to write them to a file. Not answered.
struct report_status {};

} // namespace librats::apps
