// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/peer_id.hpp"
#include "protocols/core/result.hpp"

#include <array>
#include <cstdint>
#include <string>

namespace librats::protocols {

/// What a sender keeps of an offer, so that it is repeated after a crash:
///
///     "RTSO" | u8 version 1 | u8 flags (1: recursive, 2: below a root, 4: a folder was wanted) | u64 number
///            | bytes[32] peer | bytes[16] secret | u64 since, s | u16 len, root | u16 len, path | u16 len, name
///            | bytes[32] SHA-256 of all that
struct pending_offer {
  std::uint64_t number = 0;
  peer_id peer;
  std::array<std::uint8_t, 16> secret{};
  std::int64_t since_s = 0; ///< Seconds since 1970.
  std::string root;         ///< Empty: `path` is whole.
  std::string path;
  std::string name;
  bool recursive = true;
  bool below_root = false;
  bool folder_wanted = false;
};

/// Errors: `too_large` when a text is longer than 65,535 bytes.
result<bytes> encode(const pending_offer& x);

/// Errors: `truncated`, `unknown_kind` (something else), `unknown_version`, `not_authentic` (damaged),
/// `trailing_bytes`.
result<pending_offer> decode_pending_offer(bytes_view in);

} // namespace librats::protocols
