// SPDX-License-Identifier: MIT
#include "actors/inbound_batch.hpp"

#include <cstring>

namespace librats::actors {

byte_slice inbound_batch::keep(bytes_view payload) {
  // A lone or large payload gets memory of its own, so that who keeps it keeps no strangers.
  if (payload.size() > small_payload_max || frames_.empty())
    return byte_slice::copy_of(payload);
  if (payload.empty())
    return {};
  if (!arena_ || arena_size - used_ < payload.size()) {
    arena_.reset(new std::uint8_t[arena_size]);
    used_ = 0;
  }
  auto* place = arena_.get() + used_;
  std::memcpy(place, payload.data(), payload.size());
  used_ += payload.size();
  return {std::shared_ptr<const void>{arena_}, bytes_view{place, payload.size()}};
}

} // namespace librats::actors
