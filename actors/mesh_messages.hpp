// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/address_book/address_book.hpp"
#include "protocols/pex/pex_policy.hpp"
#include "protocols/reconnect/reconnect_schedule.hpp"
#include "runtime/caf/message_types.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace librats::actors {

// More of the public messages of `node`: what it does by itself to keep and to find peers.

/// Changes when lost peers are dialed again, or whether at all. Not answered.
struct configure_reconnect {
  protocols::reconnect_config config;
};

/// Forgets all lost peers that are to be dialed again, except those of the configuration. Not answered.
struct clear_reconnect_queue {};

/// Answered with `reconnect_status`.
struct get_reconnect_status {};

struct reconnect_status {
  protocols::reconnect_config config;
  std::vector<protocols::reconnect_target> targets;  ///< Times are on the clock of the actors.
  std::size_t addresses_known = 0;  ///< In the address book.
  std::string book_error;           ///< Why the book is not kept on disk, if it should be; else empty.
};

/// Answered with `address_book_report`.
struct get_address_book {};

struct address_book_report {
  std::vector<protocols::address_entry> entries;  ///< The best first.
};

/// Answered with `exchange_status`.
struct get_exchange_status {};

struct exchange_status {
  bool enabled = false;
  std::size_t peers_wanted = 0;  ///< 0: as many as can be found.
  protocols::pex_policy::figures counted;
  std::size_t addresses_dialed = 0;  ///< That are remembered, so as not to be dialed again at once.
};

} // namespace librats::actors
