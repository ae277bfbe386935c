// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/datagram/congestion_control.hpp"
#include "tests/protocols/support/path_model.hpp"

#include <algorithm>
#include <deque>

namespace librats::test {

/// The least sender that gives a congestion control what it wants to know: full packets over a `path_model`, every one
/// acknowledged by itself, no acknowledgement lost, a packet lost when the third one after it arrives. Virtual time.
class modelled_sender {
public:
  static constexpr std::size_t packet = 1200;

  modelled_sender(protocols::congestion_control& uut, const path_options& options, std::uint64_t seed = 1)
    : path(options, seed), uut_(uut) {}

  /// Runs for `dt`, calling `look(now)` after every acknowledgement.
  template <class Look>
  void run_for(duration dt, Look look) {
    const auto end = now + dt;
    while (true) {
      const auto next = std::min({next_send(), next_ack(), timeout()});
      if (next > end)
        break;
      now = std::max(now, next);
      if (next_ack() <= now) {
        acknowledge();
        look(now);
      } else if (timeout() <= now) {
        time_out();
      } else {
        send();
      }
    }
    now = end;
  }
  void run_for(duration dt) {
    run_for(dt, [](time_point) {});
  }

  [[nodiscard]] std::size_t in_flight() const noexcept { return in_flight_; }

  path_model path;
  time_point now{std::chrono::hours{1}};
  std::uint64_t delivered = 0;
  std::uint64_t sent = 0;
  std::uint64_t lost = 0;
  std::uint64_t timeouts = 0;
  std::uint64_t to_send = UINT64_MAX;  ///< Bytes that there are to send yet; less than a window is app-limited.

private:
  struct entry {
    time_point sent_at, arrives, delivered_at, first_sent_at;
    std::uint64_t delivered = 0;
    bool app_limited = false, done = false, dropped = false;
  };

  [[nodiscard]] bool blocked() const noexcept { return to_send < packet || in_flight_ + packet > uut_.window(); }
  [[nodiscard]] time_point next_send() const noexcept {
    if (blocked())
      return time_point::max();
    return in_flight_ == 0 ? now : std::max(now, paced_until_);
  }
  /// The path keeps the order, so the first that was not dropped is the next to be acknowledged.
  [[nodiscard]] time_point next_ack() const noexcept {
    for (const auto& x : out_)
      if (!x.done && !x.dropped)
        return x.arrives + path.options().delay;
    return time_point::max();
  }
  [[nodiscard]] time_point timeout() const noexcept {
    return in_flight_ == 0 ? time_point::max() : progress_at_ + std::chrono::seconds{1};
  }

  void send() {
    if (in_flight_ == 0) {
      first_sent_at_ = delivered_at_ = now;
      progress_at_ = now;
    }
    uut_.packet_sent(packet, in_flight_, now);
    entry x;
    x.sent_at = now;
    x.first_sent_at = first_sent_at_;
    x.delivered_at = delivered_at_;
    x.delivered = delivered;
    to_send -= packet;
    x.app_limited = limited_until_ > 0;
    const auto arrival = path.send(packet + datagram_overhead + 16, now);
    x.dropped = !arrival;
    x.arrives = arrival.value_or(time_point::max());
    out_.push_back(x);
    in_flight_ += packet;
    sent += packet;
    if (to_send < packet)
      limited_until_ = delivered + in_flight_;
    const auto rate = uut_.pacing_rate();
    if (rate > 0)
      paced_until_ = std::max(paced_until_, now) + duration{static_cast<duration::rep>(packet * 1'000'000'000u / rate)};
  }

  void acknowledge() {
    protocols::congestion_ack x;
    x.now = now;
    x.prior_in_flight = in_flight_;
    const auto it = std::find_if(out_.begin(), out_.end(), [](const entry& e) { return !e.done && !e.dropped; });
    it->done = true;
    delivered += packet;
    if (delivered > limited_until_)
      limited_until_ = 0;
    delivered_at_ = progress_at_ = now;
    first_sent_at_ = it->sent_at;
    in_flight_ -= packet;
    x.acked = packet;
    x.rtt = now - it->sent_at;
    x.delivered = delivered;
    x.prior_delivered = it->delivered;
    x.app_limited = it->app_limited;
    const auto span = std::max(it->sent_at - it->first_sent_at, now - it->delivered_at);
    if (span > duration::zero())
      x.delivery_rate = (delivered - it->delivered) * 1'000'000'000u / static_cast<std::uint64_t>(span.count());
    const auto index = it - out_.begin();
    for (std::ptrdiff_t i = 0; i + 3 <= index; ++i) {
      if (out_[static_cast<std::size_t>(i)].done)
        continue;
      out_[static_cast<std::size_t>(i)].done = true;
      x.lost += packet;
      x.new_episode = x.new_episode || first_ + static_cast<std::uint64_t>(i) >= episode_ends_;
    }
    lose(x.lost);
    if (x.new_episode)
      episode_ends_ = first_ + out_.size();
    x.in_flight = in_flight_;
    forget();
    uut_.acknowledged(x);
  }

  void time_out() {
    ++timeouts;
    for (auto& x : out_)
      x.done = true;
    uut_.timed_out(in_flight_, now);
    lose(in_flight_);
    forget();
    episode_ends_ = first_;
    progress_at_ = now;
  }

  void lose(std::size_t bytes) {
    in_flight_ -= bytes;
    lost += bytes;
    if (to_send != UINT64_MAX)
      to_send += bytes;
  }

  void forget() {
    while (!out_.empty() && out_.front().done) {
      out_.pop_front();
      ++first_;
    }
  }

  protocols::congestion_control& uut_;
  std::deque<entry> out_;
  std::uint64_t first_ = 0;  ///< Number of the first packet in `out_`.
  std::uint64_t episode_ends_ = 0;
  std::uint64_t limited_until_ = 0;  ///< Packets up to here, in bytes delivered, left while there was little to send.
  std::size_t in_flight_ = 0;
  time_point paced_until_{};
  time_point delivered_at_{};
  time_point first_sent_at_{};
  time_point progress_at_{};
};

} // namespace librats::test
