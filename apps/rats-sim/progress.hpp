// SPDX-License-Identifier: MIT
#pragma once

#include "apps/rats-sim/report.hpp"
#include "apps/support/progress_bar.hpp"
#include "protocols/core/time.hpp"

#include <ostream>
#include <string>

namespace librats::apps {

/// Tells how far a run is: a bar that is drawn over and over on a terminal, a line for each tenth elsewhere.
class progress {
public:
  progress(std::ostream& to, duration whole, bool silent);
  progress(std::ostream& to, duration whole, bool silent, bool terminal, std::size_t columns)
    : to_(to), bar_(to, columns), whole_(whole), silent_(silent), terminal_(terminal) {}

  void show(duration now, const sample& seen);
  /// Takes the bar away.
  void done();

private:
  std::ostream& to_;
  progress_bar bar_;
  duration whole_;
  bool silent_;
  bool terminal_;
  int shown_ = 0; ///< Per mille on a terminal, tenths elsewhere.
};

} // namespace librats::apps
