// SPDX-License-Identifier: MIT
#pragma once

#include "actors/transfer_parts.hpp"
#include "protocols/transfer/transfer_journal.hpp"
#include "runtime/disk/disk.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <system_error>

namespace librats::actors {

/// Writes the files of one transfer: first into partial files, then each, when it is whole, into its place in one step.
/// Blocks.
///
/// In the folder of partial files everything of a transfer begins with `file_target::key`: `KEY.N.part` for the Nth
/// file, `KEY.journal` (transfer_journal.hpp). A file's bytes are on the disk before it gets its name, and its name is
/// before the journal says so; the latter happens for some files together, which costs no more than receiving those
/// again after a loss of power.
class target_files {
public:
  target_files(runtime::disk& files, file_target target) : disk_(files), target_(std::move(target)) {}

  /// Chooses the place, makes its folder, reads the journal or begins one. `taken` are places that nobody else may
  /// have, when the name is not given. A sentence when it cannot be.
  std::string open(const std::set<std::string>& taken);

  /// Where to go on, after `open`; empty: from the start.
  [[nodiscard]] const std::optional<protocols::resume_point>& at() const noexcept { return at_; }
  /// Where the file or directory will be, after `open`.
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

  /// After one that failed and is no `disk_read`, nothing may follow.
  file_result perform(const protocols::disk_request& x);

  /// Ends it. `delivered` notes in the folder that this offer is done, before the journal goes.
  void close(file_fate fate);

private:
  void choose_place(const std::set<std::string>& taken);
  std::error_code open_journal();
  std::error_code begin_journal();
  std::error_code append_to_journal(bytes_view record);
  std::error_code flush_finished();
  std::error_code open_part(std::uint32_t file);
  std::error_code write(const protocols::disk_write& x);
  std::error_code checkpoint(const protocols::disk_checkpoint& x);
  std::error_code finish(const protocols::disk_finish& x);
  std::error_code put_in_place(std::uint32_t file);
  std::error_code copy_in_place(std::uint32_t file);
  file_result read(const protocols::disk_read& x);
  [[nodiscard]] runtime::file_place part_of(std::uint32_t file) const;
  [[nodiscard]] runtime::file_place place_of(std::uint32_t file) const;
  [[nodiscard]] std::string sentence(const std::string& what, const std::error_code& why) const;

  runtime::disk& disk_;
  file_target target_;
  std::string root_;  ///< The folder that the files come into.
  std::string alone_; ///< What a lone file is called there.
  std::string path_;
  std::optional<protocols::resume_point> at_;

  std::unique_ptr<runtime::open_file> part_;
  std::uint32_t part_number_ = 0;
  std::uint64_t part_end_ = 0; ///< Bytes of it, zeros at the end that nobody has written among them.
  bool part_has_hole_ = false; ///< Such zeros are there.
  bool part_is_named_ = false; ///< Its name is durable.

  std::unique_ptr<runtime::open_file> journal_;
  std::optional<protocols::journal_writer> writer_;
  std::uint64_t journal_size_ = 0;
  std::vector<std::uint32_t> finished_;   ///< In place, and not in the journal yet.
  std::set<std::string> changed_folders_; ///< Below `root_`, with names that are not durable yet.
  std::uint64_t finished_bytes_ = 0;
};

} // namespace librats::actors
