// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/result.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace librats::protocols {

/// Why a name from outside was refused.
enum class name_errc : std::uint8_t {
  empty = 1,          ///< No name at all, or nothing between two separators.
  too_long,           ///< The path is above `safe_path_max`.
  component_too_long, ///< A component is above `safe_component_max`.
  too_deep,           ///< More components than `safe_depth_max`.
  absolute,           ///< Begins with a separator.
  drive,              ///< The second character is a colon.
  dots,               ///< A component is `.` or `..`.
  control,            ///< A control character, NUL among them.
  not_utf8,           ///< No UTF-8, or something that Unicode reserves.
  deceptive,          ///< A character that turns the direction of the text, as in "invoice_fdp.exe" shown backwards.
  reserved,           ///< Names a device of Windows.
  bad_ending,         ///< A component ends with a dot or a blank, which Windows drops.
  bad_character,      ///< One of `<>:"|?*`, which Windows does not allow.
  not_a_name,         ///< A path where a single name was expected.
};

/// A short lowercase sentence without a full stop.
const char* to_string(name_errc code) noexcept;

/// Which file systems a path must fit.
enum class name_rules : std::uint8_t {
  posix,
  windows, ///< POSIX's and Windows' together.
};

/// Bytes of a whole path: PATH_MAX of Linux is 4096, and the folder that it goes to needs room.
constexpr std::size_t safe_path_max = 3072;
/// Bytes of a component: NAME_MAX of Linux; Windows and macOS count 255 UTF-16 units, which is never less.
constexpr std::size_t safe_component_max = 255;
/// Directories within directories, and the file.
constexpr std::size_t safe_depth_max = 128;

/// What a path from outside may be called below a folder of ours (wire/05 section 5, and more): relative, with `/`
/// between the components whatever the sender's separator was (`\` always separates, as it does on Windows). Never
/// leaves the folder by its text; following no symbolic links is up to the disk.
result<std::string, name_errc> safe_path(std::string_view raw, name_rules rules);

/// The same for a single name, such as that of a lone file. Error beside those above: `not_a_name`.
result<std::string, name_errc> safe_name(std::string_view raw, name_rules rules);

/// Equal for paths that a case-insensitive file system takes for one: lower case of ASCII, Latin (Latin-1, Extended-A,
/// fullwidth), Greek, Cyrillic and Armenian. Not of rarer letters, and accents are not composed: the disk must still
/// not replace what it created itself for the same transfer. `path` is UTF-8, as `safe_path` returns it.
std::string folded_path(std::string_view path);

} // namespace librats::protocols
