// SPDX-License-Identifier: MIT
#pragma once

#include "apps/rats-client/completion.hpp"

#include <functional>
#include <string>

namespace librats::apps {

/// Where lines come from and text goes to: a terminal or a pipe. Lives on one thread, in an `io_context` there.
class line_source {
public:
  struct events {
    std::function<void(std::string)> line;
    std::function<void()> end;  ///< No more lines.
  };

  virtual ~line_source() = default;

  /// The next line may come. A person may type ahead; a script is only read after this.
  virtual void want() = 0;
  virtual void show(const std::string& text) = 0;
  virtual void offer(completion_words words) = 0;
  virtual void prompt(std::string text) = 0;
  /// As of `screen`.
  virtual void status(std::string lines) = 0;
  /// The size of the terminal changed.
  virtual void resized() = 0;
};

} // namespace librats::apps
