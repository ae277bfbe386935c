// SPDX-License-Identifier: MIT
#include "protocols/stun/attributes.hpp"

#include "protocols/core/byte_reader.hpp"
#include "protocols/core/byte_writer.hpp"
#include "protocols/stun/address_mask.hpp"

#include <algorithm>
#include <array>

namespace librats::protocols::stun {

namespace {

constexpr std::array<attribute_type, 11> understood{attribute::mapped_address, attribute::username,
  attribute::message_integrity, attribute::error_code, attribute::unknown_attributes, attribute::realm,
  attribute::nonce, attribute::message_integrity_sha256, attribute::password_algorithm, attribute::userhash,
  attribute::xor_mapped_address};

constexpr std::uint32_t change_address_bit = 4;
constexpr std::uint32_t change_port_bit = 2;

result<endpoint> read_masked(bytes_view value, const address_mask& mask) noexcept {
  byte_reader r{value};
  r.u8();
  const auto family = r.u8();
  const auto port = r.u16();
  const auto size = family == family_v4 ? std::size_t{4} : std::size_t{16};
  if (!r.ok() || (family != family_v4 && family != family_v6) || r.remaining() != size)
    return wire_errc::bad_address;
  const auto masked = r.rest();
  std::array<std::uint8_t, 16> raw{};
  for (std::size_t i = 0; i < size; ++i)
    raw[i] = static_cast<std::uint8_t>(masked[i] ^ mask[i]);
  const auto address = ip_address::from_bytes(bytes_view{raw.data(), size});
  return endpoint{*address, static_cast<std::uint16_t>(port ^ port_mask(mask))};
}

} // namespace

result<endpoint> read_address(bytes_view value) noexcept {
  return read_masked(value, no_mask);
}

result<endpoint> read_xor_address(bytes_view value, const transaction_id& id) noexcept {
  return read_masked(value, mask_for(id));
}

std::optional<endpoint> find_address(const message_view& x, attribute_type type) noexcept {
  const auto found = x.find(type);
  const auto read = found ? read_address(found->value) : result<endpoint>{wire_errc::bad_address};
  return read ? std::optional{*read} : std::nullopt;
}

std::optional<endpoint> find_xor_address(const message_view& x, attribute_type type) noexcept {
  const auto found = x.find(type);
  const auto read = found ? read_xor_address(found->value, x.id()) : result<endpoint>{wire_errc::bad_address};
  return read ? std::optional{*read} : std::nullopt;
}

std::optional<endpoint> find_mapped_address(const message_view& x) noexcept {
  if (const auto masked = find_xor_address(x, attribute::xor_mapped_address))
    return masked;
  return find_address(x, attribute::mapped_address);
}

std::optional<std::string_view> find_text(const message_view& x, attribute_type type, std::size_t size_max) noexcept {
  const auto found = x.find(type);
  return found && found->value.size() <= size_max ? std::optional{as_text(found->value)} : std::nullopt;
}

std::optional<std::uint32_t> find_u32(const message_view& x, attribute_type type) noexcept {
  const auto found = x.find(type);
  if (!found || found->value.size() != sizeof(std::uint32_t))
    return std::nullopt;
  return byte_reader{found->value}.u32();
}

std::optional<std::uint64_t> find_u64(const message_view& x, attribute_type type) noexcept {
  const auto found = x.find(type);
  if (!found || found->value.size() != sizeof(std::uint64_t))
    return std::nullopt;
  return byte_reader{found->value}.u64();
}

std::optional<error_view> find_error(const message_view& x) noexcept {
  const auto found = x.find(attribute::error_code);
  if (!found)
    return std::nullopt;
  byte_reader r{found->value};
  r.u16(); // Reserved, and so are five bits of the next byte.
  const auto hundreds = r.u8() & 0x07;
  const auto rest = r.u8();
  const auto reason = r.rest();
  if (!r.ok() || hundreds < 3 || hundreds > 6 || rest > 99 || reason.size() > text_size_max)
    return std::nullopt;
  return error_view{hundreds * 100 + rest, as_text(reason)};
}

std::optional<change_request> find_change_request(const message_view& x) noexcept {
  const auto bits = find_u32(x, attribute::change_request);
  if (!bits)
    return std::nullopt;
  return change_request{(*bits & change_address_bit) != 0, (*bits & change_port_bit) != 0};
}

std::vector<attribute_type> find_unknown_attributes(const message_view& x) {
  std::vector<attribute_type> out;
  const auto found = x.find(attribute::unknown_attributes);
  if (!found || found->value.size() % 2 != 0)
    return out;
  for (byte_reader r{found->value}; !r.exhausted();)
    out.push_back(r.u16());
  return out;
}

std::vector<attribute_type> unknown_required(const message_view& x, boost::span<const attribute_type> also) {
  std::vector<attribute_type> out;
  const auto contains = [](const auto& list, attribute_type type) {
    return std::find(list.begin(), list.end(), type) != list.end();
  };
  auto cursor = x.attributes();
  while (const auto one = cursor.next()) {
    const bool fine = !comprehension_required(one->type) || contains(understood, one->type) || contains(also, one->type)
      || contains(out, one->type);
    if (!fine && out.size() < unknown_attributes_max)
      out.push_back(one->type);
  }
  return out;
}

} // namespace librats::protocols::stun
