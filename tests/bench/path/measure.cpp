// SPDX-License-Identifier: MIT
#include "tests/bench/path/measure.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

namespace librats::bench {

namespace {

constexpr std::uint64_t seed = 7;

double milliseconds(double microseconds) { return microseconds / 1000; }

double mean(const std::vector<std::uint32_t>& x) {
  return x.empty() ? 0 : std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

double seconds_of(duration x) { return std::chrono::duration<double>(x).count(); }

} // namespace

double payload_rate(const path_case& x) {
  constexpr double full = protocols::packet_payload_max;
  return x.megabits * 125'000 * full / (full + protocols::packet_header_size + test::datagram_overhead);
}

test::path_options options_of(const path_case& x) {
  test::path_options out;
  out.rate = static_cast<std::uint64_t>(x.megabits * 125'000);
  out.delay = std::chrono::microseconds{x.round_trip_ms * 500};
  const auto product = test::path_product(out.rate, std::chrono::milliseconds{x.round_trip_ms});
  out.queue_max = static_cast<std::size_t>(x.buffer * static_cast<double>(product));
  out.loss = x.loss;
  out.reordered = x.reordered;
  out.reordering_delay = std::chrono::microseconds{x.round_trip_ms * 125};  // An eighth of the round trip.
  out.burst_begins = x.burst_begins;
  return out;
}

std::string name_of(const path_case& x) {
  char out[96];
  std::snprintf(out, sizeof(out), "%4.0f Mbit/s %3d ms  %4.2f BDP  %4.1f %%", x.megabits, x.round_trip_ms, x.buffer,
    100 * x.loss);
  return out;
}

path_figures measure_path(const path_case& path, const test::transfer_options& transfer, duration time) {
  const auto options = options_of(path);
  test::stream_world world{options, options, seed};
  world.add(transfer);
  world.run_until(time);
  const auto result = world.result(0);
  path_figures out;
  out.utilisation = static_cast<double>(result.received) / seconds_of(time) / payload_rate(path);
  out.payload_lost = result.payload_dropped;
  out.payload_repeated = result.sender.bytes_retransmitted;
  const auto dropped = static_cast<double>(result.payload_dropped);
  const auto sent = static_cast<double>(result.sender.bytes_sent + result.sender.bytes_retransmitted);
  out.repeated = dropped > 0 ? static_cast<double>(result.sender.bytes_retransmitted) / dropped : 0;
  out.lost = sent > 0 ? dropped / sent : 0;
  out.wait_mean_ms = milliseconds(mean(world.there().waits_microseconds()));
  out.wait_p95_ms = milliseconds(test::quantile(world.there().waits_microseconds(), 0.95));
  out.timeouts = result.sender.timeouts;
  out.intact = result.intact && result.sender_end == protocols::stream_end::none;
  return out;
}

sharing_figures measure_sharing(
  const path_case& path, const test::transfer_options& a, const test::transfer_options& b, duration time) {
  const auto options = options_of(path);
  test::stream_world world{options, options, seed};
  world.add(a);
  auto later = b;
  later.starts_after = std::chrono::seconds{1};
  world.add(later);
  world.run_until(time / 2);
  const std::uint64_t half[2] = {world.result(0).received, world.result(1).received};
  world.run_until(time);
  const test::transfer_result end[2] = {world.result(0), world.result(1)};
  sharing_figures out;
  double rate[2];
  double sent = 0;
  double dropped = 0;
  for (int i = 0; i < 2; ++i) {
    rate[i] = static_cast<double>(end[i].received - half[i]);
    sent += static_cast<double>(end[i].sender.bytes_sent + end[i].sender.bytes_retransmitted);
    dropped += static_cast<double>(end[i].payload_dropped);
  }
  const auto sum = std::max(rate[0] + rate[1], 1.0);
  out.share[0] = rate[0] / sum;
  out.share[1] = rate[1] / sum;
  out.fairness = sum * sum / (2 * std::max(rate[0] * rate[0] + rate[1] * rate[1], 1.0));
  out.utilisation = sum / seconds_of(time / 2) / payload_rate(path);
  out.wait_mean_ms = milliseconds(mean(world.there().waits_microseconds()));
  out.lost = sent > 0 ? dropped / sent : 0;
  return out;
}

} // namespace librats::bench
