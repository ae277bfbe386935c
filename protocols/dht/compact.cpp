// SPDX-License-Identifier: MIT
#include "protocols/dht/compact.hpp"

#include "protocols/core/address_element.hpp"

namespace librats::protocols {

void append_compact(bytes& out, const endpoint& x) {
  const auto raw = x.address.raw();
  out.insert(out.end(), raw.begin(), raw.end());
  out.push_back(static_cast<std::uint8_t>(x.port >> 8));
  out.push_back(static_cast<std::uint8_t>(x.port));
}

void append_compact(bytes& out, const node_contact& x) {
  out.insert(out.end(), x.id.raw.begin(), x.id.raw.end());
  append_compact(out, x.at);
}

std::optional<endpoint> read_compact_endpoint(bytes_view in) noexcept {
  if (in.size() != compact_endpoint_size_v4 && in.size() != compact_endpoint_size_v6)
    return std::nullopt;
  const auto address = ip_address::from_bytes(in.first(in.size() - 2));
  if (!address || compact_endpoint_size(family_of(*address)) != in.size())
    return std::nullopt;
  return endpoint{*address, static_cast<std::uint16_t>(in[in.size() - 2] << 8 | in[in.size() - 1])};
}

std::vector<node_contact> read_compact_nodes(bytes_view in, address_family family) {
  std::vector<node_contact> out;
  const auto size = compact_node_size(family);
  if (in.size() % size != 0)
    return out;
  out.reserve(in.size() / size);
  for (; !in.empty(); in = in.subspan(size)) {
    const auto id = node_id::from_bytes(in.first(node_id::size));
    const auto at = read_compact_endpoint(in.subspan(node_id::size, size - node_id::size));
    if (id && at && is_dialable(*at))
      out.push_back({*id, *at});
  }
  return out;
}

void read_compact_peers(bytes_view in, std::vector<endpoint>& out) {
  const auto size = in.size() == compact_endpoint_size_v6 ? compact_endpoint_size_v6 : compact_endpoint_size_v4;
  if (in.size() % size != 0)
    return;
  for (; !in.empty(); in = in.subspan(size))
    if (const auto at = read_compact_endpoint(in.first(size)); at && is_dialable(*at))
      out.push_back(*at);
}

} // namespace librats::protocols
