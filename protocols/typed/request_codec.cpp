// SPDX-License-Identifier: MIT
#include "protocols/typed/request_codec.hpp"

#include "protocols/typed/json_members.hpp"
#include "protocols/typed/typed_json.hpp"
#include "protocols/typed/typed_message.hpp"

#include <nlohmann/json.hpp>

#include <charconv>
#include <system_error>

namespace librats::protocols {

namespace {

/// What stands for a sentence that cannot travel.
constexpr std::string_view no_sentence = "failed";

std::string quoted(std::string_view text) {
  return dump_json(nlohmann::json(text)).value(); // A string is neither deep nor binary.
}

/// The string that `text` is; empty when it is anything else or no UTF-8.
std::optional<std::string> read_string(std::string_view text) {
  auto value = parse_json(text);
  if (!value || !value->is_string())
    return std::nullopt;
  return std::move(value->get_ref<std::string&>());
}

std::optional<std::uint64_t> read_id(std::string_view text) {
  const auto digits = read_string(text);
  if (!digits)
    return std::nullopt;
  std::uint64_t out = 0;
  const auto* end = digits->data() + digits->size();
  const auto parsed = std::from_chars(digits->data(), end, out);
  return parsed.ec == std::errc{} && parsed.ptr == end ? std::optional{out} : std::nullopt;
}

/// At most `request_error_max` bytes, cut where a character ends.
std::string_view shortened(std::string_view text) noexcept {
  if (text.size() <= request_error_max)
    return text;
  auto size = request_error_max;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80)
    --size;
  return text.substr(0, size);
}

result<bytes> join(std::string_view outer_type, const std::string& head, std::string_view data_text) {
  return encode_typed(outer_type, head + std::string{data_text} + '}');
}

std::string head_of(std::uint64_t id) {
  return "{\"id\":\"" + std::to_string(id) + '"';
}

} // namespace

result<bytes> encode_request(std::uint64_t id, std::string_view type, std::string_view data_text) {
  if (type.size() > typed_type_max)
    return wire_errc::too_large;
  const auto name = quoted(type);
  if (!read_string(name) || !is_one_json_value(data_text))
    return wire_errc::bad_text;
  return join(request_type, head_of(id) + ",\"type\":" + name + ",\"data\":", data_text);
}

result<bytes> encode_response(std::uint64_t id, std::string_view data_text) {
  if (!is_one_json_value(data_text))
    return wire_errc::bad_text;
  return join(response_type, head_of(id) + ",\"data\":", data_text);
}

bytes encode_error_response(std::uint64_t id, std::string_view sentence) {
  auto text = quoted(shortened(sentence));
  if (!read_string(text))
    text = quoted(no_sentence);
  return join(response_type, head_of(id) + ",\"error\":", text).value(); // The type is ours and short.
}

result<request_view> decode_request(std::string_view json_text) {
  std::optional<std::uint64_t> id;
  std::optional<std::string> type;
  request_view out;
  json_members members{json_text};
  while (const auto one = members.next()) {
    if (one->name == "id")
      id = read_id(one->value);
    else if (one->name == "type")
      type = read_string(one->value);
    else if (one->name == "data")
      out.data_text = one->value;
  }
  if (!members.ok() || !id || !type || type->size() > typed_type_max)
    return wire_errc::bad_text;
  out.id = *id;
  out.type = std::move(*type);
  return out;
}

result<response_view> decode_response(std::string_view json_text) {
  std::optional<std::uint64_t> id;
  bool broken = false;
  response_view out;
  json_members members{json_text};
  while (const auto one = members.next()) {
    if (one->name == "id") {
      id = read_id(one->value);
    } else if (one->name == "data") {
      out.data_text = one->value;
    } else if (one->name == "error") {
      out.error = read_string(one->value);
      broken = !out.error;
    }
  }
  if (!members.ok() || !id || broken || (out.data_text.empty() && !out.error))
    return wire_errc::bad_text;
  out.id = *id;
  if (out.error) {
    out.error->resize(shortened(*out.error).size());
    out.data_text = {};
  }
  return out;
}

} // namespace librats::protocols
