// SPDX-License-Identifier: MIT
#include "protocols/ping/ping.hpp"

#include "protocols/core/byte_reader.hpp"
#include "protocols/core/byte_writer.hpp"

namespace librats::protocols {

bytes encode(const ping_message& x) {
  byte_writer out{ping_message::size};
  return out.u8(static_cast<std::uint8_t>(x.tag)).u64(x.token).take();
}

result<ping_message> decode_ping(bytes_view in) noexcept {
  byte_reader r{in};
  const auto tag = r.u8();
  const auto token = r.u64();
  if (!r.ok())
    return wire_errc::truncated;
  if (!r.exhausted())
    return wire_errc::trailing_bytes;
  if (tag > static_cast<std::uint8_t>(ping_message::kind::pong))
    return wire_errc::unknown_kind;
  return ping_message{static_cast<ping_message::kind>(tag), token};
}

} // namespace librats::protocols
