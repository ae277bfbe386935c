// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <utility>

namespace librats {

/// Moves the first element out of a queue; empty when there is none. The element is never a local variable, because GCC
/// 12 warns of variants in one that they "may be used uninitialized".
template <class Queue>
std::optional<typename Queue::value_type> take_front(Queue& queue) {
  if (queue.empty())
    return std::nullopt;
  struct pop_at_exit {
    Queue& queue;
    ~pop_at_exit() { queue.pop_front(); }
  };
  const auto popped = pop_at_exit{queue};
  return std::move(queue.front());
}

} // namespace librats
