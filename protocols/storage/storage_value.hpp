// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/result.hpp"
#include "protocols/storage/storage_entry.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace librats::protocols {

/// A value as the wire has it (wire/06 section 1), ready to be put.
struct storage_value {
  std::uint8_t type = static_cast<std::uint8_t>(storage_type::binary);
  byte_slice data;
};

storage_value storage_binary(bytes_view data);
/// Any bytes; their encoding is not checked, as nobody else does.
storage_value storage_string(std::string_view text);
/// Two's complement, big-endian.
storage_value storage_int64(std::int64_t number);
/// The bits of IEEE 754 binary64, big-endian; NaNs keep theirs.
storage_value storage_double(double number);
/// Compact text. Error: `bad_text` for what JSON text cannot hold (typed_json.hpp).
result<storage_value> storage_json(const nlohmann::json& document);

// What was put; empty when the record is deleted, of another type, or malformed.
std::optional<bytes> as_binary(const storage_record& x);
std::optional<std::string> as_string(const storage_record& x);
std::optional<std::int64_t> as_int64(const storage_record& x);
std::optional<double> as_double(const storage_record& x);
std::optional<nlohmann::json> as_json(const storage_record& x);

} // namespace librats::protocols
