// SPDX-License-Identifier: MIT
#include "actors/topic_backlog.hpp"

namespace librats::actors {

bool topic_backlog::has_room(std::size_t publications) {
  while (!receipts_.empty() && receipts_.front().held.expired()) {
    bytes_ -= receipts_.front().bytes;
    receipts_.pop_front();
  }
  if (bytes_ < (missed_ == 0 ? bytes_max : bytes_max / 2))
    return true;
  missed_ += publications;
  return false;
}

std::shared_ptr<const void> topic_backlog::take(const std::vector<protocols::gossip_delivery>& messages) {
  std::size_t bytes = 0;
  for (const auto& one : messages)
    bytes += one.data.size() + sizeof one;
  if (!open_) {
    open_ = std::make_shared<char>();
    receipts_.push_back({open_, 0});
  }
  auto out = open_;
  receipts_.back().bytes += bytes;
  bytes_ += bytes;
  if (receipts_.back().bytes >= step)
    open_.reset();
  return out;
}

} // namespace librats::actors
