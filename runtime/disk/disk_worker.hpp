// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "runtime/caf/pooled_actor.hpp"
#include "runtime/disk/disk.hpp"
#include "runtime/host/host.hpp"

#include <cstddef>
#include <string>
#include <system_error>

namespace librats::runtime {

/// Asks a `disk_worker` for a whole file; answered with `file_content`.
struct read_whole_file {
  std::string path;
  std::size_t size_max = 0;
};

struct file_content {
  byte_slice content;     ///< Empty when there is an error.
  std::error_code error;  ///< As `disk::read_file` has it.
};

/// Asks a `disk_worker` to replace a file, or to make one; answered with `file_written`.
struct write_whole_file {
  std::string path;
  byte_slice content;
  file_access access = file_access::owner_only;
};

struct file_written {
  std::error_code error;  ///< As `disk::write_file` has it.
};

/// Does what blocks on the disk, so that whoever asks need not. Lives as long as somebody holds its handle.
class disk_worker final : public pooled_actor {
public:
  disk_worker(caf::actor_config& config, disk& files) : pooled_actor(config), files_(files) {}

  [[nodiscard]] const char* kind() const noexcept override { return "disk_worker"; }

protected:
  caf::behavior handlers() override;

private:
  disk& files_;
};

/// Starts one for the files of `where`, on a thread of its own unless the world has but one thread. Meant for one job
/// or a few: an idle one costs a thread.
caf::actor spawn_disk_worker(host& where);

} // namespace librats::runtime
