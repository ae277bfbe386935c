// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/caf/message_types.hpp"
#include "runtime/config/config_value.hpp"

#include <string>
#include <vector>

LIBRATS_MESSAGE(librats::apps, report_status)
LIBRATS_MESSAGE(librats::apps, get_connect_entries)
LIBRATS_MESSAGE(librats::apps, connect_entries)

namespace librats::apps {

/// Tells the daemon to show the live tree and the peers, and to write them to a file. Not answered.
struct report_status {};

/// Asks the connector; answered with `connect_entries`.
struct get_connect_entries {};

/// What became of one `connect` line of the configuration.
struct connect_entry {
  runtime::host_port where;
  std::string state;  ///< `connected`, `dialing`, `waiting` or `given up`.
  std::string peer;   ///< The PeerId it leads to, once known.
  std::string error;  ///< Of the last dial, when that failed.
  unsigned dials = 0;
};

struct connect_entries {
  std::vector<connect_entry> all;
};

} // namespace librats::apps
