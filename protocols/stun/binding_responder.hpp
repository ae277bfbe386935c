// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/endpoint.hpp"
#include "protocols/stun/message.hpp"

#include <optional>
#include <string_view>

namespace librats::protocols::stun {

/// The answer of a STUN server that keeps nothing (RFC 8489 section 6.3): tells who sent the Binding request `in` that
/// it was seen at `from`. An attribute that we would have to understand and do not is answered with error 420. Anything
/// else (indications, responses, other methods, no STUN at all, a wrong FINGERPRINT) gets no answer. A request with a
/// FINGERPRINT is answered with one, for its sender seems to need it.
///
/// The answer is at most 3 times as large as the request (with the usual `software`), and goes to an address that
/// nobody proved: whoever calls this limits how often it answers.
std::optional<bytes> answer_binding(const endpoint& from, bytes_view in, std::string_view software = "librats");

} // namespace librats::protocols::stun
