// SPDX-License-Identifier: MIT
#include "protocols/typed/typed_message.hpp"

#include "protocols/core/byte_reader.hpp"
#include "protocols/core/byte_writer.hpp"

namespace librats::protocols {

result<bytes> encode_typed(std::string_view type, std::string_view json_text) {
  if (type.size() > typed_type_max)
    return wire_errc::too_large;
  byte_writer out{2 + type.size() + json_text.size()};
  out.u16(static_cast<std::uint16_t>(type.size())).raw(type).raw(json_text);
  return out.take();
}

result<typed_message_view> decode_typed(bytes_view in) noexcept {
  byte_reader r{in};
  const auto type = r.take(r.u16());
  if (!r.ok() || r.exhausted())
    return wire_errc::truncated;
  return typed_message_view{as_text(type), as_text(r.rest())};
}

} // namespace librats::protocols
