// SPDX-License-Identifier: MIT
#include "apps/support/progress_bar.hpp"

#include <algorithm>
#include <iostream>

#ifndef _WIN32
#include <sys/ioctl.h>
#include <unistd.h>
#endif

namespace librats::apps {

namespace {

constexpr std::size_t bar_columns_max = 40;
constexpr std::size_t columns_unless_told = 80;
/// ECMA-48: back to the first column, then erase to the end of the line.
constexpr auto erase_line = "\r\x1b[K";

/// The file descriptor behind one of the two standard streams; -1 for any other.
int descriptor_of(const std::ostream& to) {
  if (&to == &std::cout)
    return 1;
  return &to == &std::cerr ? 2 : -1;
}

} // namespace

std::string bar_text(double share, std::size_t columns) {
  // Written so that what is not a number counts as nothing.
  const auto within = share > 0 ? std::min(share, 1.0) : 0.0;
  const auto full = static_cast<std::size_t>(within * static_cast<double>(columns));
  return '[' + std::string(full, '#') + std::string(columns - full, '.') + ']';
}

bool is_terminal(const std::ostream& to) {
#ifdef _WIN32
  static_cast<void>(to);
  return false;
#else
  const int descriptor = descriptor_of(to);
  return descriptor >= 0 && ::isatty(descriptor) == 1;
#endif
}

std::size_t terminal_columns(const std::ostream& to) {
#ifdef _WIN32
  static_cast<void>(to);
#else
  winsize size{};
  if (const int descriptor = descriptor_of(to); descriptor >= 0 && ::ioctl(descriptor, TIOCGWINSZ, &size) == 0)
    if (size.ws_col != 0)
      return size.ws_col;
#endif
  return columns_unless_told;
}

void progress_bar::show(double share, std::string_view words) {
  // The last column stays free: some terminals wrap as soon as it is written.
  const auto room = line_columns_ > 0 ? line_columns_ - 1 : 0;
  const auto bar_columns = std::min(bar_columns_max, room / 3);
  auto line = bar_text(share, bar_columns);
  line += ' ';
  line += words;
  line.resize(std::min(line.size(), room));
  if (line == drawn_)
    return;
  drawn_ = std::move(line);
  to_ << erase_line << drawn_ << std::flush;
}

void progress_bar::clear() {
  if (!drawn_.empty())
    to_ << erase_line << std::flush;
  drawn_.clear();
}

} // namespace librats::apps
