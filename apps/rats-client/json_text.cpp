// SPDX-License-Identifier: MIT
#include "apps/rats-client/json_text.hpp"

#include "runtime/log/escape.hpp"

#include <nlohmann/json.hpp>

namespace librats::apps {

bool parse_typed_in(std::string_view text, nlohmann::ordered_json& into, std::string& mistake) {
  // The reader of protocols/typed tells no position, because peers need none.
  try {
    into = nlohmann::ordered_json::parse(text);
    return true;
  } catch (const nlohmann::ordered_json::parse_error& cause) {
    const std::string_view what = cause.what();
    const auto colon = what.find(": ");  // Behind line and column.
    const auto reason = colon == std::string_view::npos ? what : what.substr(colon + 2);
    mistake = "that is no JSON, at character " + std::to_string(cause.byte) + ": " + runtime::escaped(reason, 200);
  } catch (const std::exception& cause) {
    mistake = "that is no JSON: " + runtime::escaped(cause.what(), 200);
  }
  return false;
}

} // namespace librats::apps
