// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/endpoint.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace librats::protocols {

// Tolerant reading of the files that other programs write too. For sources: it brings all of nlohmann/json along.

/// The member as text; empty when there is none or it is something else. `from` may be of any type.
inline std::optional<std::string> text_member(const nlohmann::ordered_json& from, const char* name) {
  if (!from.is_object())
    return std::nullopt;
  const auto found = from.find(name);
  if (found == from.end() || !found->is_string())
    return std::nullopt;
  return found->get<std::string>();
}

/// The member as a whole number from 0 to 2^63 - 1; else 0.
inline std::int64_t number_member(const nlohmann::ordered_json& from, const char* name) {
  if (!from.is_object())
    return 0;
  const auto found = from.find(name);
  if (found == from.end() || !found->is_number_integer())
    return 0;
  const auto out = found->get<std::int64_t>();
  return out < 0 ? 0 : out;
}

/// The members `ip` (a literal) and `port` (1 to 65535).
inline std::optional<endpoint> endpoint_member(const nlohmann::ordered_json& from) {
  const auto ip = text_member(from, "ip");
  const auto port = number_member(from, "port");
  const auto address = ip ? ip_address::parse(*ip) : std::nullopt;
  if (!address || address->is_unspecified() || port < 1 || port > 65535)
    return std::nullopt;
  return endpoint{*address, static_cast<std::uint16_t>(port)};
}

} // namespace librats::protocols
