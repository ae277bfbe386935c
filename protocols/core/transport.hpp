// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace librats {

/// What carries the byte stream of a link. Nothing above the stream depends on it but the duplicate rule and reports.
enum class transport : std::uint8_t { tcp, udp };

} // namespace librats
