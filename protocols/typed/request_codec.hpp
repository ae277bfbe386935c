// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/result.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace librats::protocols {

// Questions and answers between two peers, as typed messages of two reserved types. The wire chapters know nothing like
// it: a peer that does not either has no handler for these types and ignores them (wire/03 section 2), so that its
// asker hears nothing until the deadline.
//
//   type "rats.request"    {"id":"<u64>","type":"<what is asked>","data":<any JSON value>}
//   type "rats.response"   {"id":"<u64>","data":<any JSON value>}
//                          {"id":"<u64>","error":"<a sentence>"}
//
// `id` is the asker's own number, decimal digits in a string, because a JSON number of 64 bits does not survive every
// reader. The answer repeats it; it goes to the peer that asked, on whichever link. Members come in any order, unknown
// ones are ignored, of two with one name the last counts, a request without `data` asks with null, and a response needs
// one of `data` and `error`; with both it is an error. Member names are written without escapes.

constexpr std::string_view request_type = "rats.request";
constexpr std::string_view response_type = "rats.response";

/// The longest sentence of an error, in bytes; what is longer is cut.
constexpr std::size_t request_error_max = 1024;

/// A question, as it stands in the JSON text of a typed message.
struct request_view {
  std::uint64_t id = 0;
  std::string type;
  /// One value by its quotes and brackets; whether it is JSON is for its reader to find. Empty: there is none, so null.
  std::string_view data_text;
};

/// An answer.
struct response_view {
  std::uint64_t id = 0;
  std::string_view data_text;       ///< As above; empty in an error.
  std::optional<std::string> error; ///< Why there is no data.
};

/// A whole Typed payload. Errors: `too_large` for a type above 65 535 bytes, `bad_text` for a type that is not UTF-8 or
/// data that is not one value.
result<bytes> encode_request(std::uint64_t id, std::string_view type, std::string_view data_text);
/// Error: `bad_text`, as above.
result<bytes> encode_response(std::uint64_t id, std::string_view data_text);
/// What is not UTF-8 in the sentence makes it a plain "failed".
bytes encode_error_response(std::uint64_t id, std::string_view sentence);

/// Both take the JSON text of a typed message. Error: `bad_text`.
result<request_view> decode_request(std::string_view json_text);
result<response_view> decode_response(std::string_view json_text);

} // namespace librats::protocols
