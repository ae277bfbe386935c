// SPDX-License-Identifier: MIT
#include "protocols/ping/liveness_monitor.hpp"

#include "protocols/ping/ping.hpp"

#include <sodium.h>

#include <algorithm>
#include <cstring>

namespace librats::protocols {

namespace {

/// A keyed pseudo-random function of `input` (SipHash-2-4): whoever sees some outputs cannot tell the next one.
std::uint64_t keyed_random(std::uint64_t seed, std::uint64_t input) noexcept {
  std::array<std::uint8_t, crypto_shorthash_KEYBYTES> key{};
  std::array<std::uint8_t, sizeof(input)> message{};
  for (std::size_t i = 0; i < message.size(); ++i) { // Little-endian, so that a seed replays alike on every machine.
    key[i] = static_cast<std::uint8_t>(seed >> 8 * i);
    message[i] = static_cast<std::uint8_t>(input >> 8 * i);
  }
  std::array<std::uint8_t, crypto_shorthash_BYTES> hash{};
  ::crypto_shorthash(hash.data(), message.data(), message.size(), key.data());
  std::uint64_t out = 0;
  for (auto byte : hash)
    out = out << 8 | byte;
  return out;
}

} // namespace

void rtt_estimate::add(duration sample, bool first) noexcept {
  latest = sample;
  if (first) {
    srtt = min = sample;
    rttvar = sample / 2;
    return;
  }
  // RFC 6298 (2.3), alpha 1/8 and beta 1/4; RTTVAR is computed with the old SRTT.
  const auto deviation = srtt > sample ? srtt - sample : sample - srtt;
  rttvar += (deviation - rttvar) / 4;
  srtt += (sample - srtt) / 8;
  min = std::min(min, sample);
}

liveness_monitor::liveness_monitor(config cfg, time_point now, std::uint64_t seed)
  : cfg_(cfg), seed_(seed), last_heard_(now) {
  cfg_.interval = std::max(cfg_.interval, duration{1}); // Zero would never let the deadline move.
  const auto spread = keyed_random(seed_, 0) % static_cast<std::uint64_t>(cfg_.interval.count());
  next_ping_ = now + duration{static_cast<duration::rep>(spread)};
}

void liveness_monitor::handle_traffic(time_point now) noexcept {
  last_heard_ = std::max(last_heard_, now);
  unanswered_ = 0;
}

void liveness_monitor::handle_pong(time_point now, std::uint64_t token) noexcept {
  handle_traffic(now);
  const auto match = std::find_if(outstanding_.begin(), outstanding_.end(),
    [token](const outstanding_ping& x) { return x.open && x.token == token; });
  if (match == outstanding_.end())
    return;
  match->open = false; // One measurement per ping, however often it is answered.
  const auto sample = std::max(now - match->sent, duration{0});
  rtt_.add(sample, !answered_);
  answered_ = true;
  measured_ = rtt_measured{sample};
}

void liveness_monitor::handle_timeout(time_point now) noexcept {
  if (lost_)
    return;
  if (answered_ && now >= silence_deadline() && unanswered_ >= cfg_.unanswered_min) {
    lost_ = true;
    lost_event_ = peer_lost{now - last_heard_};
    to_send_.reset();
    return;
  }
  if (now < next_ping_)
    return;
  auto& slot = outstanding_[pings_sent_ % outstanding_max]; // The oldest one gives way.
  slot = {next_token(), now, true};
  to_send_ = slot.token;
  ++unanswered_;
  next_ping_ = now + cfg_.interval;
}

std::optional<bytes> liveness_monitor::poll_transmit() {
  if (!to_send_)
    return std::nullopt;
  const ping_message ping{ping_message::kind::ping, *to_send_};
  to_send_.reset();
  return encode(ping);
}

std::optional<liveness_monitor::event> liveness_monitor::poll_event() noexcept {
  if (measured_) {
    const event out = *measured_;
    measured_.reset();
    return out;
  }
  if (lost_event_) {
    const event out = *lost_event_;
    lost_event_.reset();
    return out;
  }
  return std::nullopt;
}

std::optional<time_point> liveness_monitor::poll_timeout() const noexcept {
  if (lost_)
    return std::nullopt;
  const bool silence_counts = answered_ && unanswered_ >= cfg_.unanswered_min;
  return silence_counts ? std::min(next_ping_, silence_deadline()) : next_ping_;
}

std::optional<rtt_estimate> liveness_monitor::rtt() const noexcept {
  return answered_ ? std::optional<rtt_estimate>{rtt_} : std::nullopt;
}

std::uint64_t liveness_monitor::next_token() noexcept {
  return keyed_random(seed_, ++pings_sent_);
}

} // namespace librats::protocols
