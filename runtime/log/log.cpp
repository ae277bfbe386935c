// SPDX-License-Identifier: MIT
#include "runtime/log/log.hpp"

#include <charconv>
#include <cstdio>
#include <iterator>

namespace librats::runtime {
namespace {

template <class Number>
std::string_view print(char (&out)[40], Number x) noexcept {
  const auto end = std::to_chars(std::begin(out), std::end(out), x).ptr; // 20 digits and a sign always fit.
  return {out, static_cast<std::size_t>(end - out)};
}

} // namespace

log_part::log_part(char x) noexcept {
  digits_[0] = x;
  text_ = {digits_, 1};
}

log_part::log_part(long long x) noexcept : text_(print(digits_, x)) {}

log_part::log_part(unsigned long long x) noexcept : text_(print(digits_, x)) {}

log_part::log_part(double x) noexcept {
  const auto length = std::snprintf(digits_, sizeof(digits_), "%g", x);
  text_ = {digits_, static_cast<std::size_t>(length)};
}

log_part::log_part(redacted x) noexcept {
  const auto length = std::snprintf(digits_, sizeof(digits_), "(%zu secret bytes)", x.size());
  text_ = {digits_, static_cast<std::size_t>(length)};
}

std::string concat_parts(std::initializer_list<log_part> parts) {
  std::size_t size = 0;
  for (const auto& part : parts)
    size += part.text().size();
  std::string out;
  out.reserve(size);
  for (const auto& part : parts)
    out += part.text();
  return out;
}

} // namespace librats::runtime
