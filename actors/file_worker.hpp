// SPDX-License-Identifier: MIT
#pragma once

#include "actors/source_files.hpp"
#include "actors/target_files.hpp"
#include "runtime/caf/pooled_actor.hpp"
#include "runtime/disk/disk.hpp"
#include "runtime/host/host.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>

namespace librats::actors {

/// Reads and writes the files of transfers, so that nobody else waits for a disk. All of a job goes to the same worker,
/// which does it in order.
class file_worker final : public runtime::pooled_actor {
public:
  file_worker(caf::actor_config& config, runtime::disk& files) : pooled_actor(config), files_(files) {}

  [[nodiscard]] const char* kind() const noexcept override { return "file_worker"; }

protected:
  caf::behavior handlers() override;

private:
  struct job {
    std::optional<source_files> source;
    std::optional<target_files> target;
    bool failed = false;
  };

  target_opened open(const open_target& x);
  file_results perform(const file_jobs& x);
  void close(const close_files& x);
  void store(const store_outgoing& x);

  runtime::disk& files_;
  std::map<std::uint64_t, job> jobs_;
  std::set<transfer_number> refused_; ///< Offers that the disk has not taken yet.
};

/// Starts one on a thread of its own, unless the world has but one thread.
caf::actor spawn_file_worker(runtime::host& where);

} // namespace librats::actors
