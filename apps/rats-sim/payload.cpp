// SPDX-License-Identifier: MIT
#include "apps/rats-sim/payload.hpp"

#include "protocols/core/byte_reader.hpp"
#include "protocols/core/byte_writer.hpp"
#include "protocols/typed/typed_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace librats::apps {

namespace {

/// Differs from one message to the next and from one byte to the next.
std::uint8_t filler(std::uint64_t number, std::size_t at) noexcept {
  return static_cast<std::uint8_t>(number * 151 + at * 7 + (at >> 8));
}

char letter(std::uint64_t number, std::size_t at) noexcept {
  return static_cast<char>('a' + filler(number, at) % 26);
}

} // namespace

bytes make_payload(const payload_label& label, std::size_t size) {
  byte_writer out;
  size = std::max(size, payload_label_size);
  out.u32(label.workload);
  out.u64(label.number);
  out.u32(static_cast<std::uint32_t>(size));
  for (auto i = payload_label_size; i < size; ++i)
    out.u8(filler(label.number, i));
  return std::move(out).take();
}

std::optional<payload_label> read_payload(bytes_view in) {
  byte_reader r{in};
  payload_label out;
  out.workload = r.u32();
  out.number = r.u64();
  const auto size = r.u32();
  if (!r.ok())
    return std::nullopt;
  out.intact = size == in.size();
  for (auto i = payload_label_size; i < in.size(); ++i)
    out.intact = out.intact && in[i] == filler(out.number, i);
  return out;
}

std::string make_json_payload(const payload_label& label, std::size_t size) {
  std::string fill(size, 'x');
  for (std::size_t i = 0; i < fill.size(); ++i)
    fill[i] = letter(label.number, i);
  return nlohmann::json{{"workload", label.workload}, {"number", label.number}, {"size", size}, {"fill", fill}}.dump();
}

std::optional<payload_label> read_json_payload(std::string_view text) {
  const auto document = protocols::parse_json(text);
  if (!document || !document->is_object())
    return std::nullopt;
  try {
    payload_label out;
    out.workload = document->at("workload").get<std::uint32_t>();
    out.number = document->at("number").get<std::uint64_t>();
    const auto& fill = document->at("fill").get_ref<const std::string&>();
    out.intact = document->at("size").get<std::size_t>() == fill.size();
    for (std::size_t i = 0; i < fill.size(); ++i)
      out.intact = out.intact && fill[i] == letter(out.number, i);
    return out;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

} // namespace librats::apps
