// SPDX-License-Identifier: MIT
#pragma once

#include "apps/rats-sim/latencies.hpp"
#include "apps/rats-sim/report.hpp"
#include "apps/rats-sim/simulation.hpp"

#include <cstdint>

namespace librats::apps {

/// Counts what arrives anywhere in a world, and passes every event on. From outside: nothing depends on it.
class byte_meter final : public runtime::sim_world::event_observer {
public:
  explicit byte_meter(runtime::sim_world& world) : world_(world) { world_.set_observer(this); }
  ~byte_meter() override { world_.set_observer(nullptr); }
  byte_meter(const byte_meter&) = delete;
  byte_meter& operator=(const byte_meter&) = delete;

  void observe(runtime::sim_world::event_kind kind, std::size_t host, bytes_view content) override;
  /// Null is nobody.
  void pass_to(runtime::sim_world::event_observer* next) noexcept { next_ = next; }
  [[nodiscard]] std::uint64_t bytes() const noexcept { return bytes_; }

private:
  runtime::sim_world& world_;
  runtime::sim_world::event_observer* next_ = nullptr;
  std::uint64_t bytes_ = 0;
};

/// Takes samples of a simulation: never more than `samples_max`, however long it runs.
class sampler {
public:
  static constexpr std::int64_t samples_max = 600;

  /// `length` is that of the run.
  sampler(const simulation& of, const byte_meter& meter, duration length);

  /// Whether a sample is due.
  [[nodiscard]] bool due() const noexcept { return of_.now() >= next_; }
  [[nodiscard]] sample take();

private:
  const simulation& of_;
  const byte_meter& meter_;
  duration every_;
  duration next_;
  latencies before_;
};

} // namespace librats::apps
