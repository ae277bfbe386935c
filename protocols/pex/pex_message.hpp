// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/endpoint.hpp"
#include "protocols/core/peer_id.hpp"
#include "protocols/core/result.hpp"

#include <cstddef>
#include <cstdint>
#include <variant>
#include <vector>

namespace librats::protocols {

// The payload of a Pex message (wire/02 section 3):
//
//     request : u8 1 | u8 0 | u16 max
//     response: u8 1 | u8 1 | u16 count | count * { address element | bytes[32] PeerId }

/// Entries that are asked for and answered with, at most. More in a response were not asked for and are not read.
constexpr std::size_t pex_entries_max = 32;

/// Asks for addresses of other peers.
struct pex_request {
  std::uint16_t max = pex_entries_max;  ///< 0 asks for nothing and gets no answer.
};

/// Where a peer is said to be found. Nothing in it is proven before it was dialed.
struct pex_entry {
  endpoint address;
  peer_id id;

  friend bool operator==(const pex_entry& a, const pex_entry& b) noexcept {
    return a.address == b.address && a.id == b.id;
  }
};

struct pex_response {
  std::vector<pex_entry> entries;
};

using pex_message = std::variant<pex_request, pex_response>;

bytes encode(const pex_request& x);
/// Leaves out entries that nobody can dial, and all after the 32nd.
bytes encode(const pex_response& x);

/// Tolerates trailing bytes. A response that ends early, or has an address of another length in it, yields what stands
/// complete before that point, as upstream acts on it; entries may have port 0. Errors: `truncated`, `unknown_version`,
/// `unknown_kind`. A refused message is dropped.
result<pex_message> decode_pex(bytes_view in);

} // namespace librats::protocols
