// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace librats::protocols {

/// Which end of a link we are. The node that dialed is the initiator, on both transports (wire/01 section 6).
enum class role : std::uint8_t { initiator, responder };

/// What carries the byte stream of a link. Everything above is the same on both.
enum class transport : std::uint8_t { tcp, udp };

} // namespace librats::protocols
