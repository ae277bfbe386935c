// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/endpoint.hpp"
#include "protocols/stun/message.hpp"

#include <boost/core/span.hpp>

#include <cstdint>
#include <string_view>

namespace librats::protocols::stun {

/// Writes a message, attribute by attribute in the order of the calls. Order matters at the end: `seal`, then
/// `seal_sha256`, then `add_fingerprint`, each if at all. Values come from us, so a message that would outgrow 64 KiB
/// is a broken invariant. Attributes of other documents, such as TURN, are written with the same calls.
class message_builder {
public:
  message_builder(message_class kind, method_type method, const transaction_id& id);

  message_builder& add(attribute_type type, bytes_view value);
  /// An attribute whose presence says it all, such as USE-CANDIDATE.
  message_builder& add_flag(attribute_type type) { return add(type, bytes_view{}); }
  message_builder& add_text(attribute_type type, std::string_view text) { return add(type, as_bytes(text)); }
  message_builder& add_u32(attribute_type type, std::uint32_t value);
  message_builder& add_u64(attribute_type type, std::uint64_t value);
  message_builder& add_address(attribute_type type, const endpoint& x);
  message_builder& add_xor_address(attribute_type type, const endpoint& x);
  /// ERROR-CODE. `code` from 300 to 699.
  message_builder& add_error(int code, std::string_view reason);
  message_builder& add_unknown_attributes(boost::span<const attribute_type> types);
  message_builder& add_change_request(bool address, bool port);

  /// MESSAGE-INTEGRITY over all so far; `integrity.hpp` makes keys.
  message_builder& seal(bytes_view key);
  /// MESSAGE-INTEGRITY-SHA256, cut to `size` bytes: 16, 20, 24, 28 or 32.
  message_builder& seal_sha256(bytes_view key, std::size_t size = 32);
  message_builder& add_fingerprint();

  /// Hands out the message.
  bytes take();

private:
  message_builder& add_masked(attribute_type type, const endpoint& x, const transaction_id* id);

  bytes out_;
};

} // namespace librats::protocols::stun
