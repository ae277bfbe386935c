// SPDX-License-Identifier: MIT
#include "protocols/typed/typed_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <system_error>

namespace librats::protocols {

namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

/// The length of the well-formed UTF-8 sequence at the front of `rest` (RFC 3629 section 4), 0 if there is none. `rest`
/// is not empty and starts with a byte above 0x7F.
std::size_t utf8_sequence(std::string_view rest) noexcept {
  const auto at = [rest](std::size_t i) { return i < rest.size() ? static_cast<unsigned char>(rest[i]) : 0u; };
  const auto is_tail = [&at](std::size_t i) { return (at(i) & 0xC0) == 0x80; };
  const auto lead = at(0);
  if (lead >= 0xC2 && lead <= 0xDF)
    return is_tail(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const bool overlong = lead == 0xE0 && at(1) < 0xA0;
    const bool surrogate = lead == 0xED && at(1) > 0x9F;
    return is_tail(1) && is_tail(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const bool overlong = lead == 0xF0 && at(1) < 0x90;
    const bool beyond = lead == 0xF4 && at(1) > 0x8F;
    return is_tail(1) && is_tail(2) && is_tail(3) && !overlong && !beyond ? 4 : 0;
  }
  return 0;
}

void append_utf8(std::string& out, std::uint32_t c) {
  const auto tail = [&out](std::uint32_t bits) { out.push_back(static_cast<char>(0x80 | (bits & 0x3F))); };
  if (c < 0x80) {
    out.push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out.push_back(static_cast<char>(0xC0 | c >> 6));
    tail(c);
  } else if (c < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | c >> 12));
    tail(c >> 6);
    tail(c);
  } else {
    out.push_back(static_cast<char>(0xF0 | c >> 18));
    tail(c >> 12);
    tail(c >> 6);
    tail(c);
  }
}

/// What a number beyond the range of a double stands for: infinity when it is too large, zero when it is too small.
/// `text` is a valid JSON number without its sign.
double saturate(std::string_view text) noexcept {
  // More than any text of ours has digits, so that it outweighs the mantissa.
  constexpr std::int64_t exponent_cap = 1'000'000'000'000;
  const auto exponent_at = text.find_first_of("eE");
  std::int64_t exponent = 0;
  if (exponent_at != std::string_view::npos) {
    auto digits = text.substr(exponent_at + 1);
    const bool negative = digits.front() == '-';
    if (!is_digit(digits.front()))
      digits.remove_prefix(1);
    for (char c : digits)
      exponent = exponent < exponent_cap ? exponent * 10 + (c - '0') : exponent_cap;
    exponent = negative ? -exponent : exponent;
  }
  const auto mantissa = text.substr(0, exponent_at);
  const auto point = std::min(mantissa.find('.'), mantissa.size());
  const auto first = mantissa.find_first_of("123456789");
  if (first == std::string_view::npos)
    return 0;
  return static_cast<std::int64_t>(point) - static_cast<std::int64_t>(first) + exponent > 0
    ? std::numeric_limits<double>::infinity()
    : 0;
}

/// A recursive-descent parser of RFC 8259 that builds the document as it goes. Three times as fast on small messages as
/// nlohmann's, whose lexer copies every token, and it follows wire/03 where that one does not.
template <class Json>
class reader {
public:
  explicit reader(std::string_view text) : at_(text.data()), end_(text.data() + text.size()) {
    if (text.substr(0, byte_order_mark.size()) == byte_order_mark)
      at_ += byte_order_mark.size();
  }

  bool document(Json& out) {
    if (!value(out, 0))
      return false;
    skip_space();
    return at_ == end_;
  }

private:
  bool value(Json& out, int depth) {
    skip_space();
    switch (peek()) {
    case '{': return object(out, depth);
    case '[': return array(out, depth);
    case '"': {
      std::string text;
      if (!string(text))
        return false;
      out = std::move(text);
      return true;
    }
    case 't': return literal(out, "true", true);
    case 'f': return literal(out, "false", false);
    case 'n': return literal(out, "null", nullptr);
    default: return number(out);
    }
  }

  bool object(Json& out, int depth) {
    if (depth == json_depth_max)
      return false;
    out = Json::object();
    auto& members = out.template get_ref<typename Json::object_t&>();
    ++at_;
    if (accept('}'))
      return true;
    do {
      std::string name;
      skip_space();
      if (peek() != '"' || !string(name) || !accept(':'))
        return false;
      // A second member of the same name replaces the value and keeps the position (wire/03 section 2).
      if (!value(members[std::move(name)], depth + 1))
        return false;
    } while (accept(','));
    return accept('}');
  }

  bool array(Json& out, int depth) {
    if (depth == json_depth_max)
      return false;
    out = Json::array();
    auto& items = out.template get_ref<typename Json::array_t&>();
    ++at_;
    if (accept(']'))
      return true;
    do {
      items.emplace_back();
      if (!value(items.back(), depth + 1))
        return false;
    } while (accept(','));
    return accept(']');
  }

