// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/gossip/message_id.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

namespace librats::protocols {

/// Values by message id, of which the oldest goes first: what a node remembers of publications for a while. A queue of
/// entries, and a table with open addressing from hash to place in the queue. An entry that is dropped leaves its slot
/// behind, which is reused, or swept when the table is laid anew: so neither insertion nor removal touches memory that
/// it does not have to, which is what such a cache spends its time on. Costs 8 to 32 bytes per entry beside it.
template <class Value>
class id_fifo {
public:
  struct entry {
    message_id id;
    Value value;
  };

  /// `seed` is random and secret: strangers choose the ids.
  explicit id_fifo(std::uint64_t seed) noexcept : hash_{seed} {}

  /// Null when it is not there. Valid until the entry is dropped.
  [[nodiscard]] const Value* find(const message_id& id) const {
    if (slots_.empty())
      return nullptr;
    const auto h = hash_(id);
    for (auto at = h & mask();; at = (at + 1) & mask()) {
      const auto& x = slots_[at];
      if (!x.used)
        return nullptr;
      if (x.tag == tag_of(h) && lives(x) && entries_[place_of(x)].id == id)
        return &entries_[place_of(x)].value;
    }
  }
  [[nodiscard]] Value* find(const message_id& id) { return const_cast<Value*>(std::as_const(*this).find(id)); }
  [[nodiscard]] bool contains(const message_id& id) const { return find(id) != nullptr; }

  /// Null when it is there already, else where the value is now.
  Value* push(const message_id& id, Value value) {
    if ((used_ + 1) * 2 > slots_.size())
      lay_anew();
    const auto h = hash_(id);
    auto free = slots_.size();
    auto at = h & mask();
    for (; slots_[at].used; at = (at + 1) & mask()) {
      const auto& x = slots_[at];
      if (!lives(x)) {
        if (free == slots_.size())
          free = at;
      } else if (x.tag == tag_of(h) && entries_[place_of(x)].id == id) {
        return nullptr;
      }
    }
    if (free == slots_.size()) {
      free = at;
      ++used_;
    }
    slots_[free] = slot{static_cast<std::uint32_t>(end()), tag_of(h)};
    entries_.push_back({id, std::move(value)});
    return &entries_.back().value;
  }

  /// It must not be empty.
  [[nodiscard]] entry& front() { return entries_.front(); }
  void pop_front() {
    entries_.pop_front();
    ++first_;
    if (entries_.empty()) {  // Who was busy once shall not keep its table for ever.
      slots_ = {};
      used_ = 0;
    }
  }

  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
  /// Entries are numbered in the order of their coming: from `first` to before `end`.
  [[nodiscard]] std::uint64_t first() const noexcept { return first_; }
  [[nodiscard]] std::uint64_t end() const noexcept { return first_ + entries_.size(); }
  [[nodiscard]] const entry& at(std::uint64_t number) const {
    return entries_[static_cast<std::size_t>(number - first_)];
  }

private:
  struct slot {
    std::uint32_t number = 0;  ///< The lower half of the entry's.
    std::uint32_t tag : 31;
    std::uint32_t used : 1;
    slot() noexcept : tag(0), used(0) {}
    slot(std::uint32_t n, std::uint32_t t) noexcept : number(n), tag(t & 0x7fffffffU), used(1) {}
  };

  [[nodiscard]] std::size_t mask() const noexcept { return slots_.size() - 1; }
  static std::uint32_t tag_of(std::size_t h) noexcept { return static_cast<std::uint32_t>(h >> 32) & 0x7fffffffU; }
  [[nodiscard]] std::uint32_t place_of(const slot& x) const noexcept {
    return x.number - static_cast<std::uint32_t>(first_);
  }
  [[nodiscard]] bool lives(const slot& x) const noexcept { return place_of(x) < entries_.size(); }

  void lay_anew() {
    constexpr std::size_t slots_min = 16;
    std::size_t count = slots_min;
    while (count < entries_.size() * 4)
      count *= 2;
    slots_.assign(count, slot{});
    used_ = entries_.size();
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      const auto h = hash_(entries_[i].id);
      auto at = h & mask();
      while (slots_[at].used)
        at = (at + 1) & mask();
      slots_[at] = slot{static_cast<std::uint32_t>(first_ + i), tag_of(h)};
    }
  }

  keyed_id_hash hash_;
  std::deque<entry> entries_;  ///< The oldest first.
  std::uint64_t first_ = 0;
  std::vector<slot> slots_;    ///< A power of two, at least twice what is used.
  std::size_t used_ = 0;       ///< Slots that are taken, also by entries that were dropped.
};

} // namespace librats::protocols
