// SPDX-License-Identifier: MIT
#include "protocols/transfer/manifest.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

namespace librats::protocols {

namespace {

const char* sentence(manifest_errc code) noexcept {
  switch (code) {
  case manifest_errc::too_many: return "too many files";
  case manifest_errc::not_one_file: return "offer of one file that does not have one";
  case manifest_errc::bad_name: return "bad name";
  case manifest_errc::duplicate: return "same path twice";
  case manifest_errc::case_collision: return "paths that differ only in case";
  case manifest_errc::file_and_folder: return "path that is both a file and a directory";
  case manifest_errc::too_big: return "more bytes than a disk can hold";
  case manifest_errc::wrong_total: return "sizes that do not add up";
  }
  return "unknown error";
}

/// Looks for paths that get into each other's way. A tree of components: a map of paths would hold each directory's
/// path as often as it is deep, many times what arrived.
class collision_finder {
public:
  /// `path` is safe. A directory may be named twice, once by itself and once by what lies in it.
  std::optional<manifest_errc> add(std::string_view path, bool file) {
    std::size_t parent = 0;
    for (;;) {
      const auto end = path.find('/');
      const auto component = path.substr(0, end);
      const bool last = end == std::string_view::npos;
      const auto [at, fresh] = seen_.try_emplace({parent, folded_path(component)});
      auto& one = at->second;
      if (fresh)
        one = {std::string{component}, seen_.size(), last && file};
      else if (const auto fault = fault_of(one, component, last && file))
        return fault;
      if (last)
        return std::nullopt;
      parent = one.number;
      path.remove_prefix(end + 1);
    }
  }

private:
  struct place {
    std::string name;
    std::size_t number = 0;
    bool file = false;
  };

  static std::optional<manifest_errc> fault_of(const place& old, std::string_view name, bool file) {
    if (old.name != name)
      return manifest_errc::case_collision;
    if (old.file != file)
      return manifest_errc::file_and_folder;
    return file ? std::optional{manifest_errc::duplicate} : std::nullopt;
  }

  std::map<std::pair<std::size_t, std::string>, place> seen_; ///< By number of the parent (0: none) and folded name.
};

} // namespace

std::string manifest_fault::to_text() const {
  const auto* what = code == manifest_errc::bad_name ? to_string(name) : sentence(code);
  if (code == manifest_errc::too_many || code == manifest_errc::not_one_file || code == manifest_errc::wrong_total)
    return what;
  return "entry " + std::to_string(entry) + ": " + what;
}

result<transfer_offer, manifest_fault> check_offer(const offer_message& x, name_rules rules) {
  const auto directories = x.details ? x.details->directory_count : 0;
  if (x.files.size() > manifest_files_max || directories > manifest_files_max)
    return manifest_fault{manifest_errc::too_many, {}, 0};
  if (!x.directory && (x.files.size() != 1 || directories != 0))
    return manifest_fault{manifest_errc::not_one_file, {}, 0};
  auto out = copy_offer(x);
  if (x.directory && (out.name == "." || out.name == ".."))
    out.name.clear();
  if (!out.name.empty() || !x.directory) {
    auto name = safe_name(out.name, rules);
    if (!name)
      return manifest_fault{manifest_errc::bad_name, name.error(), 0};
    out.name = std::move(*name);
  }
  if (!x.directory)
    out.files[0].path = out.name;
  collision_finder paths;
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < out.files.size(); ++i) {
    auto& file = out.files[i];
    auto path = safe_path(file.path, rules);
    if (!path)
      return manifest_fault{manifest_errc::bad_name, path.error(), i};
    file.path = std::move(*path);
    if (const auto fault = paths.add(file.path, true))
      return manifest_fault{*fault, {}, i};
    if (file.size > manifest_bytes_max - sum)
      return manifest_fault{manifest_errc::too_big, {}, i};
    sum += file.size;
  }
  if (sum != out.total)
    return manifest_fault{manifest_errc::wrong_total, {}, 0};
  for (std::size_t i = 0; i < directories; ++i) {
    auto& one = out.details->directories[i];
    auto path = safe_path(one, rules);
    if (!path)
      return manifest_fault{manifest_errc::bad_name, path.error(), out.files.size() + i};
    one = std::move(*path);
    if (const auto fault = paths.add(one, false))
      return manifest_fault{*fault, {}, out.files.size() + i};
  }
  return out;
}

std::uint64_t total_size(const std::vector<manifest_entry>& files) noexcept {
  return bytes_before(files, files.size());
}

std::uint64_t bytes_before(const std::vector<manifest_entry>& files, std::size_t file) noexcept {
  std::uint64_t out = 0;
  for (std::size_t i = 0; i < std::min(file, files.size()); ++i)
    out += files[i].size;
  return out;
}

} // namespace librats::protocols
