// SPDX-License-Identifier: MIT
#pragma once

#include "actors/transfer_messages.hpp"
#include "librats.h"

#include <optional>
#include <string>

namespace librats::apps {

/// Whether nothing follows.
[[nodiscard]] inline bool has_ended(actors::transfer_phase x) noexcept {
  return x == actors::transfer_phase::completed || x == actors::transfer_phase::failed
         || x == actors::transfer_phase::cancelled;
}

/// A transfer in the terms of the client API.
FileTransferProgress describe(const actors::transfer_report& x);

/// What an offer is about.
FileMetadata describe(const actors::transfer_offered& x);

/// The number of a transfer id; empty for any text that is none.
std::optional<actors::transfer_number> parse_transfer_id(const std::string& text);

/// Where an offer goes whose program has only said yes: the name in the working directory, with a number when something
/// is there already. Looks at the disk.
std::string free_destination(const std::string& name);

/// Whether a path that a peer asks for is safe to hand to the program: it names something that lies below the working
/// directory, links followed. Looks at the disk. Empty when it is, else a sentence for the peer.
std::string refusal_of_request(const std::string& path);

} // namespace librats::apps
