// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/disk/disk.hpp"

#include <map>
#include <set>

namespace librats::runtime {

/// Files in memory, with faults to switch on.
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

private:
  struct file {
    bytes content;
    file_access access;
  };
  [[nodiscard]] std::error_code fault() const;

  std::map<std::string, file> files_;
  std::set<std::string> folders_;
  bool full_ = false;
  bool unwritable_ = false;
};

} // namespace librats::runtime
