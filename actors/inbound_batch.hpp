// SPDX-License-Identifier: MIT
#pragma once

#include "actors/frames.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace librats::actors {

/// Frames that arrived in one turn of the loop, copied out of the loop's read buffer. Small payloads share one piece of
/// memory, so a hundred of them cost one allocation.
class inbound_batch {
public:
  void push(const protocols::frame_view& x) {
    bytes_ += x.payload.size() + sizeof(frame);
    frames_.push_back({x.header, keep(x.payload)});
  }

  [[nodiscard]] bool empty() const noexcept { return frames_.empty(); }
  /// About what the frames take in memory.
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  [[nodiscard]] const protocols::frame_header& last_header() const noexcept { return frames_.back().header; }

  /// Hands the frames out and forgets the shared memory, which lives as long as the frames do.
  std::vector<frame> take() {
    arena_.reset();
    bytes_ = 0;
    return std::exchange(frames_, {});
  }

private:
  static constexpr std::size_t arena_size = 16 * 1024;
  static constexpr std::size_t small_payload_max = 2 * 1024;

  byte_slice keep(bytes_view payload);

  std::vector<frame> frames_;
  std::shared_ptr<std::uint8_t[]> arena_;
  std::size_t used_ = 0;
  std::size_t bytes_ = 0;
};

} // namespace librats::actors
