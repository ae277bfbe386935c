// SPDX-License-Identifier: MIT
#pragma once

#include "actors/transfer_parts.hpp"
#include "runtime/disk/disk.hpp"

#include <string>
#include <system_error>

namespace librats::actors {

// The folder of what is not complete: one per node, with nothing else in it. `KEY.journal` and `KEY.N.part` belong to a
// transfer that comes in (target_files.hpp), `N.offer` to one that goes out (pending_offer.hpp); `delivered` has the
// fingerprints of the last offers that are done. Everything here blocks.

/// How the names of an incoming transfer begin: 64 hex digits of its sender, a dot, its number in hex.
std::string key_of(const peer_id& sender, transfer_number id);

/// Removes what an incoming transfer has left.
void remove_partial(runtime::disk& files, const std::string& folder, const std::string& key);

/// Reads the folder and removes what is of no use there. One that does not exist is empty.
transfers_loaded load_folder(runtime::disk& files, const load_transfers& what);

/// Remembers that an offer is done. False when the disk does not.
bool note_delivered(runtime::disk& files, const std::string& folder, const protocols::sha256_digest& fingerprint);

/// Keeps an offer for after a crash, or says why not, in which case it goes on only as long as the process.
std::error_code store_offer(runtime::disk& files, const store_outgoing& x);
/// Forgets it.
void forget_offer(runtime::disk& files, const forget_outgoing& x);

} // namespace librats::actors
