// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/disk/disk.hpp"

#include <cstddef>
#include <memory>
#include <system_error>
#include <vector>

namespace librats::runtime::beneath {

// Files of this machine below a folder, as `disk` promises them: each component of a path is opened by itself, from the
// folder before it, and none may be a link. So nobody who may write there can lead us elsewhere, not even between two
// steps. On Windows everything here is `errc::function_not_supported`.

result<std::unique_ptr<open_file>, std::error_code> open(const file_place& where, open_mode mode);
result<file_info, std::error_code> info(const file_place& where);
result<std::vector<folder_entry>, std::error_code> list(const file_place& where, std::size_t count_max);
std::error_code make_folders(const file_place& where);
std::error_code rename(const file_place& from, const file_place& to);
std::error_code remove(const file_place& where);
std::error_code sync_folder(const file_place& where);

} // namespace librats::runtime::beneath
