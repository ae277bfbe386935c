// SPDX-License-Identifier: MIT
#include "apps/librats/message_handlers.hpp"

#include <utility>

namespace librats::apps {

void message_handlers::add(const std::string& type, MessageCallback function, bool once) {
  if (!function)
    return;
  auto& found = by_type_[type];
  auto next = found.functions ? *found.functions : std::vector<handler>{};
  next.push_back(std::make_shared<const MessageCallback>(std::move(function)));
  found.functions = std::make_shared<const std::vector<handler>>(std::move(next));
  found.once.push_back(once);
  found.any_once = found.any_once || once;
}

void message_handlers::remove_all(const std::string& type) {
  by_type_.erase(type);
}

message_handlers::snapshot message_handlers::take(std::string_view type) {
  const auto found = by_type_.find(type);
  if (found == by_type_.end())
    return nullptr;
  auto& all = found->second;
  auto out = all.functions;
  if (!all.any_once)
    return out;
  std::vector<handler> stay;
  for (std::size_t i = 0; i < out->size(); ++i)
    if (!all.once[i])
      stay.push_back((*out)[i]);
  if (stay.empty()) {
    by_type_.erase(found);
    return out;
  }
  all.once.assign(stay.size(), false);
  all.any_once = false;
  all.functions = std::make_shared<const std::vector<handler>>(std::move(stay));
  return out;
}

} // namespace librats::apps
