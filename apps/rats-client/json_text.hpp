// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>

namespace librats::apps {

/// Reads one JSON document that a person typed. On a mistake returns false and says in `mistake` what is wrong and at
/// which character, counted from 1.
bool parse_typed_in(std::string_view text, nlohmann::ordered_json& into, std::string& mistake);

} // namespace librats::apps
