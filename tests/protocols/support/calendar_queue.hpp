// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/time.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <queue>
#include <utility>
#include <vector>

namespace librats::test {

/// What happens when, for worlds with millions of things under way: a ring of buckets of half a millisecond, so that
/// entering costs O(1) and a bucket is sorted once, when its time has come. What is due beyond the ring's 17 seconds
/// waits in a heap. Things come out by time, and those of one time in the order in which they went in.
///
/// `Event` has a member `time_point at`, and nothing goes in that is due before what came out last.
template <class Event>
class calendar_queue {
public:
  explicit calendar_queue(time_point now) : ring_(buckets), at_(bucket_of(now)) {}

  void push(Event x) {
    entry one{std::move(x), ++order_};
    ++size_;
    const auto bucket = std::max(bucket_of(one.event.at), at_);
    if (bucket == at_) { // Its time has come: it takes its place among those that are sorted already.
      today_.insert(std::upper_bound(today_.begin(), today_.end(), one, later), std::move(one));
    } else if (bucket < at_ + buckets) {
      put(bucket, std::move(one));
    } else {
      far_.push(std::move(one));
    }
  }

  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

  /// Takes the next one out, if it is due by `end`. The calendar moves on to `end` at most: looking does not make
  /// later events late.
  std::optional<Event> take(time_point end) {
    seek(bucket_of(end));
    if (today_.empty() || today_.back().event.at > end)
      return std::nullopt;
    auto out = std::move(today_.back().event);
    today_.pop_back();
    --size_;
    return out;
  }

private:
  struct entry {
    Event event;
    std::uint64_t order = 0;
  };
  static bool later(const entry& a, const entry& b) {
    return a.event.at != b.event.at ? a.event.at > b.event.at : a.order > b.order;
  }
  struct heap_order {
    bool operator()(const entry& a, const entry& b) const { return later(a, b); }
  };

  static constexpr std::uint64_t buckets = 1u << 15;
  static constexpr unsigned bucket_bits = 19; ///< 2^19 ns.

  static std::uint64_t bucket_of(time_point x) {
    return static_cast<std::uint64_t>(duration{x.time_since_epoch()}.count()) >> bucket_bits;
  }

  void put(std::uint64_t bucket, entry x) {
    auto& place = ring_[bucket % buckets];
    if (place.capacity() == 0 && !spare_.empty()) { // Else every bucket would keep the room of its busiest moment.
      place = std::move(spare_.back());
      spare_.pop_back();
    }
    place.push_back(std::move(x));
    ++in_ring_;
  }

  /// Moves on until there is something, to `last` at most.
  void seek(std::uint64_t last) {
    while (today_.empty() && at_ < last) {
      at_ = in_ring_ != 0 ? at_ + 1 : far_.empty() ? last : std::min(last, bucket_of(far_.top().event.at));
      while (!far_.empty() && bucket_of(far_.top().event.at) < at_ + buckets) {
        put(bucket_of(far_.top().event.at), far_.top());
        far_.pop();
      }
      auto& place = ring_[at_ % buckets];
      if (place.empty())
        continue;
      in_ring_ -= place.size();
      std::sort(place.begin(), place.end(), later);
      if (today_.capacity() != 0)
        spare_.push_back(std::move(today_));
      today_ = std::exchange(place, {});
    }
  }

  std::vector<std::vector<entry>> ring_;
  std::vector<std::vector<entry>> spare_; ///< Empty vectors with room.
  std::vector<entry> today_;              ///< The bucket `at_`, the next one last.
  std::priority_queue<entry, std::vector<entry>, heap_order> far_;
  std::uint64_t at_;
  std::uint64_t order_ = 0;
  std::size_t in_ring_ = 0;
  std::size_t size_ = 0;
};

} // namespace librats::test
