// SPDX-License-Identifier: MIT
#include "apps/librats/message_handlers.hpp"

#include <algorithm>
#include <utility>

namespace librats::apps {

void message_handlers::add(const std::string& type, MessageCallback function, bool once) {
  if (function)
    by_type_[type].push_back({std::make_shared<const MessageCallback>(std::move(function)), once});
}

void message_handlers::remove_all(const std::string& type) { by_type_.erase(type); }

std::vector<message_handlers::handler> message_handlers::take(std::string_view type) {
  const auto found = by_type_.find(type);
  if (found == by_type_.end())
    return {};
  std::vector<handler> out;
  auto& entries = found->second;
  out.reserve(entries.size());
  for (const auto& one : entries)
    out.push_back(one.function);
  entries.erase(std::remove_if(entries.begin(), entries.end(), [](const auto& x) { return x.once; }), entries.end());
  if (entries.empty())
    by_type_.erase(found);
  return out;
}

} // namespace librats::apps
