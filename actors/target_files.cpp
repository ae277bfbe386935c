// SPDX-License-Identifier: MIT
#include "actors/target_files.hpp"

#include "actors/partial_folder.hpp"
#include "protocols/transfer/manifest.hpp"
#include "runtime/log/escape.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace librats::actors {

namespace {

using runtime::file_kind;
using runtime::file_place;
using runtime::open_mode;

constexpr std::int64_t ns_per_ms = 1'000'000;
/// What the journal may be behind: so many files, so many bytes.
constexpr std::size_t finished_files_max = 64;
constexpr std::uint64_t finished_bytes_max = std::uint64_t{64} << 20;
/// Zeros of at least this length are left to the file system, which stores them for nothing.
constexpr std::size_t hole_min = 4096;
constexpr std::size_t copy_size = std::size_t{1} << 20;
/// An offer of the largest size, and a record for each of its files and every 16 MiB.
constexpr std::size_t journal_max = std::size_t{64} << 20;
constexpr std::uint16_t ordinary_mode = 0644;

bool all_zero(bytes_view x) noexcept {
  return x.empty() || (x[0] == 0 && std::equal(x.begin() + 1, x.end(), x.begin()));
}

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? std::string{} : path.substr(0, slash);
}

/// "name (2).ext"; of a name that is nearly too long, the end of its stem goes.
std::string numbered(const std::string& name, std::size_t number) {
  constexpr std::size_t name_max = 255;
  auto dot = name.rfind('.');
  if (dot == std::string::npos || dot == 0)
    dot = name.size();
  const auto tail = " (" + std::to_string(number) + ")" + name.substr(dot);
  auto stem = name.substr(0, dot);
  while (!stem.empty() && stem.size() + tail.size() > name_max) {
    do
      stem.pop_back();
    while (!stem.empty() && (static_cast<unsigned char>(stem.back()) & 0xC0) == 0x80); // No half of a character.
  }
  return stem + tail;
}

} // namespace

// -- beginning ------------------------------------------------------------------------------------------------------

/// With `choose_name` in an inbox: a name that nothing has.
void target_files::choose_place(const std::set<std::string>& taken) {
  const auto& offer = *target_.offer;
  auto where = target_.destination;
  const auto join = [](const std::string& folder, const std::string& name) {
    return folder.empty() || folder.back() == '/' ? folder + name : folder + "/" + name;
  };
  if (target_.choose_name) {
    const auto name = offer.name.empty() ? std::string{"files"} : offer.name;
    auto chosen = name;
    for (std::size_t i = 1; taken.count(join(where, chosen)) != 0 || target_.taken.count(join(where, chosen)) != 0
         || disk_.info({where, chosen});
         ++i)
      chosen = numbered(name, i);
    where = join(where, chosen);
  } else if (!offer.directory) {
    const auto is_folder = [&] {
      const auto info = disk_.info({where, {}});
      return info && info->kind == file_kind::folder;
    };
    if (where.empty() || where.back() == '/' || is_folder())
      where = join(where, offer.name);
  }
  while (where.size() > 1 && where.back() == '/')
    where.pop_back();
  path_ = where;
  if (offer.directory) {
    root_ = where;
  } else {
    const auto slash = where.rfind('/');
    root_ = slash == 0 ? "/" : folder_of(where);
    alone_ = slash == std::string::npos ? where : where.substr(slash + 1);
  }
}

std::string target_files::open(const std::set<std::string>& taken) {
  if (target_.choose_name)
    if (const auto error = disk_.make_folder(target_.destination))
      return sentence(target_.destination, error);
  choose_place(taken);
  if (!root_.empty())
    if (const auto error = disk_.make_folder(root_))
      return sentence(root_, error);
  if (const auto error = disk_.make_folder(target_.folder))
    return sentence(target_.folder, error);
  if (target_.journal)
    if (const auto error = open_journal())
      return sentence(target_.folder, error);
  if (!at_)
    remove_partial(disk_, target_.folder, target_.key);
  if (target_.journal && !journal_)
    if (const auto error = begin_journal())
      return sentence(target_.folder, error);
  const auto& files = target_.offer->files;
  const auto there = at_ ? protocols::bytes_before(files, at_->file) + at_->offset : 0;
  const auto missing = protocols::total_size(files) - there;
  if (const auto room = disk_.free_space(target_.folder); room && *room < missing)
    return "not enough room: " + std::to_string(missing) + " bytes are still to come, " + std::to_string(*room)
      + " are free";
  return {};
}

std::error_code target_files::open_journal() {
  const file_place where{target_.folder, target_.key + ".journal"};
  const auto raw = disk_.read_file(target_.folder + "/" + where.path, journal_max);
  if (!raw)
    return {}; // None, or none that can be read.
  const auto known = protocols::read_journal(*raw);
  if (!known || known->files != target_.offer->files.size())
    return {};
  const auto message = protocols::decode_transfer(known->offer);
  const auto* offer = message ? std::get_if<protocols::offer_message>(&*message) : nullptr;
  const auto& mine = target_.offer->details;
  if (offer == nullptr || !offer->details || !mine
    || !equal(offer->details->fingerprint.first(16), bytes_view{mine->fingerprint}.first(16)))
    return {};
  auto file = disk_.open(where, open_mode::write);
  if (!file)
    return file.error();
  journal_ = std::move(*file);
  if (known->valid_size < raw->size())
    if (const auto error = journal_->resize(known->valid_size))
      return error;
  journal_size_ = known->valid_size;
  writer_.emplace(known->last_check);
  at_ = known->at;
  return {};
}

