// SPDX-License-Identifier: MIT
#include "protocols/core/result.hpp"

namespace librats {

const char* to_string(wire_errc code) noexcept {
  switch (code) {
    case wire_errc::truncated: return "truncated";
    case wire_errc::trailing_bytes: return "trailing bytes";
    case wire_errc::too_large: return "declared size above the limit";
    case wire_errc::unknown_version: return "unknown version";
    case wire_errc::unknown_kind: return "unknown kind";
    case wire_errc::bad_address: return "malformed address";
    case wire_errc::bad_text: return "malformed text";
    case wire_errc::protocol_mismatch: return "different protocol string";
    case wire_errc::bad_key: return "unusable key";
    case wire_errc::not_authentic: return "authentication failed";
    case wire_errc::nonce_exhausted: return "message counter used up";
    case wire_errc::out_of_order: return "not allowed in this state";
  }
  return "unknown error";
}

} // namespace librats
