// SPDX-License-Identifier: MIT
#pragma once

#include "actors/transfer_parts.hpp"
#include "runtime/disk/disk.hpp"

#include <cstdint>
#include <memory>
#include <system_error>

namespace librats::actors {

/// Looks at what is to be sent. Blocks. Links inside a directory and what is neither file nor directory is left out;
/// names that no receiver would take are an error that says which.
source_scanned scan(runtime::disk& files, const scan_source& what);

/// Reads the files of an offer. Blocks.
class source_files {
public:
  source_files(runtime::disk& files, file_source_ptr source) : disk_(files), source_(std::move(source)) {}

  /// Fewer bytes than asked when the file has become shorter.
  result<byte_slice, std::error_code> read(const protocols::disk_read& x);

private:
  runtime::disk& disk_;
  file_source_ptr source_;
  std::unique_ptr<runtime::open_file> open_; ///< Of the file that was read last.
  std::uint32_t file_ = 0;
};

} // namespace librats::actors
