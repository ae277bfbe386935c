// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace librats::protocols {

/// How many bytes the JSON value at the front of `text` takes, blanks before it included; 0 when none ends there. Only
/// its extent is found: quotes and brackets are matched, what stands between them is not read, so that it may still be
/// no JSON. One pass, no recursion, no memory.
[[nodiscard]] std::size_t json_value_size(std::string_view text) noexcept;

/// Whether all of `text` is one such value, blanks around it included.
[[nodiscard]] bool is_one_json_value(std::string_view text) noexcept;

/// Walks over the members of the object that `text` consists of, without reading the values. The views point into
/// `text`.
class json_members {
public:
  struct member {
    std::string_view name;  ///< As it stands between its quotes, escapes and all.
    std::string_view value; ///< With the blanks before it.
  };

  explicit json_members(std::string_view text) noexcept;

  /// The next member; empty at the end and at the first mistake.
  std::optional<member> next() noexcept;
  /// Whether everything so far was well-formed; after the last member, whether all of the text was.
  [[nodiscard]] bool ok() const noexcept { return !failed_; }

private:
  std::optional<member> stop(bool failed) noexcept;

  std::string_view rest_;
  bool first_ = true;
  bool ended_ = false;
  bool failed_ = false;
};

} // namespace librats::protocols
