// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/time.hpp"

#include <chrono>
#include <cstdint>

namespace librats::runtime {

/// What a box that translates addresses does, in the four kinds of RFC 3489 section 5 that everybody knows. In terms of
/// RFC 4787: how it maps (section 4.1) and what it lets in (section 5).
enum class nat_kind : std::uint8_t {
  full_cone,          ///< Endpoint-independent mapping and filtering.
  address_restricted, ///< Endpoint-independent mapping, address-dependent filtering.
  port_restricted,    ///< Endpoint-independent mapping, address- and port-dependent filtering.
  symmetric,          ///< Address- and port-dependent mapping and filtering.
};

struct nat_profile {
  nat_kind kind = nat_kind::port_restricted;
  /// Whether two hosts inside reach each other by their addresses outside (RFC 4787 section 6).
  bool hairpin = false;
  /// A UDP mapping is forgotten when nothing was sent through it for so long. RFC 4787 section 4.3 demands two minutes
  /// at least; many have less.
  duration udp_timeout = std::chrono::minutes{2};
};

} // namespace librats::runtime
