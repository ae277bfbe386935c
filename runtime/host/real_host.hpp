// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/host/host.hpp"

#include <vector>

namespace librats::runtime {

class io_loop;

/// This machine: real sockets, threads and files. Starts its loops at construction and joins them at destruction, by
/// when the nodes on it must have ended.
class real_host final : public host {
public:
  /// `loops` I/O threads, at least one.
  explicit real_host(caf::actor_system& system, std::size_t loops = 1);
  ~real_host() override;

  caf::actor_system& system() noexcept override { return system_; }
  [[nodiscard]] std::size_t loop_count() const noexcept override { return loops_.size(); }
  [[nodiscard]] const std::shared_ptr<event_loop>& loop(std::size_t index) const noexcept override {
    return loops_[index];
  }
  random_source& random() noexcept override { return system_random(); }
  disk& files() noexcept override { return system_disk(); }
  result<std::unique_ptr<key_value_database>, database_error> open_database(const database_options& what) override;
  [[nodiscard]] std::int64_t unix_time() const override;
  [[nodiscard]] std::int64_t unix_time_ms() const override;
  [[nodiscard]] std::string machine_name() const override;
  [[nodiscard]] bool single_threaded() const noexcept override { return false; }

private:
  caf::actor_system& system_;
  std::vector<std::shared_ptr<event_loop>> loops_;
  std::vector<std::shared_ptr<io_loop>> threads_;
};

} // namespace librats::runtime
