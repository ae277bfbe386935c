// SPDX-License-Identifier: MIT
#include "protocols/datagram/delivery_rate.hpp"

#include "protocols/datagram/sequence.hpp"

#include <algorithm>

namespace librats::protocols {

void delivery_rate::packet_sent(sent_packet& x, std::size_t in_flight, time_point now) noexcept {
  if (in_flight == 0) {
    first_sent_at_ = now;
    delivered_at_ = now;
  }
  x.first_sent_at = first_sent_at_;
  x.delivered_at = delivered_at_;
  x.delivered = delivered_;
  x.app_limited = app_limited_until_ != 0;
}

void delivery_rate::mark_app_limited(std::size_t in_flight) noexcept {
  app_limited_until_ = std::max<std::uint64_t>(delivered_ + in_flight, 1);
}

void delivery_rate::packet_arrived(const sent_packet& x, time_point now) noexcept {
  delivered_ += x.size;
  delivered_at_ = now;
  if (newest_ && !sequence_before(newest_->serial, x.serial))
    return;
  newest_ = newest{x.delivered, x.serial, x.sent_at - x.first_sent_at, x.delivered_at, x.app_limited};
  first_sent_at_ = x.sent_at;
}

delivery_rate::sample delivery_rate::finish(duration min_rtt) noexcept {
  if (app_limited_until_ != 0 && delivered_ > app_limited_until_)
    app_limited_until_ = 0;
  sample out;
  if (!newest_)
    return out;
  out.prior_delivered = newest_->prior_delivered;
  out.app_limited = newest_->app_limited;
  const auto interval = std::max(newest_->send_elapsed, delivered_at_ - newest_->prior_delivered_at);
  // A shorter one than a round trip comes from acknowledgements that were held up and arrived together.
  if (interval >= min_rtt && interval > duration::zero()) {
    const auto bytes = static_cast<double>(delivered_ - newest_->prior_delivered);
    out.bytes_per_second = static_cast<std::uint64_t>(bytes * 1e9 / static_cast<double>(interval.count()));
  }
  return out;
}

} // namespace librats::protocols
