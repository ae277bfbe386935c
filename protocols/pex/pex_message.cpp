// SPDX-License-Identifier: MIT
#include "protocols/pex/pex_message.hpp"

#include "protocols/core/address_element.hpp"

#include <algorithm>

namespace librats::protocols {

namespace {

constexpr std::uint8_t pex_version = 1;
constexpr std::uint8_t op_request = 0;
constexpr std::uint8_t op_response = 1;
constexpr std::size_t header_size = 4;
constexpr std::size_t entry_size_min = address_element_size_v4 + peer_id::size;
constexpr std::size_t entry_size_max = address_element_size_v6 + peer_id::size;

pex_response read_entries(byte_reader& in, std::size_t count) {
  pex_response out;
  out.entries.reserve(std::min({count, pex_entries_max, in.remaining() / entry_size_min}));
  while (count-- != 0 && out.entries.size() < pex_entries_max) {
    const auto address = read_address_element(in);
    if (!address)
      break;
    const auto id = peer_id::from_bytes(in.take(peer_id::size));
    if (!id)
      break;
    out.entries.push_back({*address, *id});
  }
  return out;
}

} // namespace

bytes encode(const pex_request& x) {
  return byte_writer{header_size}.u8(pex_version).u8(op_request).u16(x.max).take();
}

bytes encode(const pex_response& x) {
  std::vector<const pex_entry*> chosen;
  for (const auto& one : x.entries)
    if (is_dialable(one.address) && chosen.size() < pex_entries_max)
      chosen.push_back(&one);
  byte_writer out{header_size + chosen.size() * entry_size_max};
  out.u8(pex_version).u8(op_response).u16(static_cast<std::uint16_t>(chosen.size()));
  for (const auto* one : chosen) {
    write_address_element(out, one->address);
    out.raw(one->id.view());
  }
  return out.take();
}

result<pex_message> decode_pex(bytes_view in) {
  byte_reader r{in};
  const auto version = r.u8();
  const auto op = r.u8();
  const auto number = r.u16();
  if (!in.empty() && version != pex_version)
    return wire_errc::unknown_version;
  if (!r.ok())
    return wire_errc::truncated;
  if (op == op_request)
    return pex_message{pex_request{number}};
  if (op == op_response)
    return pex_message{read_entries(r, number)};
  return wire_errc::unknown_kind;
}

} // namespace librats::protocols
