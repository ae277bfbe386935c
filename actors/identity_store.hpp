// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/result.hpp"
#include "protocols/crypto/identity.hpp"
#include "runtime/disk/disk.hpp"
#include "runtime/random/random_source.hpp"

#include <string>

namespace librats::actors {

/// What became of the identity.
struct loaded_identity {
  protocols::key_pair key;
  bool fresh = false;     ///< Made now.
  std::string warning;    ///< A sentence for the log, or empty.
};

/// Reads `<data_dir>/identity.key` (wire/01 section 5: 32 raw bytes), or makes a key and writes it, readable by its
/// owner alone. An empty `data_dir` gives a fresh key that is kept nowhere. A file of another size is refused, never
/// overwritten: the identity would change silently. A file that others can read is made private, with a warning. The
/// error is a sentence that says what to do. Blocks: call it before the node starts, not on a loop.
result<loaded_identity, std::string> load_identity(runtime::disk& files, runtime::random_source& random,
  const std::string& data_dir);

} // namespace librats::actors
