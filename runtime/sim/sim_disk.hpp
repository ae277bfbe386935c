// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/disk/disk.hpp"
#include "runtime/sim/sim_random.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace librats::runtime {

/// Files in memory, with faults to switch on. Keeps apart what a reader sees and what has reached the platter, so that
/// a loss of power shows what was never synced.
class sim_disk final : public disk {
public:
  result<bytes, std::error_code> read_file(const std::string& path, std::size_t size_max) override;
  std::error_code write_file(const std::string& path, bytes_view content, file_access access) override;
  std::error_code make_folder(const std::string& path) override;
  std::optional<bool> open_to_others(const std::string& path) override;
  std::error_code restrict_to_owner(const std::string& path) override;

  // Below a folder (sim_disk_files.cpp). There are no links here, and folders are durable as soon as they are made.
  result<std::unique_ptr<open_file>, std::error_code> open(const file_place& where, open_mode mode) override;
  result<file_info, std::error_code> info(const file_place& where) override;
  result<std::vector<folder_entry>, std::error_code> list(const file_place& where, std::size_t count_max) override;
  std::error_code make_folders(const file_place& where) override;
  std::error_code rename(const file_place& from, const file_place& to) override;
  std::error_code remove(const file_place& where) override;
  std::error_code sync_folder(const file_place& where) override;
  result<std::uint64_t, std::error_code> free_space(const std::string& path) override;
  result<std::string, std::error_code> real_path(const std::string& path) override;

  /// Every write fails with `errc::no_space_on_device`.
  void set_full(bool full) noexcept { full_ = full; }
  /// Every write fails with `errc::permission_denied`.
  void set_unwritable(bool unwritable) noexcept { unwritable_ = unwritable; }
  /// So many bytes fit, all files together. Beyond that `open_file::write_at` writes what fits and fails, and a file
  /// that would be replaced stays as it is.
  void set_capacity(std::uint64_t bytes) noexcept { capacity_ = bytes; }
  /// What others keep on the same platter counts for its capacity.
  void share_with(std::function<std::uint64_t()> others) { others_ = std::move(others); }
  /// Bytes of all files.
  [[nodiscard]] std::uint64_t used() const;
  /// Bytes that still fit.
  [[nodiscard]] std::uint64_t room() const;
  /// Each step of reading, writing, syncing or renaming fails with `errc::io_error` by this chance, from 0 to 1; the
  /// seed decides which ones.
  void set_failures(double share, std::uint64_t seed) {
    failures_ = share;
    failing_ = sim_random{seed};
  }
  /// The `count`th of the steps of open files from now on (read, write, sync, rename) fails, once, with
  /// `errc::io_error`.
  void fail_step(std::size_t count) noexcept { failing_step_ = count; }
  /// What begins with this path is a file system of its own: no rename leads into it or out of it.
  void mount(std::string path) { mounts_.insert(std::move(path)); }
  /// Puts a file there as somebody else would, faults or not.
  void plant(const std::string& path, bytes content, file_access access);

  /// What a reader would see, faults or not; empty when there is no such file.
  [[nodiscard]] std::optional<bytes> peek(const std::string& path) const;

  // -- the loss of power

  /// The power fails after that many more steps of writing: a file made, a byte appended, a sync, a rename, a sync of
  /// the folder. From then on everything fails with `errc::io_error`, until the power is back.
  void lose_power_after(std::size_t steps) noexcept { steps_left_ = steps; }
  [[nodiscard]] bool has_power() const noexcept { return !steps_left_ || *steps_left_ != 0; }
  /// What a file system may make of it: did the renames that nobody synced survive, and how much of the bytes?
  struct aftermath {
    bool renames_survive = false;
    bool bytes_survive = false;
    /// Decides for each block of 512 bytes that was written and not synced whether it survives; in place of
    /// `bytes_survive`.
    std::optional<std::uint64_t> torn_by = {};
  };
  /// Power returns. What was not synced is lost, or not, as told.
  void restore_power(const aftermath& what);
  /// Names of all files, as a reader sees them.
  [[nodiscard]] std::set<std::string> names() const;

private:
  struct file {
    bytes content;
    bytes synced;
    file_access access = file_access::owner_only;
    std::int64_t modified_ns = 0;
    std::uint16_t mode = 0600;
  };
  using folder = std::map<std::string, std::shared_ptr<file>>;
  class replacing;
  class opened;

  [[nodiscard]] std::error_code fault() const;
  [[nodiscard]] bool fails() { return failing_.chance(failures_); }
  bool spend(std::size_t count);
  [[nodiscard]] std::error_code step();
  [[nodiscard]] bool is_folder(const std::string& path) const;
  [[nodiscard]] const std::string* mount_of(const std::string& path) const;
  static std::string parent_of(const std::string& path);
  void sync_names(const std::string& below);
  static void tear(file& x, std::uint64_t seed);

  folder files_;   ///< As a reader sees them.
  folder synced_;  ///< As the platter has them.
  std::set<std::string> folders_;
  std::set<std::string> mounts_;
  std::optional<std::size_t> steps_left_;
  std::size_t failing_step_ = 0;
  std::uint64_t capacity_ = std::numeric_limits<std::uint64_t>::max();
  std::function<std::uint64_t()> others_;
  double failures_ = 0;
  sim_random failing_{0};
  bool full_ = false;
  bool unwritable_ = false;
};

} // namespace librats::runtime
