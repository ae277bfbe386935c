// SPDX-License-Identifier: MIT
#include "actors/source_files.hpp"

#include "protocols/crypto/hash.hpp"
#include "protocols/transfer/manifest.hpp"
#include "protocols/transfer/safe_path.hpp"
#include "runtime/log/escape.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace librats::actors {

namespace {

using runtime::file_kind;

constexpr std::int64_t ns_per_ms = 1'000'000;

std::string quoted(std::string_view path) {
  return "'" + runtime::escaped(path) + "'";
}

std::string sentence(const std::string& path, const std::error_code& why) {
  return "cannot read " + quoted(path) + ": " + why.message();
}

/// Walks through a directory and writes down what it finds.
class walker {
public:
  walker(runtime::disk& files, file_source& out, bool recursive) : disk_(files), out_(out), recursive_(recursive) {
    out_.offer.details.emplace();
    hasher_.update(as_bytes(recursive ? "tree" : "flat"));
  }

  /// A sentence when something is wrong.
  std::string add_file(const std::string& path, const std::string& place) {
    const auto info = disk_.info({out_.root, place});
    if (!info)
      return info.error() == std::errc::no_such_file_or_directory ? std::string{} : sentence(place, info.error());
    if (out_.offer.files.size() >= protocols::manifest_files_max)
      return too_many();
    protocols::file_details more;
    more.modified_ms = static_cast<std::uint64_t>(std::max<std::int64_t>(info->modified_ns, 0) / ns_per_ms);
    more.mode = info->mode;
    out_.offer.files.push_back({path, info->size});
    out_.offer.details->files.push_back(more);
    out_.offer.total += info->size;
    note(path);
    note(info->size);
    note(static_cast<std::uint64_t>(info->modified_ns));
    note(more.mode);
    return {};
  }

  std::string add_folder(const std::string& path, std::size_t depth) {
    const auto all = disk_.list({out_.root, path}, protocols::manifest_files_max);
    if (!all)
      return all.error() == std::errc::value_too_large ? too_many() : sentence(path, all.error());
    if (all->empty() && !path.empty()) {
      if (out_.offer.details->directories.size() >= protocols::manifest_files_max)
        return too_many();
      out_.offer.details->directories.push_back(path);
      note(path);
    }
    if (depth > protocols::safe_depth_max)
      return quoted(path) + " is too deep";
    for (const auto& one : *all) {
      const auto below = path.empty() ? one.name : path + "/" + one.name;
      if (one.name.find('\\') != std::string::npos)
        return "cannot send " + quoted(below) + ": receivers take the backslash for a separator";
      std::string error;
      if (one.kind == file_kind::file)
        error = add_file(below, below);
      else if (one.kind == file_kind::folder && recursive_)
        error = add_folder(below, depth + 1);
      if (!error.empty())
        return error;
    }
    return {};
  }

  void finish() {
    const auto digest = hasher_.finish();
    std::copy_n(digest.begin(), digest.size() / 2, out_.offer.details->fingerprint.begin());
  }

private:
  static std::string too_many() {
    return "more than " + std::to_string(protocols::manifest_files_max) + " files or directories";
  }
  void note(std::uint64_t x) {
    std::array<std::uint8_t, 8> raw{};
    for (auto& one : raw) {
      one = static_cast<std::uint8_t>(x);
      x >>= 8;
    }
    hasher_.update(raw);
  }
  void note(const std::string& x) {
    note(std::uint64_t{x.size()});
    hasher_.update(as_bytes(x));
  }

