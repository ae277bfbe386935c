// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/result.hpp"
#include "protocols/transfer/safe_path.hpp"
#include "protocols/transfer/transfer_codec.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace librats::protocols {

/// The most files and empty directories of one offer: some 15 MB of memory while it lives.
constexpr std::size_t manifest_files_max = 100'000;
/// Bytes of all files together: what a signed file offset can reach.
constexpr std::uint64_t manifest_bytes_max = 0x7FFF'FFFF'FFFF'FFFF;

enum class manifest_errc : std::uint8_t {
  too_many = 1,    ///< More entries than `manifest_files_max`.
  not_one_file,    ///< An offer of a single file that has another number of them.
  bad_name,        ///< See `manifest_fault::name`.
  duplicate,       ///< The same path twice.
  case_collision,  ///< Paths that differ only in upper and lower case.
  file_and_folder, ///< A file where another path needs a directory.
  too_big,         ///< More bytes than `manifest_bytes_max`.
  wrong_total,     ///< The sum of the sizes is not what the offer says.
};

/// Why an offer was refused, and for which of its entries: files first, then directories.
struct manifest_fault {
  manifest_errc code = manifest_errc::too_many;
  name_errc name = name_errc::empty; ///< Only with `bad_name`.
  std::size_t entry = 0;             ///< Not with `too_many`, `not_one_file` and `wrong_total`.

  /// "entry 3: path through . or .."
  [[nodiscard]] std::string to_text() const;
};

/// What a received OFFER would bring, with names that are safe to use below a folder of ours: paths relative, `/`
/// between components, no two alike, none of them both file and directory.
///
/// The lone file of an offer without `directory` is called by the offer's name. A directory's name may be empty: its
/// sender was given a path that ends in a slash or a dot.
///
/// Costs O(n log n) of the entries; nothing is copied before their number is known to be bearable.
result<transfer_offer, manifest_fault> check_offer(const offer_message& x, name_rules rules);

/// The sum of the sizes. They have been checked.
std::uint64_t total_size(const std::vector<manifest_entry>& files) noexcept;

/// Bytes of all files before `file`.
std::uint64_t bytes_before(const std::vector<manifest_entry>& files, std::size_t file) noexcept;

} // namespace librats::protocols
