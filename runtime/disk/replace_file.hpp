// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/disk/disk.hpp"

#include <string>
#include <system_error>

namespace librats::runtime {

/// The steps of which a file is replaced, one file at a time. A crash may come between any two of them, and in the
/// middle of `append`.
class file_steps {
public:
  virtual ~file_steps() = default;

  /// Makes a new, empty file and opens it. What lay under this name is gone; a link there is not followed.
  virtual std::error_code create(const std::string& path, file_access access) = 0;
  virtual std::error_code append(bytes_view content) = 0;
  /// What was appended has reached the disk when this returns without an error. Closes the file.
  virtual std::error_code sync() = 0;
  /// Gives the file another name, in one step for whoever looks; what had that name is gone.
  virtual std::error_code rename(const std::string& from, const std::string& to) = 0;
  /// Makes renames in the folder durable, as far as the file system lets us. An empty path is the current folder.
  virtual void sync_folder(const std::string& path) = 0;
  virtual void remove(const std::string& path) = 0;
};

/// Replaces a file as `disk::write_file` promises: all of it under a temporary name and on the disk, before it takes
/// its own name.
std::error_code replace_file(file_steps& steps, const std::string& path, bytes_view content, file_access access);

} // namespace librats::runtime
