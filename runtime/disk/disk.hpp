// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/result.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <system_error>

namespace librats::runtime {

/// Who may read a file that we write.
enum class file_access : std::uint8_t { owner_only, everybody };

/// Files as the node sees them. Calls block: never on an I/O loop. The real disk is safe to use from any thread.
class disk {
public:
  virtual ~disk() = default;

  /// The whole file. `errc::no_such_file_or_directory` when there is none, `errc::file_too_large` above `size_max`.
  virtual result<bytes, std::error_code> read_file(const std::string& path, std::size_t size_max) = 0;

  /// Replaces the file as a whole: after a crash at any moment either the old or the new content is there. The bytes
  /// have reached the disk when this returns without an error.
  virtual std::error_code write_file(const std::string& path, bytes_view content, file_access access) = 0;

  /// Makes the folder and those above it; one that exists is fine.
  virtual std::error_code make_folder(const std::string& path) = 0;

  /// True when somebody beside the owner may read or write the file. Empty when the system cannot tell.
  virtual std::optional<bool> open_to_others(const std::string& path) = 0;

  /// Makes the file readable and writable by its owner alone.
  virtual std::error_code restrict_to_owner(const std::string& path) = 0;
};

/// The disk of this machine.
disk& system_disk();

} // namespace librats::runtime
