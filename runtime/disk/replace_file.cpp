// SPDX-License-Identifier: MIT
#include "runtime/disk/replace_file.hpp"

#include <filesystem>

namespace librats::runtime {

namespace {

std::error_code write_whole(file_steps& steps, const std::string& path, bytes_view content, file_access access) {
  if (const auto error = steps.create(path, access))
    return error;
  if (const auto error = steps.append(content))
    return error;
  return steps.sync();
}

} // namespace

std::error_code replace_file(file_steps& steps, const std::string& path, bytes_view content, file_access access) {
  const auto temporary = path + ".tmp";
  auto error = write_whole(steps, temporary, content, access);
  if (!error)
    error = steps.rename(temporary, path);
  if (error) {
    steps.remove(temporary);
    return error;
  }
  steps.sync_folder(std::filesystem::path{path}.parent_path().string());
  return {};
}

} // namespace librats::runtime
