// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/transport.hpp"

#include <cstdint>

namespace librats::protocols {

/// Which end of a link we are. The node that dialed is the initiator, on both transports (wire/01 section 6).
enum class role : std::uint8_t { initiator, responder };

using librats::transport;

} // namespace librats::protocols
