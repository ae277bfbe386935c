// SPDX-License-Identifier: MIT
#include "protocols/typed/typed_json.hpp"

#include "protocols/typed/typed_message.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace librats::protocols {

namespace {

template <class Text>
class writer {
public:
  explicit writer(Text& out) : out_(out) {}

  template <class Json>
  bool value(const Json& x, int depth = 0) {
    switch (x.type()) {
    case Json::value_t::null: literal("null"); return true;
    case Json::value_t::boolean: literal(x.template get<bool>() ? "true" : "false"); return true;
    case Json::value_t::number_integer: number(x.template get<std::int64_t>()); return true;
    case Json::value_t::number_unsigned: number(x.template get<std::uint64_t>()); return true;
    case Json::value_t::number_float: real(x.template get<double>()); return true;
    case Json::value_t::string: string(x.template get_ref<const std::string&>()); return true;
    case Json::value_t::array: return depth < json_depth_max && array(x, depth);
    case Json::value_t::object: return depth < json_depth_max && object(x, depth);
    case Json::value_t::binary:
    case Json::value_t::discarded: return false;
    }
    return false;
  }

private:
  template <class Json>
  bool array(const Json& x, int depth) {
    char separator = '[';
    for (const auto& item : x.template get_ref<const typename Json::array_t&>()) {
      put(separator);
      separator = ',';
      if (!value(item, depth + 1))
        return false;
    }
    if (x.empty())
      put('[');
    put(']');
    return true;
  }

  template <class Json>
  bool object(const Json& x, int depth) {
    char separator = '{';
    for (const auto& [name, item] : x.template get_ref<const typename Json::object_t&>()) {
      put(separator);
      separator = ',';
      string(name);
      put(':');
      if (!value(item, depth + 1))
        return false;
    }
    if (x.empty())
      put('{');
    put('}');
    return true;
  }

  void string(std::string_view text) {
    put('"');
    std::size_t raw_from = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const auto c = static_cast<unsigned char>(text[i]);
      if (c >= 0x20 && c != '"' && c != '\\')
        continue;
      literal(text.substr(raw_from, i - raw_from));
      raw_from = i + 1;
      escape(c);
    }
    literal(text.substr(raw_from));
    put('"');
  }

  void escape(unsigned char c) {
    static constexpr char digits[] = "0123456789abcdef";
    switch (c) {
    case '"': return literal("\\\"");
    case '\\': return literal("\\\\");
    case '\b': return literal("\\b");
    case '\f': return literal("\\f");
    case '\n': return literal("\\n");
    case '\r': return literal("\\r");
    case '\t': return literal("\\t");
    default:
      literal("\\u00");
      put(digits[c >> 4]);
      put(digits[c & 0x0F]);
    }
  }

  template <class Number>
  std::string_view format(Number x) {
    const auto end = std::to_chars(digits_.data(), digits_.data() + digits_.size(), x).ptr;
    return {digits_.data(), static_cast<std::size_t>(end - digits_.data())};
  }

  template <class Number>
  void number(Number x) {
    literal(format(x));
  }

  void real(double x) {
    if (!std::isfinite(x))
      return literal("null");
    const auto text = format(x); // The shortest text that reads back as the same double.
    literal(text);
    if (text.find_first_of(".e") == std::string_view::npos)
      literal(".0");
  }

  void put(char c) { out_.push_back(static_cast<typename Text::value_type>(c)); }
  void literal(std::string_view text) { out_.insert(out_.end(), text.begin(), text.end()); }

  Text& out_;
  std::array<char, 32> digits_; // The longest double takes 24 characters.
};

template <class Json>
result<std::string> dump(const Json& value) {
  std::string out;
  if (!writer<std::string>{out}.value(value))
    return wire_errc::bad_text;
  return out;
}

template <class Json>
result<bytes_view> write(bytes& out, std::string_view type, const Json& value) {
  // Most messages are small; what is longer grows by doubling.
  constexpr std::size_t first_guess = 128;
  if (type.size() > typed_type_max)
    return wire_errc::too_large;
  out.clear();
  out.reserve(2 + type.size() + first_guess);
  out.push_back(static_cast<std::uint8_t>(type.size() >> 8));
  out.push_back(static_cast<std::uint8_t>(type.size()));
  out.insert(out.end(), type.begin(), type.end());
  if (!writer<bytes>{out}.value(value))
    return wire_errc::bad_text;
  return bytes_view{out};
}

template <class Json>
result<bytes> encode(std::string_view type, const Json& value) {
  bytes out;
  if (const auto written = write(out, type, value); !written)
    return written.error();
  return out;
}

} // namespace

result<std::string> dump_json(const nlohmann::json& value) {
  return dump(value);
}

result<std::string> dump_json(const nlohmann::ordered_json& value) {
  return dump(value);
}

result<bytes> encode_typed_json(std::string_view type, const nlohmann::json& value) {
  return encode(type, value);
}

result<bytes> encode_typed_json(std::string_view type, const nlohmann::ordered_json& value) {
  return encode(type, value);
}

result<bytes_view> write_typed_json(bytes& out, std::string_view type, const nlohmann::json& value) {
  return write(out, type, value);
}

} // namespace librats::protocols
