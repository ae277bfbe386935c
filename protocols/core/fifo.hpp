// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <iterator>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

namespace librats {

/// First in, first out, in one piece of memory that is used in a circle. What `std::deque` is often taken for, at a
/// different price: an empty one has no memory (of a `std::deque` 576 bytes), which counts where a node has dozens of
/// queues that are empty nearly always. Elements move without exceptions. References end with the next `push_back` or
/// `emplace_back`.
template <class T>
class fifo {
  static_assert(std::is_nothrow_move_constructible_v<T>);

public:
  using value_type = T;

  class const_iterator {
  public:
    using iterator_category = std::forward_iterator_tag;
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using pointer = const T*;
    using reference = const T&;

    const_iterator() noexcept = default;
    const_iterator(const fifo& of, std::size_t at) noexcept : of_(&of), at_(at) {}
    reference operator*() const noexcept { return (*of_)[at_]; }
    pointer operator->() const noexcept { return &(*of_)[at_]; }
    const_iterator& operator++() noexcept {
      ++at_;
      return *this;
    }
    const_iterator operator++(int) noexcept {
      auto before = *this;
      ++at_;
      return before;
    }
    friend bool operator==(const const_iterator& a, const const_iterator& b) noexcept { return a.at_ == b.at_; }
    friend bool operator!=(const const_iterator& a, const const_iterator& b) noexcept { return a.at_ != b.at_; }

  private:
    const fifo* of_ = nullptr;
    std::size_t at_ = 0;
  };

  fifo() noexcept = default;
  fifo(fifo&& other) noexcept
    : memory_(std::exchange(other.memory_, nullptr)), capacity_(std::exchange(other.capacity_, 0)),
      first_(std::exchange(other.first_, 0)), size_(std::exchange(other.size_, 0)) {}
  fifo(const fifo& other) {
    for (const auto& one : other)
      push_back(one);
  }
  fifo& operator=(fifo other) noexcept {
    std::swap(memory_, other.memory_);
    std::swap(capacity_, other.capacity_);
    std::swap(first_, other.first_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~fifo() { clear(); }

  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] T& operator[](std::size_t i) noexcept { return memory_[(first_ + i) & (capacity_ - 1)]; }
  [[nodiscard]] const T& operator[](std::size_t i) const noexcept { return memory_[(first_ + i) & (capacity_ - 1)]; }
  [[nodiscard]] T& front() noexcept { return (*this)[0]; }
  [[nodiscard]] const T& front() const noexcept { return (*this)[0]; }
  [[nodiscard]] T& back() noexcept { return (*this)[size_ - 1]; }
  [[nodiscard]] const T& back() const noexcept { return (*this)[size_ - 1]; }
  [[nodiscard]] const_iterator begin() const noexcept { return {*this, 0}; }
  [[nodiscard]] const_iterator end() const noexcept { return {*this, size_}; }

  void push_back(const T& x) { emplace_back(x); }
  void push_back(T&& x) { emplace_back(std::move(x)); }

  template <class... Ts>
  T& emplace_back(Ts&&... xs) {
    if (size_ == capacity_)
      return grow(std::forward<Ts>(xs)...);
    auto* made = new (memory_ + ((first_ + size_) & (capacity_ - 1))) T(std::forward<Ts>(xs)...);
    ++size_;
    return *made;
  }

  /// It must not be empty. The last one takes the memory along, unless it is little.
  void pop_front() noexcept {
    memory_[first_].~T();
    first_ = (first_ + 1) & (capacity_ - 1);
    if (--size_ == 0 && capacity_ * sizeof(T) > kept_bytes)
      release();
  }

  void clear() noexcept {
    while (size_ != 0)
      pop_front();
    release();
  }

private:
  static constexpr std::size_t kept_bytes = 256;
  static constexpr std::size_t first_capacity = sizeof(T) <= kept_bytes / 4 ? 4 : sizeof(T) <= kept_bytes / 2 ? 2 : 1;

  /// Moves to larger memory, in which the new one is made first: it may be made of something in the old one.
  template <class... Ts>
  T& grow(Ts&&... xs) {
    const auto capacity = capacity_ == 0 ? first_capacity : capacity_ * 2;
    struct memory {
      T* at;
      std::size_t capacity;
      ~memory() {
        if (at != nullptr)
          std::allocator<T>{}.deallocate(at, capacity);
      }
    } larger{std::allocator<T>{}.allocate(capacity), capacity};
    auto* made = new (larger.at + size_) T(std::forward<Ts>(xs)...);
    for (std::size_t i = 0; i < size_; ++i) {
      new (larger.at + i) T(std::move((*this)[i]));
      (*this)[i].~T();
    }
    const auto size = size_ + 1;
    release();
    memory_ = std::exchange(larger.at, nullptr);
    capacity_ = capacity;
    size_ = size;
    return *made;
  }

  void release() noexcept {
    if (memory_ != nullptr)
      std::allocator<T>{}.deallocate(std::exchange(memory_, nullptr), capacity_);
    capacity_ = first_ = size_ = 0;
  }

  T* memory_ = nullptr;
  std::size_t capacity_ = 0; ///< A power of two, or none.
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

} // namespace librats
