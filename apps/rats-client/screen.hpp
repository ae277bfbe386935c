// SPDX-License-Identifier: MIT
#pragma once

#include "apps/rats-client/completion.hpp"

#include <string>

namespace librats::apps {

/// What the session shows and asks for. Every call may come from any thread and returns at once.
class screen {
public:
  virtual ~screen() = default;

  /// Shows lines; a line break at the end is added when it is missing. Foreign text in it is escaped already.
  virtual void print(std::string text) = 0;
  /// What the Tab key may offer from now on.
  virtual void offer(completion_words words) = 0;
  /// What stands in front of the line that a person types, from now on. Foreign text in it is escaped already.
  virtual void prompt(std::string text) = 0;
  /// Lines that stay above the one that a person types, from now on, each cut where the terminal ends; empty: none.
  /// Foreign text in them is escaped already.
  virtual void status(std::string lines) = 0;
  /// The last line is done; the next one may come. Only matters where lines come from a pipe or file.
  virtual void want_line() = 0;
  /// The session is over.
  virtual void finished(bool all_went_well) = 0;
};

} // namespace librats::apps
