// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string_view>

namespace librats::runtime {

/// Longer names are compared with nothing: the comparison takes the product of both lengths.
constexpr std::size_t compared_name_bytes_max = 64;

/// The number of letters to insert, remove, change or swap with a neighbour (optimal string alignment), ignoring case.
/// The largest number when either name is too long to compare.
[[nodiscard]] std::size_t edit_distance(std::string_view a, std::string_view b);

/// True when so many edits may well be a slip in `name`: up to a third of its letters, but not all of a short name.
[[nodiscard]] bool is_slip(std::size_t distance, std::string_view name) noexcept;

} // namespace librats::runtime
