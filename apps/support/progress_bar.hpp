// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <string_view>

namespace librats::apps {

/// A bar of `columns` characters, `share` of which (from 0 to 1; more or less is cut off) are full: `[####......]`.
[[nodiscard]] std::string bar_text(double share, std::size_t columns);

/// Whether what is written there is seen by a person: `std::cout` or `std::cerr` on a terminal.
[[nodiscard]] bool is_terminal(const std::ostream& to);

/// The columns of that terminal, 80 where it does not say.
[[nodiscard]] std::size_t terminal_columns(const std::ostream& to);

/// A bar with a few words behind it, drawn over and over on one line of a terminal. Only the thread that made it may
/// call it, and while it is drawn nobody else should write to the terminal: call `clear` before.
class progress_bar {
public:
  /// A line is never longer than `line_columns`, since what wraps cannot be drawn over.
  progress_bar(std::ostream& to, std::size_t line_columns) : to_(to), line_columns_(line_columns) {}
  ~progress_bar() { clear(); }
  progress_bar(const progress_bar&) = delete;
  progress_bar& operator=(const progress_bar&) = delete;

  /// Draws when the picture would differ from the one that is there. `words` are cut where the line ends.
  void show(double share, std::string_view words);
  /// Takes the bar away; it comes back with the next `show`.
  void clear();

private:
  std::ostream& to_;
  std::size_t line_columns_;
  std::string drawn_;
};

} // namespace librats::apps
