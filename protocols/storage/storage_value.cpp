// SPDX-License-Identifier: MIT
#include "protocols/storage/storage_value.hpp"

#include "protocols/core/byte_reader.hpp"
#include "protocols/core/byte_writer.hpp"
#include "protocols/typed/typed_json.hpp"

#include <nlohmann/json.hpp>

#include <cstring>
#include <limits>

namespace librats::protocols {

static_assert(std::numeric_limits<double>::is_iec559 && sizeof(double) == sizeof(std::uint64_t));

namespace {

storage_value make(storage_type type, byte_slice data) {
  return {static_cast<std::uint8_t>(type), std::move(data)};
}

bool holds(const storage_record& x, storage_type type) noexcept {
  return !x.deleted && x.type == static_cast<std::uint8_t>(type);
}

std::optional<std::uint64_t> eight_bytes(const storage_record& x, storage_type type) noexcept {
  byte_reader in{x.data.view()};
  const auto out = in.u64();
  if (!holds(x, type) || !in.ok() || !in.exhausted())
    return std::nullopt;
  return out;
}

template <class To, class From>
To same_bits(From x) noexcept {
  static_assert(sizeof(To) == sizeof(From));
  To out{};
  std::memcpy(&out, &x, sizeof out);
  return out;
}

} // namespace

storage_value storage_binary(bytes_view data) {
  return make(storage_type::binary, byte_slice::copy_of(data));
}

storage_value storage_string(std::string_view text) {
  return make(storage_type::string, byte_slice::copy_of(text));
}

storage_value storage_int64(std::int64_t number) {
  return make(storage_type::int64, byte_slice{byte_writer{8}.u64(same_bits<std::uint64_t>(number)).take()});
}

storage_value storage_double(double number) {
  return make(storage_type::number, byte_slice{byte_writer{8}.u64(same_bits<std::uint64_t>(number)).take()});
}

result<storage_value> storage_json(const nlohmann::json& document) {
  const auto text = dump_json(document);
  if (!text)
    return text.error();
  return make(storage_type::json, byte_slice::copy_of(std::string_view{*text}));
}

std::optional<bytes> as_binary(const storage_record& x) {
  if (!holds(x, storage_type::binary))
    return std::nullopt;
  return to_bytes(x.data.view());
}

std::optional<std::string> as_string(const storage_record& x) {
  if (!holds(x, storage_type::string))
    return std::nullopt;
  return std::string{x.data.text()};
}

std::optional<std::int64_t> as_int64(const storage_record& x) {
  const auto bits = eight_bytes(x, storage_type::int64);
  if (!bits)
    return std::nullopt;
  return same_bits<std::int64_t>(*bits);
}

std::optional<double> as_double(const storage_record& x) {
  const auto bits = eight_bytes(x, storage_type::number);
  if (!bits)
    return std::nullopt;
  return same_bits<double>(*bits);
}

std::optional<nlohmann::json> as_json(const storage_record& x) {
  if (!holds(x, storage_type::json))
    return std::nullopt;
  auto document = parse_json(x.data.text());
  if (!document)
    return std::nullopt;
  return std::move(*document);
}

} // namespace librats::protocols