  bool string(std::string& out) {
    ++at_;
    const char* raw_from = at_;
    while (at_ != end_) {
      const auto c = static_cast<unsigned char>(*at_);
      if (c == '"') {
        out.append(raw_from, at_++);
        return true;
      }
      if (c < 0x20)
        return false;
      if (c == '\\') {
        out.append(raw_from, at_++);
        if (!escape(out))
          return false;
        raw_from = at_;
      } else if (c < 0x80) {
        ++at_;
      } else {
        const auto size = utf8_sequence({at_, static_cast<std::size_t>(end_ - at_)});
        if (size == 0)
          return false;
        at_ += size;
      }
    }
    return false;
  }

  bool escape(std::string& out) {
    if (at_ == end_)
      return false;
    switch (*at_++) {
    case '"': out.push_back('"'); return true;
    case '\\': out.push_back('\\'); return true;
    case '/': out.push_back('/'); return true;
    case 'b': out.push_back('\b'); return true;
    case 'f': out.push_back('\f'); return true;
    case 'n': out.push_back('\n'); return true;
    case 'r': out.push_back('\r'); return true;
    case 't': out.push_back('\t'); return true;
    case 'u': return code_point(out);
    default: return false;
    }
  }

  bool code_point(std::string& out) {
    std::uint32_t c = 0;
    if (!hex4(c) || (c >= 0xDC00 && c <= 0xDFFF))
      return false;
    if (c >= 0xD800 && c <= 0xDBFF) {
      std::uint32_t low = 0;
      if (end_ - at_ < 2 || at_[0] != '\\' || at_[1] != 'u')
        return false;
      at_ += 2;
      if (!hex4(low) || low < 0xDC00 || low > 0xDFFF)
        return false;
      c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
    }
    append_utf8(out, c);
    return true;
  }

  bool hex4(std::uint32_t& out) noexcept {
    if (end_ - at_ < 4)
      return false;
    const auto parsed = std::from_chars(at_, at_ + 4, out, 16);
    const bool all_digits = parsed.ec == std::errc{} && parsed.ptr == at_ + 4;
    at_ += 4;
    return all_digits;
  }

  bool number(Json& out) {
    const char* from = at_;
    if (peek() == '-')
      ++at_;
    const char* magnitude = at_;
    if (peek() == '0')
      ++at_;
    else if (!digits())
      return false;
    bool integral = true;
    if (peek() == '.') {
      integral = false;
      ++at_;
      if (!digits())
        return false;
    }
    if (peek() == 'e' || peek() == 'E') {
      integral = false;
      ++at_;
      if (peek() == '+' || peek() == '-')
        ++at_;
      if (!digits())
        return false;
    }
    if (integral && (from == magnitude ? whole<std::uint64_t>(out, from) : whole<std::int64_t>(out, from)))
      return true;
    double real = 0;
    if (std::from_chars(from, at_, real).ec == std::errc::result_out_of_range) {
      real = saturate({magnitude, static_cast<std::size_t>(at_ - magnitude)});
      real = from == magnitude ? real : -real;
    }
    out = real;
    return true;
  }

  /// False when the digits do not fit; the number then becomes a double.
  template <class Integer>
  bool whole(Json& out, const char* from) {
    Integer x = 0;
    if (std::from_chars(from, at_, x).ec != std::errc{})
      return false;
    out = x;
    return true;
  }

  bool digits() noexcept {
    const char* from = at_;
    while (at_ != end_ && is_digit(*at_))
      ++at_;
    return at_ != from;
  }

  template <class Value>
  bool literal(Json& out, std::string_view name, Value x) {
    if (std::string_view{at_, static_cast<std::size_t>(end_ - at_)}.substr(0, name.size()) != name)
      return false;
    at_ += name.size();
    out = x;
    return true;
  }

  void skip_space() noexcept {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r'))
      ++at_;
  }

  bool accept(char c) noexcept {
    skip_space();
    if (peek() != c)
      return false;
    ++at_;
    return true;
  }

  /// The next character; a NUL, which is no token, at the end.
  [[nodiscard]] char peek() const noexcept { return at_ == end_ ? '\0' : *at_; }

  const char* at_;
  const char* end_;
};

template <class Json>
result<Json> parse(std::string_view text) {
  if (text.size() > json_text_max)
    return wire_errc::too_large;
  Json out;
  if (!reader<Json>{text}.document(out))
    return wire_errc::bad_text;
  return out;
}

} // namespace

result<nlohmann::json> parse_json(std::string_view text) {
  return parse<nlohmann::json>(text);
}

result<nlohmann::ordered_json> parse_ordered_json(std::string_view text) {
  return parse<nlohmann::ordered_json>(text);
}

} // namespace librats::protocols
