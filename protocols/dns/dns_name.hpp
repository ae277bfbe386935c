// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace librats::protocols {

/// A domain name: labels of 1 to 63 arbitrary bytes, at most 255 bytes on the wire with the length bytes and the final
/// zero (RFC 1035 section 2.3.4). Compared without regard to the case of ASCII letters and of nothing else (RFC 4343,
/// RFC 6762 section 16), but kept in the case it came in: upstream compares the name of an A record with the target of
/// an SRV record byte by byte.
class dns_name {
public:
  static constexpr std::size_t label_max = 63;
  static constexpr std::size_t wire_max = 255;

  /// The root.
  dns_name() = default;

  /// Reads text: a dot ends a label, a backslash quotes the next character or, before three decimal digits, a byte
  /// (RFC 1035 section 5.1). The final dot is optional. Empty optional for an empty label, a label or name that is too
  /// long, or a backslash that quotes nothing.
  static std::optional<dns_name> parse(std::string_view text);

  /// Takes labels as they are. Empty optional when one is empty or too long, or the name would be.
  static std::optional<dns_name> of(std::initializer_list<std::string_view> labels);

  /// Appends a label at the end, towards the root. False, and nothing changed, when there is no room or it is empty.
  bool append(std::string_view label);

  /// This name below one more label. Empty optional when there is no room.
  [[nodiscard]] std::optional<dns_name> below(std::string_view label) const;

  [[nodiscard]] bool is_root() const noexcept { return labels_.empty(); }
  /// The leftmost label; empty for the root.
  [[nodiscard]] std::string_view first_label() const noexcept;
  /// Without the leftmost label; the root stays the root.
  [[nodiscard]] dns_name parent() const;
  [[nodiscard]] bool is_child_of(const dns_name& x) const { return !is_root() && parent() == x; }
  [[nodiscard]] std::vector<std::string_view> labels() const;

  /// Bytes on the wire without compression, at most 255.
  [[nodiscard]] std::size_t wire_size() const noexcept { return labels_.size() + 1; }
  /// Length bytes and labels, without the zero byte of the root.
  [[nodiscard]] std::string_view wire_labels() const noexcept { return labels_; }

  /// With a final dot. Dots, backslashes and whatever is no printable ASCII are escaped, so the result is one line that
  /// is fit for a log whoever chose the name; `parse` reads it back.
  [[nodiscard]] std::string to_string() const;

  friend bool operator==(const dns_name& a, const dns_name& b) noexcept { return a.compare(b) == 0; }
  friend bool operator!=(const dns_name& a, const dns_name& b) noexcept { return a.compare(b) != 0; }
  /// Some order in which equal names are neither before nor after each other.
  friend bool operator<(const dns_name& a, const dns_name& b) noexcept { return a.compare(b) < 0; }

private:
  [[nodiscard]] int compare(const dns_name& other) const noexcept;

  /// Each label after its length byte. A length is at most 63 and every capital letter is greater, so the whole string
  /// can be compared in one go.
  std::string labels_;
};

/// One label, or any text of strangers, as `dns_name::to_string` shows it.
std::string escape_label(std::string_view label);

/// ASCII letters in lower case, everything else as it is.
std::string ascii_lower(std::string_view text);

} // namespace librats::protocols
