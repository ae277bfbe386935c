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
  /// Those to be called for a message, in the order of registration. One-shot handlers are gone after this.
  [[nodiscard]] std::vector<handler> take(std::string_view type);

private:
  struct entry {
    handler function;
    bool once;
  };
  std::map<std::string, std::vector<entry>, std::less<>> by_type_;
};

} // namespace librats::apps
