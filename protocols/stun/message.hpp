// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/result.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace librats::protocols::stun {

/// Bytes before the attributes (RFC 8489 section 5):
///
///      0                   1                   2                   3
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     |0 0|  class and method, mixed  |   bytes of attributes, 4 * n  |
///     |                   magic cookie, 0x2112A442                    |
///     |                 transaction id, 96 bits                       |
constexpr std::size_t header_size = 20;
/// Type and length of an attribute. Its value is padded to a multiple of four bytes (RFC 8489 section 14).
constexpr std::size_t attribute_header_size = 4;
constexpr std::uint32_t magic_cookie = 0x2112A442;

/// Chosen at random by whoever asks, so that only who saw the request can answer it (RFC 8489 section 5).
using transaction_id = std::array<std::uint8_t, 12>;

enum class message_class : std::uint8_t { request = 0, indication = 1, success = 2, error = 3 };

/// 12 bits. TURN brings methods of its own.
using method_type = std::uint16_t;
namespace method {
constexpr method_type binding = 0x001;
} // namespace method

/// Types from 0x8000 on may be skipped by who does not know them; the others must be understood (RFC 8489 section 14).
using attribute_type = std::uint16_t;
constexpr bool comprehension_required(attribute_type x) noexcept {
  return x < 0x8000;
}

/// Numbers of the IANA registry "STUN Attributes". TURN keeps its own beside its messages: nothing here lists them all.
namespace attribute {
// RFC 8489
constexpr attribute_type mapped_address = 0x0001;
constexpr attribute_type username = 0x0006;
constexpr attribute_type message_integrity = 0x0008;
constexpr attribute_type error_code = 0x0009;
constexpr attribute_type unknown_attributes = 0x000A;
constexpr attribute_type realm = 0x0014;
constexpr attribute_type nonce = 0x0015;
constexpr attribute_type message_integrity_sha256 = 0x001C;
constexpr attribute_type password_algorithm = 0x001D;
constexpr attribute_type userhash = 0x001E;
constexpr attribute_type xor_mapped_address = 0x0020;
constexpr attribute_type password_algorithms = 0x8002;
constexpr attribute_type alternate_domain = 0x8003;
constexpr attribute_type software = 0x8022;
constexpr attribute_type alternate_server = 0x8023;
constexpr attribute_type fingerprint = 0x8028;
// RFC 5780, behaviour discovery
constexpr attribute_type change_request = 0x0003;
constexpr attribute_type padding = 0x0026;
constexpr attribute_type response_port = 0x0027;
constexpr attribute_type response_origin = 0x802B;
constexpr attribute_type other_address = 0x802C;
// RFC 8445, ICE
constexpr attribute_type priority = 0x0024;
constexpr attribute_type use_candidate = 0x0025;
constexpr attribute_type ice_controlled = 0x8029;
constexpr attribute_type ice_controlling = 0x802A;
} // namespace attribute

/// One attribute, borrowed from its message.
struct attribute_view {
  attribute_type type = 0;
  bytes_view value;       ///< Without padding.
  std::size_t offset = 0; ///< Where its header begins, counted from the message's first byte.
};

/// Walks over the attributes of a message that count: behind MESSAGE-INTEGRITY only MESSAGE-INTEGRITY-SHA256 and
/// FINGERPRINT do, behind the former only the latter (RFC 8489 sections 14.5 to 14.7), because anybody on the way could
/// have appended the others.
class attribute_cursor {
public:
  /// `message` must have been checked by `message_view::decode`.
  explicit attribute_cursor(bytes_view message) noexcept : message_(message) {}
  std::optional<attribute_view> next() noexcept;

private:
  bytes_view message_;
  std::size_t at_ = header_size;
  attribute_type seal_ = 0; // The integrity attribute that was seen last.
};

/// A STUN message whose frame was checked: its header, and that its attributes fill it exactly. Borrows the bytes that
/// it was decoded from, so it lives as long as they do.
class message_view {
public:
  /// `in` is one datagram. Errors: `unknown_kind` (no STUN message: see `looks_like_stun`), `truncated` (an attribute
  /// goes beyond the end), `trailing_bytes` (something follows FINGERPRINT, which has to be last).
  static result<message_view> decode(bytes_view in) noexcept;

  [[nodiscard]] message_class kind() const noexcept { return kind_; }
  [[nodiscard]] method_type method() const noexcept { return method_; }
  [[nodiscard]] const transaction_id& id() const noexcept { return id_; }
  [[nodiscard]] bytes_view raw() const noexcept { return raw_; }

  [[nodiscard]] attribute_cursor attributes() const noexcept { return attribute_cursor{raw_}; }
  /// The first attribute of that type that counts; of repeated ones the first is meant (RFC 8489 section 14).
  [[nodiscard]] std::optional<attribute_view> find(attribute_type type) const noexcept;
  [[nodiscard]] bool has(attribute_type type) const noexcept { return find(type).has_value(); }

private:
  message_view() = default;

  bytes_view raw_;
  transaction_id id_{};
  method_type method_ = 0;
  message_class kind_{};
};

/// Tells STUN from whatever else shares a UDP port: two zero bits, the magic cookie, and a length that is a multiple of
/// four and says exactly how long the datagram is (RFC 8489 sections 5 and 6.3). The older form without a cookie
/// (RFC 3489) is not STUN to us.
bool looks_like_stun(bytes_view datagram) noexcept;

/// The first two bytes of a message: the class bits lie between those of the method (RFC 8489 section 5, figure 3).
constexpr std::uint16_t message_type(message_class kind, method_type method) noexcept {
  const auto c = static_cast<unsigned>(kind);
  const auto m = static_cast<unsigned>(method);
  return static_cast<std::uint16_t>((m & 0xF80) << 2 | (m & 0x070) << 1 | (m & 0x00F) | (c & 2) << 7 | (c & 1) << 4);
}

/// `size` and the bytes that pad it to a multiple of four.
constexpr std::size_t padded(std::size_t size) noexcept {
  return (size + 3) / 4 * 4;
}

} // namespace librats::protocols::stun
