// SPDX-License-Identifier: MIT
// Files of a simulated disk that are open, and what lies below folders.
#include "runtime/sim/sim_disk.hpp"
#include "runtime/sim/sim_random.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

namespace librats::runtime {

namespace {

std::error_code make(std::errc code) {
  return std::make_error_code(code);
}

/// The path of a place; empty when it is none.
std::optional<std::string> path_of(const file_place& where) {
  for (std::string_view rest = where.path; !rest.empty();) {
    const auto slash = rest.find('/');
    const auto component = rest.substr(0, slash);
    if (component.empty() || component == "." || component == ".." || slash + 1 == rest.size())
      return std::nullopt;
    rest.remove_prefix(slash == std::string_view::npos ? rest.size() : slash + 1);
  }
  if (where.path.empty() || where.root.empty())
    return where.root + where.path;
  return where.root + "/" + where.path;
}

constexpr std::size_t block_size = 512;

} // namespace

/// One that is open keeps its content when its name goes, as with POSIX.
class sim_disk::opened final : public open_file {
public:
  opened(sim_disk& disk, std::shared_ptr<file> it, bool writable)
    : disk_(disk), file_(std::move(it)), writable_(writable) {}

  result<std::size_t, std::error_code> read_at(std::uint64_t offset, mutable_bytes_view out) override {
    if (const auto error = disk_.step())
      return error;
    const auto& content = file_->content;
    if (offset >= content.size())
      return std::size_t{0};
    const auto count = std::min<std::size_t>(out.size(), content.size() - static_cast<std::size_t>(offset));
    std::copy_n(content.begin() + static_cast<std::ptrdiff_t>(offset), count, out.begin());
    return count;
  }

  std::error_code write_at(std::uint64_t offset, bytes_view content) override {
    if (const auto error = may_write())
      return error;
    const auto at = static_cast<std::size_t>(offset);
    auto& mine = file_->content;
    const auto grows = at + content.size() > mine.size() ? at + content.size() - mine.size() : 0;
    const auto room = disk_.room();
    const auto missing = grows > room ? static_cast<std::size_t>(grows - room) : 0;
    auto fits = content.size() - std::min(content.size(), missing);
    const bool powered = disk_.spend(1 + fits);
    if (!powered)
      fits /= 2;
    if (at + fits > mine.size())
      mine.resize(at + fits);
    std::copy_n(content.begin(), fits, mine.begin() + static_cast<std::ptrdiff_t>(at));
    if (!powered)
      return make(std::errc::io_error);
    return missing == 0 ? std::error_code{} : make(std::errc::no_space_on_device);
  }

  std::error_code resize(std::uint64_t size) override {
    if (const auto error = may_write())
      return error;
    if (!disk_.spend(1))
      return make(std::errc::io_error);
    file_->content.resize(static_cast<std::size_t>(size));
    return {};
  }

  std::error_code sync() override {
    if (const auto error = disk_.step())
      return error;
    if (!disk_.spend(1))
      return make(std::errc::io_error);
    file_->synced = file_->content;
    return {};
  }

  std::error_code set_attributes(std::optional<std::int64_t> modified_ns, std::optional<std::uint16_t> mode) override {
    if (const auto error = may_write())
      return error;
    file_->modified_ns = modified_ns.value_or(file_->modified_ns);
    file_->mode = mode.value_or(file_->mode) & 0777;
    return {};
  }

  result<file_info, std::error_code> info() override {
    if (!disk_.has_power())
      return make(std::errc::io_error);
    return file_info{file_kind::file, file_->content.size(), file_->modified_ns, file_->mode};
  }

private:
  std::error_code may_write() {
    if (const auto error = disk_.step())
      return error;
    return writable_ ? disk_.fault() : make(std::errc::bad_file_descriptor);
  }

