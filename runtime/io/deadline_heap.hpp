// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace librats::runtime {

/// Deadlines with a number each, the earliest on top and of equal ones the lowest number. A heap with four children
/// per place: with tens of thousands of deadlines most of the time goes into memory that is not in the cache, and the
/// four stand together in one line of it.
class deadline_heap {
public:
  struct item {
    time_point due;
    std::uint64_t number;
    friend bool operator<(const item& a, const item& b) noexcept {
      return a.due != b.due ? a.due < b.due : a.number < b.number;
    }
  };

  [[nodiscard]] bool empty() const noexcept { return items_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return items_.size(); }
  [[nodiscard]] const item& top() const noexcept { return items_.front(); }

  void push(const item& x) {
    items_.push_back(x);
    auto place = items_.size() - 1;
    while (place != 0 && x < items_[(place - 1) / ways]) {
      items_[place] = items_[(place - 1) / ways];
      place = (place - 1) / ways;
    }
    items_[place] = x;
  }

  void pop() {
    const auto last = items_.back();
    items_.pop_back();
    if (!items_.empty())
      sink(0, last);
  }

  /// Forgets all for which `is_dead` holds. O(n).
  template <class Predicate>
  void purge(Predicate is_dead) {
    std::size_t kept = 0;
    for (const auto& one : items_)
      if (!is_dead(one))
        items_[kept++] = one;
    items_.resize(kept);
    for (auto place = kept / ways + 1; place-- > 0;)
      if (place < kept)
        sink(place, items_[place]);
  }

private:
  static constexpr std::size_t ways = 4;

  /// Puts `x` at `place` or below it.
  void sink(std::size_t place, const item x) {
    const auto count = items_.size();
    for (auto child = place * ways + 1; child < count; child = place * ways + 1) {
      auto least = child;
      for (auto other = child + 1; other < count && other < child + ways; ++other)
        if (items_[other] < items_[least])
          least = other;
      if (!(items_[least] < x))
        break;
      items_[place] = items_[least];
      place = least;
    }
    items_[place] = x;
  }

  std::vector<item> items_;
};

} // namespace librats::runtime
