// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/result.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

namespace librats::runtime {

/// Who may read a file that we write.
enum class file_access : std::uint8_t { owner_only, everybody };

/// A place in or below a folder. The folder `root` is what a user named: links in it are followed. `path` may come from
/// outside: no part of it leaves the folder or is a link that is followed. It is relative, with `/` between the
/// components and none of them empty, `.` or `..`; empty is the folder itself.
struct file_place {
  std::string root;
  std::string path;
};

enum class file_kind : std::uint8_t { file, folder, link, other };

struct file_info {
  file_kind kind = file_kind::other;
  std::uint64_t size = 0;        ///< Bytes; of a file.
  std::int64_t modified_ns = 0;  ///< Nanoseconds since 1970.
  std::uint16_t mode = 0;        ///< The nine permission bits of POSIX.
};

struct folder_entry {
  std::string name;
  file_kind kind = file_kind::other;
};

enum class open_mode : std::uint8_t {
  read,
  write,  ///< Reads too. What is there stays; a file that is not there is made, for its owner alone.
};

/// A file that is open, closed by its destructor. Belongs to one thread at a time.
class open_file {
public:
  virtual ~open_file() = default;

  /// How many bytes were read: fewer than asked for only at the end of the file.
  virtual result<std::size_t, std::error_code> read_at(std::uint64_t offset, mutable_bytes_view out) = 0;
  /// All of it, or an error, after which some of it may be there. Bytes between the old end and `offset` are zero.
  virtual std::error_code write_at(std::uint64_t offset, bytes_view content) = 0;
  /// Cuts off what is behind, or adds zeros, which need no room on the disk where its format can do without.
  virtual std::error_code resize(std::uint64_t size) = 0;
  /// What was written has reached the disk when this returns without an error.
  virtual std::error_code sync() = 0;
  /// Leaves alone what is empty. Of `mode` only permission bits count.
  virtual std::error_code set_attributes(std::optional<std::int64_t> modified_ns, std::optional<std::uint16_t> mode)
    = 0;
  virtual result<file_info, std::error_code> info() = 0;
};

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

  // -- below a folder. A link on the way is `errc::too_many_symbolic_link_levels` or `errc::not_a_directory`.

  /// Only what is a file: else `errc::is_a_directory` or `errc::invalid_argument`.
  virtual result<std::unique_ptr<open_file>, std::error_code> open(const file_place& where, open_mode mode) = 0;
  /// Of a link: of the link itself.
  virtual result<file_info, std::error_code> info(const file_place& where) = 0;
  /// What lies in a folder, by name. `errc::value_too_large` when it is more than `count_max`.
  virtual result<std::vector<folder_entry>, std::error_code> list(const file_place& where, std::size_t count_max) = 0;
  /// Makes the folder `where.path` and those above it, below `where.root`, which exists.
  virtual std::error_code make_folders(const file_place& where) = 0;
  /// Gives a file another name, in one step for whoever looks; a file of that name is gone.
  /// `errc::cross_device_link` when the places are on different file systems.
  virtual std::error_code rename(const file_place& from, const file_place& to) = 0;
  /// Removes a file, a link or an empty folder; one that is not there is fine.
  virtual std::error_code remove(const file_place& where) = 0;
  /// Makes durable which names a folder has.
  virtual std::error_code sync_folder(const file_place& where) = 0;
  /// Bytes that can still be written to the file system of an existing folder.
  virtual result<std::uint64_t, std::error_code> free_space(const std::string& folder) = 0;
  /// The absolute path of what exists, without links, `.` and `..`.
  virtual result<std::string, std::error_code> real_path(const std::string& path) = 0;
};

/// The disk of this machine.
disk& system_disk();

} // namespace librats::runtime
