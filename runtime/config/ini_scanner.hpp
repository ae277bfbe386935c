// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace librats::runtime {

// Splits an INI text into sections and entries, with line numbers, and knows nothing about which of them make sense:
//
//     # a comment; so is a line that begins with ';'
//     [section]                 ; a comment may follow
//     key = some text           # in a value a comment begins at '#' or ';' after a blank
//     key = "  \"quoted\" # "   # between quotes nothing is special but \" and \\ .
//
// The text is UTF-8, with or without byte order mark, with Unix or Windows line ends.

/// A longer line is a mistake: it holds a longest path with every character escaped, its key and a comment.
constexpr std::size_t config_line_bytes_max = 16 * 1024;

struct ini_section {
  int line = 0; ///< From 1.
  std::string name;
};

struct ini_entry {
  int line = 0;
  std::string section;
  std::string key;
  std::string value; ///< Trimmed, without quotes and comment.
};

struct ini_problem {
  int line = 0;
  std::string key; ///< `section.key` when the line got as far as that, else empty.
  std::string sentence;
};

struct ini_scan {
  std::vector<ini_section> sections;
  std::vector<ini_entry> entries;
  std::vector<ini_problem> problems;
};

/// Scans the whole text and goes on after a mistake. Entries below a header that could not be read are left out,
/// because nobody knows where they belong. Pure; linear in the size of the text.
[[nodiscard]] ini_scan scan_ini(std::string_view text);

/// Writes a value such that `scan_ini` reads it back: with quotes only where they are needed. The value must not hold
/// control characters.
[[nodiscard]] std::string ini_quoted(std::string_view value);

} // namespace librats::runtime
