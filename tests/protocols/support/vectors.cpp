// SPDX-License-Identifier: MIT
#include "tests/protocols/support/vectors.hpp"

#include <algorithm>
#include <fstream>

namespace librats::test {

std::vector<vector_case> load_vectors(const std::string& file) {
  std::ifstream in{std::string{LIBRATS_VECTOR_DIR} + "/" + file};
  if (!in)
    throw std::runtime_error{"cannot open the test vectors " + file};
  const auto document = nlohmann::ordered_json::parse(in);
  std::vector<vector_case> out;
  for (const auto& item : document.at("cases"))
    out.push_back({item.at("name"), item.at("fields"), unhex(item.at("hex").get<std::string>())});
  if (out.empty())
    throw std::runtime_error{"no cases in " + file};
  return out;
}

const vector_case& find_case(const std::vector<vector_case>& cases, std::string_view name) {
  for (const auto& x : cases)
    if (x.name == name)
      return x;
  throw std::runtime_error{"no case is called " + std::string{name}};
}

bytes unhex(std::string_view text) {
  std::string digits{text};
  digits.erase(
    std::remove_if(digits.begin(), digits.end(), [](char c) { return c == ' ' || c == '\n'; }), digits.end());
  const auto out = from_hex(digits);
  if (!out)
    throw std::runtime_error{"not hex: " + digits};
  return *out;
}

std::array<std::uint8_t, 32> unhex32(std::string_view text) {
  const auto raw = unhex(text);
  std::array<std::uint8_t, 32> out{};
  if (raw.size() != out.size())
    throw std::runtime_error{"not 32 bytes"};
  std::copy(raw.begin(), raw.end(), out.begin());
  return out;
}

} // namespace librats::test
