// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/io/deadline_heap.hpp"

#include <cstddef>
#include <cstdint>
#include <new>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

namespace librats::runtime {

/// Something to do once. Unlike a `std::function` it can be moved only, and takes what most events of a simulated
/// network carry (a shared pointer and a few words) without an allocation.
class sim_task {
public:
  sim_task() noexcept = default;

  template <class F, class = std::enable_if_t<!std::is_same_v<std::decay_t<F>, sim_task>>>
  sim_task(F&& call) { // Implicit on purpose: lambdas become tasks.
    using kind = std::decay_t<F>;
    if constexpr (sizeof(kind) <= room && alignof(kind) <= alignof(std::max_align_t)
      && std::is_nothrow_move_constructible_v<kind>) {
      new (storage_) kind(std::forward<F>(call));
      how_ = &in_place<kind>::how;
    } else {
      new (storage_) kind*(new kind(std::forward<F>(call)));
      how_ = &elsewhere<kind>::how;
    }
  }

  sim_task(sim_task&& other) noexcept : how_(std::exchange(other.how_, nullptr)) {
    if (how_ != nullptr)
      how_->move(other.storage_, storage_);
  }
  sim_task& operator=(sim_task&& other) noexcept {
    if (this != &other) {
      clear();
      how_ = std::exchange(other.how_, nullptr);
      if (how_ != nullptr)
        how_->move(other.storage_, storage_);
    }
    return *this;
  }
  ~sim_task() { clear(); }

  /// At most once; an empty task cannot be called.
  void operator()() { how_->call(storage_); }

private:
  static constexpr std::size_t room = 40;

  struct operations {
    void (*call)(void*);
    void (*move)(void* from, void* to) noexcept;
    void (*destroy)(void*) noexcept;
  };

  template <class F>
  struct in_place {
    static F& of(void* at) noexcept { return *std::launder(reinterpret_cast<F*>(at)); }
    static constexpr operations how{[](void* at) { of(at)(); },
      [](void* from, void* to) noexcept {
        new (to) F(std::move(of(from)));
        of(from).~F();
      },
      [](void* at) noexcept { of(at).~F(); }};
  };
  template <class F>
  struct elsewhere {
    static F*& of(void* at) noexcept { return *std::launder(reinterpret_cast<F**>(at)); }
    static constexpr operations how{[](void* at) { (*of(at))(); },
      [](void* from, void* to) noexcept { new (to) F*(of(from)); }, [](void* at) noexcept { delete of(at); }};
  };

  void clear() noexcept {
    if (how_ != nullptr)
      std::exchange(how_, nullptr)->destroy(storage_);
  }

  alignas(std::max_align_t) unsigned char storage_[room];
  const operations* how_ = nullptr;
};

/// What happens in a simulated network, in the order of its times; what happens at one time, in the order of asking.
class event_queue {
public:
  /// Throws `std::length_error` when 2^26 events wait.
  void add(time_point when, sim_task what) {
    std::uint32_t place = 0;
    if (!free_.empty()) {
      place = free_.back();
      free_.pop_back();
      tasks_[place] = std::move(what);
    } else {
      if (tasks_.size() > place_mask)
        throw std::length_error{"too many events"};
      place = static_cast<std::uint32_t>(tasks_.size());
      tasks_.push_back(std::move(what));
    }
    heap_.push({when, ++last_number_ << place_bits | place});
  }

  /// When the next one happens; empty when nothing waits.
  [[nodiscard]] std::optional<time_point> next_due() const {
    return heap_.empty() ? std::nullopt : std::optional{heap_.top().due};
  }

  /// Takes the next one out, which must exist.
  [[nodiscard]] sim_task take() {
    const auto place = static_cast<std::uint32_t>(heap_.top().number & place_mask);
    heap_.pop();
    free_.push_back(place);
    return std::move(tasks_[place]);
  }

private:
  static constexpr std::uint32_t place_bits = 26;
  static constexpr std::uint64_t place_mask = (std::uint64_t{1} << place_bits) - 1;

  deadline_heap heap_;
  std::vector<sim_task> tasks_;
  std::vector<std::uint32_t> free_;
  std::uint64_t last_number_ = 0;
};

} // namespace librats::runtime
