// SPDX-License-Identifier: MIT
#include "apps/rats-sim/progress.hpp"

#include "runtime/log/log.hpp"

#include <iostream>

#ifndef _WIN32
#include <unistd.h>
#endif

namespace librats::apps {

namespace {

constexpr int bar_columns = 40;
constexpr auto erase_line = "\r\x1b[K";

bool is_terminal(const std::ostream& to) {
#ifdef _WIN32
  static_cast<void>(to);
  return false;
#else
  return &to == &std::cerr && isatty(STDERR_FILENO) == 1;
#endif
}

} // namespace

progress::progress(std::ostream& to, duration whole, bool silent) : progress(to, whole, silent, is_terminal(to)) {}

void progress::show(duration now, const sample& seen) {
  if (silent_ || whole_ <= duration::zero())
    return;
  const int steps = terminal_ ? 1000 : 10;
  const auto reached = static_cast<int>(static_cast<double>(now.count()) / static_cast<double>(whole_.count()) * steps);
  if (reached <= shown_)
    return;
  shown_ = reached;
  const auto text = runtime::concat(reached * 100 / steps, " %  ", std::chrono::duration<double>(now).count(),
    " s  up ", seen.up, "  links ", seen.links, "  messages ", seen.arrivals);
  if (!terminal_) {
    to_ << text << std::endl;
    return;
  }
  const auto full = static_cast<std::size_t>(reached * bar_columns / steps);
  to_ << erase_line << '[' << std::string(full, '#') << std::string(bar_columns - full, '.') << "] " << text
      << std::flush;
  drawn_ = true;
}

void progress::done() {
  if (drawn_)
    to_ << erase_line << std::flush;
  drawn_ = false;
}

} // namespace librats::apps
