// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/endpoint.hpp"
#include "protocols/core/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace librats::protocols {

constexpr std::uint8_t transport_bit_tcp = 1;
constexpr std::uint8_t transport_bit_udp = 2;

/// Addresses in one identify; a message that declares more is refused as a whole (wire/02 section 1).
constexpr std::size_t identify_addresses_max = 32;

/// The payload of a Control message: what a node says about itself and about us (wire/02 section 1). It is a claim:
/// nothing in it is proven.
struct identify {
  std::uint16_t listen_port = 0;    ///< 0: does not accept links.
  std::vector<endpoint> addresses;  ///< Where the sender believes it can be dialed. Received entries may have port 0.
  std::optional<endpoint> observed; ///< How the sender sees us; the port is 0 on TCP.
  std::uint8_t transports = 0;      ///< `transport_bit_*` of what it listens on; 0: nothing, or it did not say.
};

/// Leaves out addresses that nobody can dial, everything after the 32nd, and an observed address that is all zero.
bytes encode(const identify& x);

/// Tolerates trailing bytes and a missing last byte. Errors: `unknown_version`, `too_large` (count), `bad_address`,
/// `truncated`. A refused message is dropped; the link stays up.
result<identify> decode_identify(bytes_view in);

} // namespace librats::protocols
