// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/endpoint.hpp"
#include "protocols/stun/message.hpp"

#include <boost/core/span.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace librats::protocols::stun {

/// The longest text that is read, in bytes: 127 characters of up to six bytes, and one (RFC 8489 sections 14.8 to
/// 14.14).
constexpr std::size_t text_size_max = 763;
/// The longest USERNAME, in bytes (RFC 8489 section 14.3).
constexpr std::size_t username_size_max = 508;

/// A plain address: `u8 0 | u8 family (1 or 2) | u16 port | 4 or 16 bytes` (RFC 8489 section 14.1). Error:
/// `bad_address`. So are RESPONSE-ORIGIN, OTHER-ADDRESS and ALTERNATE-SERVER written.
result<endpoint> read_address(bytes_view value) noexcept;
/// The same with port and address XORed with the magic cookie and the transaction id, because there are routers that
/// replace addresses wherever they see them (RFC 8489 section 14.2).
result<endpoint> read_xor_address(bytes_view value, const transaction_id& id) noexcept;

/// Empty when there is no such attribute or its value is malformed; so are those that follow.
std::optional<endpoint> find_address(const message_view& x, attribute_type type) noexcept;
std::optional<endpoint> find_xor_address(const message_view& x, attribute_type type) noexcept;
/// What the sender of a success response saw us at: XOR-MAPPED-ADDRESS, else MAPPED-ADDRESS.
std::optional<endpoint> find_mapped_address(const message_view& x) noexcept;

/// At most `size_max` bytes, whose encoding is not checked. Borrowed from the message.
std::optional<std::string_view> find_text(
  const message_view& x, attribute_type type, std::size_t size_max = text_size_max) noexcept;
std::optional<std::uint32_t> find_u32(const message_view& x, attribute_type type) noexcept;
std::optional<std::uint64_t> find_u64(const message_view& x, attribute_type type) noexcept;

/// ERROR-CODE (RFC 8489 section 14.8).
struct error_view {
  int code = 0;            ///< 300 to 699.
  std::string_view reason; ///< For people; borrowed from the message.
};
namespace error {
constexpr int try_alternate = 300;
constexpr int bad_request = 400;
constexpr int unauthenticated = 401;
constexpr int unknown_attribute = 420;
constexpr int stale_nonce = 438;
constexpr int role_conflict = 487; // RFC 8445 section 7.3.1.1
constexpr int server_error = 500;
} // namespace error
std::optional<error_view> find_error(const message_view& x) noexcept;

/// CHANGE-REQUEST (RFC 5780 section 7.2): answer from another address, from another port.
struct change_request {
  bool address = false;
  bool port = false;
};
std::optional<change_request> find_change_request(const message_view& x) noexcept;

/// UNKNOWN-ATTRIBUTES (RFC 8489 section 14.13); empty when there are none.
std::vector<attribute_type> find_unknown_attributes(const message_view& x);

/// Types that `unknown_required` returns at most. Whoever sends more of them than exist learns no more from a longer
/// list.
constexpr std::size_t unknown_attributes_max = 64;

/// The types in `x` that must be understood and are not, each once (RFC 8489 section 6.3): those of RFC 8489 are
/// understood, and those in `also`. A request that has any is answered with error 420 and this list, an indication is
/// dropped, a response makes its transaction fail.
std::vector<attribute_type> unknown_required(const message_view& x, boost::span<const attribute_type> also = {});

} // namespace librats::protocols::stun