std::error_code target_files::begin_journal() {
  const auto header = protocols::journal_writer::header(target_.sender, path_, *target_.offer);
  if (!header) { // No resuming then: of such a length is no path.
    target_.journal = false;
    return {};
  }
  const file_place where{target_.folder, target_.key + ".journal"};
  if (const auto error = disk_.write_file(target_.folder + "/" + where.path, *header, runtime::file_access::owner_only))
    return error;
  auto file = disk_.open(where, open_mode::write);
  if (!file)
    return file.error();
  journal_ = std::move(*file);
  journal_size_ = header->size();
  std::array<std::uint8_t, 8> check{};
  std::copy_n(header->end() - 8, 8, check.begin());
  writer_.emplace(check);
  return {};
}

// -- requests -------------------------------------------------------------------------------------------------------

file_result target_files::perform(const protocols::disk_request& x) {
  if (const auto* one = std::get_if<protocols::disk_read>(&x))
    return read(*one);
  std::error_code error;
  std::string what = path_;
  if (const auto* write_request = std::get_if<protocols::disk_write>(&x)) {
    error = write(*write_request);
    what = target_.folder;
  } else if (const auto* point = std::get_if<protocols::disk_checkpoint>(&x)) {
    error = checkpoint(*point);
    what = target_.folder;
  } else if (const auto* end = std::get_if<protocols::disk_finish>(&x)) {
    error = finish(*end);
    const auto where = place_of(end->file);
    what = where.root.empty() ? where.path : where.root + "/" + where.path;
  } else if (const auto* folder = std::get_if<protocols::disk_make_directory>(&x)) {
    const auto& path = target_.offer->details->directories[folder->directory];
    error = disk_.make_folders({root_, path});
    what = root_ + "/" + path;
  }
  file_result out;
  if (error)
    out.error = sentence(what, error);
  return out;
}

file_place target_files::part_of(std::uint32_t file) const {
  return {target_.folder, target_.key + "." + std::to_string(file) + ".part"};
}

file_place target_files::place_of(std::uint32_t file) const {
  return {root_, target_.offer->directory ? target_.offer->files[file].path : alone_};
}

std::string target_files::sentence(const std::string& what, const std::error_code& why) const {
  return "cannot write '" + runtime::escaped(what) + "': " + why.message();
}

std::error_code target_files::open_part(std::uint32_t file) {
  if (part_ && part_number_ == file)
    return {};
  part_.reset();
  auto opened = disk_.open(part_of(file), open_mode::write);
  if (!opened)
    return opened.error();
  const auto info = (*opened)->info();
  if (!info)
    return info.error();
  part_ = std::move(*opened);
  part_number_ = file;
  part_end_ = info->size;
  part_has_hole_ = part_is_named_ = false;
  return {};
}

file_result target_files::read(const protocols::disk_read& x) {
  file_result out;
  out.read = true;
  if (const auto error = open_part(x.file)) {
    out.error = error.message();
    return out;
  }
  bytes data(x.size);
  const auto count = part_->read_at(x.offset, data);
  if (!count) {
    out.error = count.error().message();
    return out;
  }
  data.resize(*count);
  out.data = byte_slice{std::move(data)};
  return out;
}

std::error_code target_files::write(const protocols::disk_write& x) {
  if (const auto error = open_part(x.file))
    return error;
  if (x.offset == 0 && part_end_ != 0) { // Of an attempt that counts no more.
    if (const auto error = part_->resize(0))
      return error;
    part_end_ = 0;
  }
  const auto end = x.offset + x.data.size();
  if (x.data.size() >= hole_min && x.offset >= part_end_ && all_zero(x.data.view())) {
    part_has_hole_ = true;
    part_end_ = end;
    return {};
  }
  if (const auto error = part_->write_at(x.offset, x.data.view()))
    return error;
  if (end >= part_end_) {
    part_end_ = end;
    part_has_hole_ = false;
  }
  return {};
}

std::error_code target_files::checkpoint(const protocols::disk_checkpoint& x) {
  if (!journal_)
    return {};
  if (const auto error = flush_finished())
    return error;
  if (x.at.offset != 0) {
    if (const auto error = open_part(x.at.file))
      return error;
    if (part_has_hole_)
      if (const auto error = part_->resize(part_end_))
        return error;
    part_has_hole_ = false;
    if (const auto error = part_->sync())
      return error;
    if (!part_is_named_)
      if (const auto error = disk_.sync_folder({target_.folder, {}}))
        return error;
    part_is_named_ = true;
  }
  return append_to_journal(writer_->checkpoint(x.at));
}

