// SPDX-License-Identifier: MIT
#include "runtime/sim/sim_disk.hpp"

namespace librats::runtime {

result<bytes, std::error_code> sim_disk::read_file(const std::string& path, std::size_t size_max) {
  const auto found = files_.find(path);
  if (found == files_.end())
    return std::make_error_code(folders_.count(path) != 0 ? std::errc::is_a_directory
                                                          : std::errc::no_such_file_or_directory);
  if (found->second.content.size() > size_max)
    return std::make_error_code(std::errc::file_too_large);
  return found->second.content;
}

std::error_code sim_disk::write_file(const std::string& path, bytes_view content, file_access access) {
  if (const auto error = fault())
    return error;
  plant(path, to_bytes(content), access);
  return {};
}

std::error_code sim_disk::make_folder(const std::string& path) {
  if (folders_.count(path) != 0)
    return {};
  if (const auto error = fault())
    return error;
  folders_.insert(path);
  return {};
}

std::optional<bool> sim_disk::open_to_others(const std::string& path) {
  const auto found = files_.find(path);
  if (found == files_.end())
    return std::nullopt;
  return found->second.access == file_access::everybody;
}

std::error_code sim_disk::restrict_to_owner(const std::string& path) {
  const auto found = files_.find(path);
  if (found == files_.end())
    return std::make_error_code(std::errc::no_such_file_or_directory);
  found->second.access = file_access::owner_only;
  return {};
}

void sim_disk::plant(const std::string& path, bytes content, file_access access) {
  files_[path] = {std::move(content), access};
}

std::error_code sim_disk::fault() const {
  if (unwritable_)
    return std::make_error_code(std::errc::permission_denied);
  if (full_)
    return std::make_error_code(std::errc::no_space_on_device);
  return {};
}

} // namespace librats::runtime
