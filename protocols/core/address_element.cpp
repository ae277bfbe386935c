// SPDX-License-Identifier: MIT
#include "protocols/core/address_element.hpp"

namespace librats {

void write_address_element(byte_writer& out, const endpoint& x) {
  const auto raw = x.address.raw();
  out.u8(static_cast<std::uint8_t>(raw.size())).raw(raw).u16(x.port);
}

result<endpoint> read_address_element(byte_reader& in) noexcept {
  const auto ip_len = in.u8();
  if (!in.ok())
    return wire_errc::truncated;
  return read_address_element(in, ip_len);
}

result<endpoint> read_address_element(byte_reader& in, std::uint8_t ip_len) noexcept {
  if (ip_len != 4 && ip_len != 16)
    return wire_errc::bad_address;
  const auto address = ip_address::from_bytes(in.take(ip_len));
  const auto port = in.u16();
  if (!in.ok() || !address)
    return wire_errc::truncated;
  return endpoint{*address, port};
}

} // namespace librats