  runtime::disk& disk_;
  file_source& out_;
  bool recursive_;
  protocols::sha256_hasher hasher_;
};

/// What a receiver of ours would say of the offer; empty when it is fine.
std::string verdict_of_receivers(const protocols::transfer_offer& offer) {
  const auto raw = protocols::encode_offer(offer);
  if (!raw)
    return "the list of files does not fit into a message";
  const auto message = protocols::decode_transfer(*raw);
  const auto* decoded = message ? std::get_if<protocols::offer_message>(&*message) : nullptr;
  if (decoded == nullptr)
    return "the list of files cannot be written down";
  const auto checked = protocols::check_offer(*decoded, protocols::name_rules::posix);
  if (checked)
    return {};
  const auto fault = checked.error();
  const bool of_entry = fault.code == protocols::manifest_errc::bad_name
    || fault.code == protocols::manifest_errc::duplicate || fault.code == protocols::manifest_errc::case_collision;
  const auto& path = of_entry && fault.entry < offer.files.size() ? offer.files[fault.entry].path : offer.name;
  return "receivers refuse " + quoted(path) + ": " + fault.to_text();
}

std::pair<std::string, std::string> split(const std::string& path) {
  const auto slash = path.rfind('/');
  if (slash == std::string::npos)
    return {std::string{}, path};
  return {slash == 0 ? std::string{"/"} : path.substr(0, slash), path.substr(slash + 1)};
}

} // namespace

source_scanned scan(runtime::disk& files, const scan_source& what) {
  const auto fail = [](std::string why) { return source_scanned{nullptr, std::move(why)}; };
  auto out = std::make_shared<file_source>();
  runtime::file_place top;
  if (what.root.empty()) {
    const auto real = files.real_path(what.path);
    if (!real)
      return fail(sentence(what.path, real.error()));
    std::tie(top.root, top.path) = split(*real);
  } else {
    const auto root = files.real_path(what.root);
    if (!root)
      return fail(sentence(what.root, root.error()));
    top = {*root, what.path};
  }
  const auto info = files.info(top);
  if (!info)
    return fail(sentence(what.path, info.error()));
  if (info->kind != file_kind::file && info->kind != file_kind::folder)
    return fail("cannot send " + quoted(what.path) + ": it is neither a file nor a directory");
  out->offer.directory = info->kind == file_kind::folder;
  if (!what.root.empty() && out->offer.directory != what.folder_wanted)
    return fail(quoted(what.path) + (what.folder_wanted ? " is no directory" : " is a directory"));
  auto last = split(top.path).second;
  if (last.empty())
    last = split(top.root).second;
  out->offer.name = what.name.empty() ? last : what.name;
  walker all{files, *out, what.recursive};
  std::string error;
  if (out->offer.directory) {
    out->root = top.path.empty() ? top.root
                                 : (top.root == "/"       ? "/"
                                       : top.root.empty() ? ""
                                                          : top.root + "/")
        + top.path;
    if (!what.root.empty() && !top.path.empty()) {
      // Below a share no part of the way may be a link, neither now nor later.
      const auto direct = files.real_path(out->root);
      if (!direct || *direct != out->root)
        return fail("cannot read " + quoted(what.path) + ": there is a link on the way");
    }
    error = all.add_folder({}, 0);
  } else {
    std::tie(out->root, out->alone) = std::pair{top.root, top.path};
    error = all.add_file(out->offer.name, out->alone);
    if (error.empty() && out->offer.files.empty())
      error = sentence(what.path, std::make_error_code(std::errc::no_such_file_or_directory));
    if (error.empty())
      if (const auto file = files.open({out->root, out->alone}, runtime::open_mode::read); !file)
        error = sentence(what.path, file.error());
  }
  if (error.empty())
    error = verdict_of_receivers(out->offer);
  if (!error.empty())
    return fail(std::move(error));
  all.finish();
  return {std::move(out), {}};
}

result<byte_slice, std::error_code> source_files::read(const protocols::disk_read& x) {
  if (!open_ || file_ != x.file) {
    open_.reset();
    auto file = disk_.open({source_->root, source_->path_of(x.file)}, runtime::open_mode::read);
    if (!file)
      return file.error();
    open_ = std::move(*file);
    file_ = x.file;
  }
  // Not zeroed first, as a vector would be: each byte of a file passes here.
  std::shared_ptr<std::uint8_t[]> memory{new std::uint8_t[x.size]};
  const auto count = open_->read_at(x.offset, {memory.get(), x.size});
  if (!count)
    return count.error();
  const bytes_view view{memory.get(), *count};
  return byte_slice{std::move(memory), view};
}

} // namespace librats::actors
