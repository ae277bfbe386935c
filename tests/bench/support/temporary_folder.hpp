// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace librats::bench {

/// A folder below that for temporary files (`TMPDIR`), removed with all that is in it.
class temporary_folder {
public:
  temporary_folder();
  ~temporary_folder();
  temporary_folder(const temporary_folder&) = delete;
  temporary_folder& operator=(const temporary_folder&) = delete;

  [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
  std::string path_;
};

} // namespace librats::bench
