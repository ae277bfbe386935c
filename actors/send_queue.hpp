// SPDX-License-Identifier: MIT
#pragma once

#include "actors/frames.hpp"

#include <cstddef>
#include <vector>

namespace librats::actors {

/// Frames that wait to be sealed, first in first out. Holds references to payloads, so that a broadcast is stored once.
/// An empty queue owns no memory.
class send_queue {
public:
  void push(frame x) {
    bytes_ += cost(x);
    frames_.push_back(std::move(x));
  }

  [[nodiscard]] bool empty() const noexcept { return next_ == frames_.size(); }
  [[nodiscard]] std::size_t size() const noexcept { return frames_.size() - next_; }
  [[nodiscard]] const frame& front() const noexcept { return frames_[next_]; }

  void pop() {
    bytes_ -= cost(front());
    frames_[next_++].payload = {};
    if (empty())
      clear();
    else if (next_ >= compact_at && next_ * 2 >= frames_.size())
      compact();
  }

  /// Gives the memory back: an idle peer shall cost nothing.
  void clear() noexcept {
    // What a short burst needs is kept, because the next burst will need it again.
    if (frames_.capacity() > kept_frames)
      frames_ = {};
    else
      frames_.clear();
    next_ = 0;
    bytes_ = 0;
  }

  /// Payload bytes plus what the queue itself spends per frame: small frames must not escape the limit.
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  [[nodiscard]] static std::size_t cost(const frame& x) noexcept { return x.payload.size() + sizeof(frame); }

private:
  static constexpr std::size_t compact_at = 1024;
  static constexpr std::size_t kept_frames = 16;

  void compact() {
    frames_.erase(frames_.begin(), frames_.begin() + static_cast<std::ptrdiff_t>(next_));
    next_ = 0;
  }

  std::vector<frame> frames_;
  std::size_t next_ = 0;
  std::size_t bytes_ = 0;
};

} // namespace librats::actors
