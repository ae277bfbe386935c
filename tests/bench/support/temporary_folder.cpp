// SPDX-License-Identifier: MIT
#include "tests/bench/support/temporary_folder.hpp"

#include <cstdlib>
#include <filesystem>

#include <unistd.h>

namespace librats::bench {

temporary_folder::temporary_folder() {
  path_ = (std::filesystem::temp_directory_path() / "rats-bench-XXXXXX").string();
  if (::mkdtemp(path_.data()) == nullptr)
    std::abort();
}

temporary_folder::~temporary_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

} // namespace librats::bench
