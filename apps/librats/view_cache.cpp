// SPDX-License-Identifier: MIT
#include "apps/librats/view_cache.hpp"

#include <algorithm>

namespace librats::apps {

namespace {

bool same_owner(const std::weak_ptr<const void>& a, const std::shared_ptr<const void>& b) noexcept {
  return !a.owner_before(b) && !b.owner_before(a);
}

} // namespace

thread_memory& memory_of_this_thread(const std::shared_ptr<const void>& client_alive) {
  thread_local std::vector<std::unique_ptr<thread_memory>> memories;
  for (const auto& one : memories)
    if (same_owner(one->client_alive, client_alive))
      return *one;
  memories.erase(
    std::remove_if(memories.begin(), memories.end(), [](const auto& x) { return x->client_alive.expired(); }),
    memories.end());
  memories.push_back(std::make_unique<thread_memory>());
  memories.back()->client_alive = client_alive;
  return *memories.back();
}

} // namespace librats::apps
