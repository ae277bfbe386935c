// SPDX-License-Identifier: MIT
#include "protocols/session/protocol_id.hpp"

#include "protocols/core/byte_reader.hpp"
#include "protocols/core/byte_writer.hpp"

#include <algorithm>

namespace librats::protocols {

bytes protocol_id(std::string_view protocol) {
  byte_writer out{protocol_id_tag.size() + protocol.size()};
  return out.raw(protocol_id_tag).raw(protocol).take();
}

bytes encode_hello(std::string_view protocol, const peer_id& self) {
  byte_writer out{hello_size(protocol)};
  out.u16(static_cast<std::uint16_t>(protocol_id_tag.size() + protocol.size()));
  return out.raw(protocol_id_tag).raw(protocol).raw(self.view()).take();
}

result<peer_id> decode_hello(std::string_view protocol, bytes_view in) {
  byte_reader r{in};
  const auto id = r.take(r.u16());
  const auto claimed = peer_id::from_bytes(r.take(peer_id::size));
  if (!r.ok() || !claimed)
    return wire_errc::truncated;
  if (!equal(id, protocol_id(protocol)))
    return wire_errc::protocol_mismatch;
  return *claimed;
}

} // namespace librats::protocols
