// SPDX-License-Identifier: MIT
#include "apps/rats-sim/sampler.hpp"

namespace librats::apps {

namespace {

constexpr duration second = std::chrono::seconds{1};

/// Whole seconds, so that samples stand at times that people can read.
duration interval_for(duration length) {
  return std::max(second, (length / sampler::samples_max + second - duration{1}) / second * second);
}

} // namespace

void byte_meter::observe(runtime::sim_world::event_kind kind, std::size_t host, bytes_view content) {
  using event = runtime::sim_world::event_kind;
  if (kind == event::bytes || kind == event::datagram)
    bytes_ += content.size();
  if (next_ != nullptr)
    next_->observe(kind, host, content);
}

sampler::sampler(const simulation& of, const byte_meter& meter, duration length)
  : of_(of), meter_(meter), every_(interval_for(length)), next_(every_) {}

sample sampler::take() {
  while (next_ <= of_.now())
    next_ += every_;
  sample out;
  out.at = of_.now();
  out.up = of_.up_count();
  out.links = of_.link_count();
  latencies times;
  for (const auto& books : of_.ledgers()) {
    out.sent += books.counted().sent;
    out.arrivals += books.counted().arrivals;
    times.add(books.times());
  }
  out.bytes = meter_.bytes();
  out.events = of_.world().event_count();
  out.crashes = of_.crashes() + of_.part_crashes();
  for (const auto& one : of_.members())
    out.restarts += one.restarts + one.restarts_before;
  if (const auto lately = times.since(before_); lately.count() != 0) {
    out.latency_p50 = lately.quantile(0.5);
    out.latency_p99 = lately.quantile(0.99);
  }
  before_ = times;
  return out;
}

} // namespace librats::apps
