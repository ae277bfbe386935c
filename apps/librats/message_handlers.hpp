// SPDX-License-Identifier: MIT
#pragma once

#include "librats.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace librats::apps {

/// Who wants messages of which type (wire/03 section 2). Handlers may change it while it calls them: a dispatch works
/// on what was there when the message came.
class message_handlers {
public:
  using handler = std::shared_ptr<const MessageCallback>;

  void add(const std::string& type, MessageCallback function, bool once);
  void remove_all(const std::string& type);

  [[nodiscard]] bool wants(std::string_view type) const { return by_type_.find(type) != by_type_.end(); }
  using snapshot = std::shared_ptr<const std::vector<handler>>;
  /// Those to be called for a message, in the order of registration; null when there are none. One-shot handlers are
  /// gone after this.
  [[nodiscard]] snapshot take(std::string_view type);

private:
  /// The list is shared with the dispatches that run, so a change makes a new one.
  struct entry {
    snapshot functions;
    std::vector<bool> once;  ///< For each of them.
    bool any_once = false;
  };
  std::map<std::string, entry, std::less<>> by_type_;
};

} // namespace librats::apps
