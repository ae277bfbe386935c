// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace librats::apps {

/// What a message of a workload says about itself.
struct payload_label {
  std::uint32_t workload = 0;
  std::uint64_t number = 0;
  bool intact = true; ///< Everything behind the label is as it was sent.
};

/// Bytes of the label in front of each publication; no message is smaller.
constexpr std::size_t payload_label_size = 16;

/// A publication of `size` bytes: its label, then bytes that follow from it, so that the receiver can tell whether all
/// of them arrived as they were sent.
[[nodiscard]] bytes make_payload(const payload_label& label, std::size_t size);
/// Empty for what is too short to have a label.
[[nodiscard]] std::optional<payload_label> read_payload(bytes_view in);

/// The same as one JSON object of about `size` bytes.
[[nodiscard]] std::string make_json_payload(const payload_label& label, std::size_t size);
[[nodiscard]] std::optional<payload_label> read_json_payload(std::string_view text);

} // namespace librats::apps
