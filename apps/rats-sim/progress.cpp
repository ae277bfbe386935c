// SPDX-License-Identifier: MIT
#include "apps/rats-sim/progress.hpp"

#include "runtime/log/log.hpp"

namespace librats::apps {

progress::progress(std::ostream& to, duration whole, bool silent)
  : progress(to, whole, silent, is_terminal(to), terminal_columns(to)) {}

void progress::show(duration now, const sample& seen) {
  if (silent_ || whole_ <= duration::zero())
    return;
  const int steps = terminal_ ? 1000 : 10;
  const auto share = static_cast<double>(now.count()) / static_cast<double>(whole_.count());
  const auto reached = static_cast<int>(share * steps);
  if (reached <= shown_)
    return;
  shown_ = reached;
  const auto text = runtime::concat(reached * 100 / steps, " %  ", std::chrono::duration<double>(now).count(),
    " s  up ", seen.up, "  links ", seen.links, "  messages ", seen.arrivals);
  if (terminal_)
    bar_.show(share, text);
  else
    to_ << text << std::endl;
}

void progress::done() {
  bar_.clear();
}

} // namespace librats::apps
