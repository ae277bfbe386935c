// SPDX-License-Identifier: MIT
#include "protocols/control/identify.hpp"

#include "protocols/core/address_element.hpp"

namespace librats::protocols {

namespace {

constexpr std::uint8_t identify_version = 1;

} // namespace

bytes encode(const identify& x) {
  std::vector<endpoint> dialable;
  for (const auto& address : x.addresses)
    if (is_dialable(address) && dialable.size() < identify_addresses_max)
      dialable.push_back(address);
  byte_writer out{6 + (dialable.size() + 1) * address_element_size_v6};
  out.u8(identify_version).u16(x.listen_port).u8(static_cast<std::uint8_t>(dialable.size()));
  for (const auto& address : dialable)
    write_address_element(out, address);
  if (x.observed && !x.observed->address.is_unspecified())
    write_address_element(out, *x.observed);
  else
    out.u8(0);
  out.u8(x.transports);
  return out.take();
}

result<identify> decode_identify(bytes_view in) {
  byte_reader r{in};
  identify out;
  const auto version = r.u8();
  out.listen_port = r.u16();
  const auto count = r.u8();
  if (version != identify_version && !in.empty())
    return wire_errc::unknown_version;
  if (!r.ok())
    return wire_errc::truncated;
  if (count > identify_addresses_max)
    return wire_errc::too_large;
  if (count * address_element_size_v4 > r.remaining())
    return wire_errc::truncated;
  out.addresses.reserve(count);
  for (int i = 0; i < count; ++i) {
    const auto address = read_address_element(r);
    if (!address)
      return address.error();
    out.addresses.push_back(*address);
  }
  const auto observed_len = r.u8();
  if (!r.ok())
    return wire_errc::truncated;
  if (observed_len != 0) {
    const auto observed = read_address_element(r, observed_len);
    if (!observed)
      return observed.error();
    out.observed = *observed;
  }
  out.transports = r.exhausted() ? std::uint8_t{0} : r.u8(); // Older senders stop before it.
  return out;
}

} // namespace librats::protocols
