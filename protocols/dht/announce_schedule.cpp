// SPDX-License-Identifier: MIT
#include "protocols/dht/announce_schedule.hpp"

#include <algorithm>
#include <utility>

namespace librats::protocols {

announce_schedule::announce_schedule(const config& cfg, time_point now, std::uint64_t seed)
  : cfg_(cfg), random_(seed), announce_at_(now), search_at_(now), pause_(cfg.search_pause_start / 2) {}

void announce_schedule::set_listening(time_point now, bool listening) {
  if (listening && !listening_)
    announce_at_ = now;
  listening_ = listening;
}

void announce_schedule::set_peers_wanted(time_point now, bool wanted) {
  if (wanted && !wanted_) {
    pause_ = cfg_.search_pause_start / 2;
    search_at_ = now;
  }
  wanted_ = wanted;
}

void announce_schedule::lookup_ended(time_point now, std::size_t fresh, bool acknowledged) {
  if (!running_)
    return;
  pause_ = fresh != 0 ? cfg_.search_pause_found : std::min(pause_ * 2, cfg_.search_pause_max);
  if (*running_ == action::announce)
    announce_at_ = now + shortened(acknowledged ? cfg_.announce_interval : pause_);
  search_at_ = now + shortened(pause_); // An announce has looked around as well.
  running_.reset();
  if (std::exchange(again_, false))
    network_changed(now);
}

void announce_schedule::network_changed(time_point now) {
  again_ = running_.has_value();
  pause_ = cfg_.search_pause_start / 2;
  announce_at_ = search_at_ = now;
}

std::optional<announce_schedule::action> announce_schedule::poll_action(time_point now) {
  if (running_)
    return std::nullopt;
  if (listening_ && announce_at_ <= now)
    running_ = action::announce;
  else if (wanted_ && search_at_ <= now)
    running_ = action::search;
  return running_;
}

std::optional<time_point> announce_schedule::poll_timeout() const {
  if (running_ || (!listening_ && !wanted_))
    return std::nullopt;
  if (!listening_)
    return search_at_;
  return wanted_ ? std::min(announce_at_, search_at_) : announce_at_;
}

duration announce_schedule::shortened(duration x) noexcept {
  return x - std::chrono::duration_cast<duration>(x * (cfg_.jitter * random_.share()));
}

} // namespace librats::protocols