  sim_disk& disk_;
  std::shared_ptr<file> file_;
  bool writable_;
};

/// One step of an open file: without power, or when it is its turn, it fails.
std::error_code sim_disk::step() {
  if (!has_power())
    return make(std::errc::io_error);
  if ((failing_step_ != 0 && --failing_step_ == 0) || fails())
    return make(std::errc::io_error);
  return {};
}

bool sim_disk::is_folder(const std::string& path) const {
  if (path.empty() || path == "." || path == "/" || folders_.count(path) != 0)
    return true;
  const auto below = [&](const auto& all, const auto& name) {
    const auto next = all.lower_bound(path + "/");
    return next != all.end() && name(*next).compare(0, path.size() + 1, path + "/") == 0;
  };
  return below(files_, [](const auto& x) -> const std::string& { return x.first; })
    || below(folders_, [](const auto& x) -> const std::string& { return x; });
}

const std::string* sim_disk::mount_of(const std::string& path) const {
  for (const auto& one : mounts_)
    if (path.compare(0, one.size(), one) == 0)
      return &one;
  return nullptr;
}

std::uint64_t sim_disk::room() const {
  if (capacity_ == std::numeric_limits<std::uint64_t>::max())
    return capacity_;
  return capacity_ - std::min(used() + (others_ ? others_() : 0), capacity_);
}

std::uint64_t sim_disk::used() const {
  std::uint64_t out = 0;
  for (const auto& [path, one] : files_)
    out += one->content.size();
  return out;
}

void sim_disk::tear(file& x, std::uint64_t seed) {
  sim_random random{seed};
  auto& now = x.content;
  const auto& before = x.synced;
  if (random.below(2) == 0 && now.size() > before.size()) // How long it is may have got there without its blocks.
    now.resize(before.size() + static_cast<std::size_t>(random.below(now.size() - before.size() + 1)));
  for (std::size_t at = 0; at < now.size(); at += block_size) {
    const auto end = std::min(at + block_size, now.size());
    if (random.below(2) == 0)
      for (std::size_t i = at; i < end; ++i)
        now[i] = i < before.size() ? before[i] : std::uint8_t{0};
  }
}

result<std::unique_ptr<open_file>, std::error_code> sim_disk::open(const file_place& where, open_mode mode) {
  const auto path = path_of(where);
  if (!path)
    return make(std::errc::invalid_argument);
  if (!has_power())
    return make(std::errc::io_error);
  if (is_folder(*path))
    return make(std::errc::is_a_directory);
  const auto found = files_.find(*path);
  if (found != files_.end())
    return std::unique_ptr<open_file>{std::make_unique<opened>(*this, found->second, mode == open_mode::write)};
  if (mode == open_mode::read || !is_folder(parent_of(*path)))
    return make(std::errc::no_such_file_or_directory);
  if (const auto error = fault())
    return error;
  if (!spend(1))
    return make(std::errc::io_error);
  auto fresh = std::make_shared<file>();
  files_[*path] = fresh;
  return std::unique_ptr<open_file>{std::make_unique<opened>(*this, std::move(fresh), true)};
}

result<file_info, std::error_code> sim_disk::info(const file_place& where) {
  const auto path = path_of(where);
  if (!path)
    return make(std::errc::invalid_argument);
  if (!has_power())
    return make(std::errc::io_error);
  if (const auto found = files_.find(*path); found != files_.end())
    return file_info{file_kind::file, found->second->content.size(), found->second->modified_ns, found->second->mode};
  if (is_folder(*path))
    return file_info{file_kind::folder, 0, 0, 0755};
  return make(std::errc::no_such_file_or_directory);
}

result<std::vector<folder_entry>, std::error_code> sim_disk::list(const file_place& where, std::size_t count_max) {
  const auto path = path_of(where);
  if (!path)
    return make(std::errc::invalid_argument);
  if (!has_power())
    return make(std::errc::io_error);
  if (!is_folder(*path))
    return make(files_.count(*path) != 0 ? std::errc::not_a_directory : std::errc::no_such_file_or_directory);
  const auto prefix = path->empty() ? std::string{} : *path + "/";
  std::map<std::string, file_kind> all;
  const auto note = [&](const std::string& name, file_kind kind) {
    if (name.size() <= prefix.size() || name.compare(0, prefix.size(), prefix) != 0)
      return;
    const auto slash = name.find('/', prefix.size());
    const bool below = slash != std::string::npos;
    all.emplace(name.substr(prefix.size(), below ? slash - prefix.size() : slash), below ? file_kind::folder : kind);
  };
  for (const auto& one : folders_)
    note(one, file_kind::folder);
  for (const auto& [name, one] : files_)
    note(name, file_kind::file);
  if (all.size() > count_max)
    return make(std::errc::value_too_large);
  std::vector<folder_entry> out;
  for (const auto& [name, kind] : all)
    out.push_back({name, kind});
  return out;
}

std::error_code sim_disk::make_folders(const file_place& where) {
  if (!path_of(where))
    return make(std::errc::invalid_argument);
  if (!is_folder(where.root))
    return make(std::errc::no_such_file_or_directory);
  for (std::size_t end = 0; end < where.path.size();) {
    end = std::min(where.path.find('/', end + 1), where.path.size());
    const auto path = *path_of({where.root, where.path.substr(0, end)});
    if (files_.count(path) != 0)
      return make(std::errc::not_a_directory);
    if (is_folder(path))
      continue;
    if (const auto error = fault())
      return error;
    folders_.insert(path);
  }
  return {};
}

std::error_code sim_disk::rename(const file_place& from, const file_place& to) {
  const auto a = path_of(from);
  const auto b = path_of(to);
  if (!a || !b)
    return make(std::errc::invalid_argument);
  if (const auto error = step())
    return error;
  if (unwritable_)
    return make(std::errc::permission_denied);
  if (files_.count(*a) == 0 || !is_folder(parent_of(*b)))
    return make(std::errc::no_such_file_or_directory);
  if (is_folder(*b))
    return make(std::errc::is_a_directory);
  if (mount_of(*a) != mount_of(*b))
    return make(std::errc::cross_device_link);
  if (!spend(1))
    return make(std::errc::io_error);
  auto node = files_.extract(*a);
  files_[*b] = std::move(node.mapped());
  return {};
}

std::error_code sim_disk::remove(const file_place& where) {
  const auto path = path_of(where);
  if (!path)
    return make(std::errc::invalid_argument);
  if (!has_power())
    return make(std::errc::io_error);
  if (files_.erase(*path) != 0)
    return {};
  if (!is_folder(*path))
    return {};
  const auto inside = list(where, 1);
  if (!inside || !inside->empty())
    return make(std::errc::directory_not_empty);
  folders_.erase(*path);
  return {};
}

std::error_code sim_disk::sync_folder(const file_place& where) {
  if (!path_of(where))
    return make(std::errc::invalid_argument);
  if (const auto error = step())
    return error;
  if (!spend(1))
    return make(std::errc::io_error);
  sync_names(path_of(where).value());
  return {};
}

std::string sim_disk::parent_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? std::string{} : path.substr(0, slash);
}

/// A rename is one step for the platter too: with the new name durable, the old one is gone.
void sim_disk::sync_names(const std::string& below) {
  for (auto it = synced_.begin(); it != synced_.end();)
    it = parent_of(it->first) == below && files_.count(it->first) == 0 ? synced_.erase(it) : std::next(it);
  for (const auto& [path, one] : files_) {
    if (parent_of(path) != below)
      continue;
    auto& durable = synced_[path];
    if (durable == one)
      continue;
    durable = one;
    for (auto it = synced_.begin(); it != synced_.end();)
      it = it->second == one && it->first != path ? synced_.erase(it) : std::next(it);
  }
}

result<std::uint64_t, std::error_code> sim_disk::free_space(const std::string& path) {
  if (!is_folder(path))
    return make(std::errc::no_such_file_or_directory);
  return full_ ? 0 : room();
}

result<std::string, std::error_code> sim_disk::real_path(const std::string& path) {
  auto out = path;
  while (out.size() > 1 && out.back() == '/')
    out.pop_back();
  if (files_.count(out) == 0 && !is_folder(out))
    return make(std::errc::no_such_file_or_directory);
  return out;
}

} // namespace librats::runtime
