// SPDX-License-Identifier: MIT
#include "runtime/disk/disk_worker.hpp"

#include <utility>

namespace librats::runtime {

caf::behavior disk_worker::handlers() {
  return {
    [this](const read_whole_file& x) {
      file_content out;
      auto content = files_.read_file(x.path, x.size_max);
      if (content)
        out.content = byte_slice{std::move(*content)};
      else
        out.error = content.error();
      return out;
    },
    [this](const write_whole_file& x) { return file_written{files_.write_file(x.path, x.content.view(), x.access)}; },
  };
}

caf::actor spawn_disk_worker(host& where) {
  return where.single_threaded() ? spawn_pooled<disk_worker>(where.system(), where.files())
                                 : spawn_detached<disk_worker>(where.system(), where.files());
}

} // namespace librats::runtime
