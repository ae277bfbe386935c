// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace librats::apps {

/// What the client knows by name, beside its commands.
struct completion_words {
  std::vector<std::string> peers;  ///< Short ids.
  std::vector<std::string> types;
  std::vector<std::string> channels;
  std::vector<std::string> topics;
};

/// What the Tab key does to a line.
struct completion {
  std::string insert;                   ///< Goes in at the cursor.
  std::vector<std::string> candidates;  ///< To be shown when there are several and nothing can be inserted.
};

/// `line` ends at the cursor.
[[nodiscard]] completion complete(std::string_view line, const completion_words& words);

} // namespace librats::apps