std::error_code target_files::append_to_journal(bytes_view record) {
  if (const auto error = journal_->write_at(journal_size_, record))
    return error;
  journal_size_ += record.size();
  return journal_->sync();
}

// -- into place -----------------------------------------------------------------------------------------------------

std::error_code target_files::finish(const protocols::disk_finish& x) {
  const auto& entry = target_.offer->files[x.file];
  if (const auto error = open_part(x.file))
    return error;
  if (part_has_hole_ || part_end_ != entry.size)
    if (const auto error = part_->resize(entry.size))
      return error;
  part_has_hole_ = false;
  std::optional<std::int64_t> modified;
  auto mode = ordinary_mode;
  if (const auto& details = target_.offer->details) {
    const auto& more = details->files[x.file];
    if (more.modified_ms != 0 && more.modified_ms < std::uint64_t{1} << 43) // The year 2248: beyond it nonsense.
      modified = static_cast<std::int64_t>(more.modified_ms) * ns_per_ms;
    if (more.mode != 0)
      mode = static_cast<std::uint16_t>((more.mode & 0777) | 0600); // Ours to replace, whatever it was there.
  }
  // A file system that knows neither times nor modes takes the file all the same.
  (void)part_->set_attributes(modified, mode);
  if (const auto error = part_->sync())
    return error;
  part_.reset();
  if (const auto error = put_in_place(x.file))
    return error;
  finished_.push_back(x.file);
  finished_bytes_ += entry.size;
  const bool last = x.file + 1 == target_.offer->files.size();
  if (last || finished_.size() >= finished_files_max || finished_bytes_ >= finished_bytes_max)
    return flush_finished();
  return {};
}

std::error_code target_files::put_in_place(std::uint32_t file) {
  const auto to = place_of(file);
  const auto folder = folder_of(to.path);
  if (changed_folders_.count(folder) == 0 && !folder.empty())
    if (const auto error = disk_.make_folders({root_, folder}))
      return error;
  auto error = disk_.rename(part_of(file), to);
  if (error == std::errc::cross_device_link)
    error = copy_in_place(file);
  if (error)
    return error;
  // Also those above, which may be new.
  for (auto one = folder;; one = folder_of(one)) {
    changed_folders_.insert(one);
    if (one.empty())
      break;
  }
  return {};
}

/// The destination is on another file system: copied beside it under the name of the partial file, then renamed there.
std::error_code target_files::copy_in_place(std::uint32_t file) {
  const auto to = place_of(file);
  const auto from = part_of(file);
  const auto folder = folder_of(to.path);
  const file_place beside{root_, (folder.empty() ? "" : folder + "/") + "." + from.path};
  auto source = disk_.open(from, open_mode::read);
  if (!source)
    return source.error();
  const auto info = (*source)->info();
  if (!info)
    return info.error();
  const auto copy = [&]() -> std::error_code {
    auto target = disk_.open(beside, open_mode::write);
    if (!target)
      return target.error();
    if (const auto error = (*target)->resize(0))
      return error;
    bytes buffer(copy_size);
    for (std::uint64_t at = 0; at < info->size;) {
      const auto count = (*source)->read_at(at, buffer);
      if (!count)
        return count.error();
      if (*count == 0)
        return std::make_error_code(std::errc::io_error);
      const auto piece = bytes_view{buffer}.first(*count);
      if (*count < hole_min || !all_zero(piece))
        if (const auto error = (*target)->write_at(at, piece))
          return error;
      at += *count;
    }
    if (const auto error = (*target)->resize(info->size))
      return error;
    (void)(*target)->set_attributes(info->modified_ns, info->mode);
    return (*target)->sync();
  };
  auto error = copy();
  if (!error)
    error = disk_.rename(beside, to);
  if (error) {
    (void)disk_.remove(beside);
    return error;
  }
  return disk_.remove(from);
}

/// Makes the names of finished files durable, and then says so in the journal.
std::error_code target_files::flush_finished() {
  if (finished_.empty())
    return {};
  for (const auto& one : changed_folders_)
    if (const auto error = disk_.sync_folder({root_, one}))
      return error;
  changed_folders_.clear();
  finished_bytes_ = 0;
  const auto done = std::exchange(finished_, {});
  if (!journal_)
    return {};
  bytes records;
  for (const auto file : done) {
    const auto one = writer_->finished(file);
    records.insert(records.end(), one.begin(), one.end());
  }
  return append_to_journal(records);
}

// -- the end --------------------------------------------------------------------------------------------------------

void target_files::close(file_fate fate) {
  if (fate == file_fate::keep)
    (void)flush_finished();
  part_.reset();
  journal_.reset();
  if (fate == file_fate::keep && target_.journal)
    return;
  if (fate == file_fate::delivered && target_.offer->details)
    if (!note_delivered(disk_, target_.folder, target_.offer->details->fingerprint))
      return; // The journal says it too.
  remove_partial(disk_, target_.folder, target_.key);
  if (fate == file_fate::delivered)
    (void)disk_.sync_folder({target_.folder, {}});
}

} // namespace librats::actors
