// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/disk/disk.hpp"

#include <cstddef>
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

  /// Every write fails with `errc::no_space_on_device`.
  void set_full(bool full) noexcept { full_ = full; }
  /// Every write fails with `errc::permission_denied`.
  void set_unwritable(bool unwritable) noexcept { unwritable_ = unwritable; }
  /// Puts a file there as somebody else would, faults or not.
  void plant(const std::string& path, bytes content, file_access access);

  // -- the loss of power

  /// The power fails after that many more steps of writing: a file made, a byte appended, a sync, a rename, a sync of
  /// the folder. From then on everything fails with `errc::io_error`, until the power is back.
  void lose_power_after(std::size_t steps) noexcept { steps_left_ = steps; }
  [[nodiscard]] bool has_power() const noexcept { return !steps_left_ || *steps_left_ != 0; }
  /// What a file system may make of it: did the renames that nobody synced survive, and how much of the bytes?
  struct aftermath {
    bool renames_survive = false;
    bool bytes_survive = false;
  };
  /// Power returns. What was not synced is lost, or not, as told.
  void restore_power(const aftermath& what);
  /// Names of all files, as a reader sees them.
  [[nodiscard]] std::set<std::string> names() const;

private:
  struct file {
    bytes content;
    bytes synced;
    file_access access;
  };
  using folder = std::map<std::string, std::shared_ptr<file>>;
  class replacing;

  [[nodiscard]] std::error_code fault() const;

  folder files_;   ///< As a reader sees them.
  folder synced_;  ///< As the platter has them.
  std::set<std::string> folders_;
  std::optional<std::size_t> steps_left_;
  bool full_ = false;
  bool unwritable_ = false;
};

} // namespace librats::runtime
