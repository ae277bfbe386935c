// SPDX-License-Identifier: MIT
#include "runtime/sim/sim_disk.hpp"

#include "runtime/disk/replace_file.hpp"

#include <algorithm>
#include <utility>

namespace librats::runtime {

namespace {

std::error_code no_power() { return std::make_error_code(std::errc::io_error); }

} // namespace

/// The steps of `replace_file` on the simulated platter.
class sim_disk::replacing final : public file_steps {
public:
  explicit replacing(sim_disk& disk) : disk_(disk) {}

  std::error_code create(const std::string& path, file_access access) override {
    if (!disk_.spend(1))
      return no_power();
    open_ = std::make_shared<file>();
    open_->access = access;
    disk_.files_[path] = open_;
    return {};
  }

  std::error_code append(bytes_view content) override {
    if (disk_.room() < content.size())
      return std::make_error_code(std::errc::no_space_on_device);
    const auto possible = disk_.steps_left_ ? std::min(*disk_.steps_left_, content.size()) : content.size();
    open_->content.insert(open_->content.end(), content.begin(),
      content.begin() + static_cast<std::ptrdiff_t>(possible));
    return disk_.spend(content.size()) ? std::error_code{} : no_power();
  }

  std::error_code sync() override {
    if (!disk_.spend(1))
      return no_power();
    open_->synced = open_->content;
    return {};
  }

  std::error_code rename(const std::string& from, const std::string& to) override {
    if (!disk_.spend(1))
      return no_power();
    if (disk_.folders_.count(to) != 0)
      return std::make_error_code(std::errc::is_a_directory);
    auto node = disk_.files_.extract(from);
    disk_.files_[to] = std::move(node.mapped());
    return {};
  }

  void sync_folder(const std::string& path) override {
    if (disk_.spend(1))
      disk_.sync_names(path == "/" ? std::string{} : path);
  }

  void remove(const std::string& path) override {
    if (disk_.has_power())
      disk_.files_.erase(path);
  }

private:
  sim_disk& disk_;
  std::shared_ptr<file> open_;
};

/// False when the power fails before all of them are done.
bool sim_disk::spend(std::size_t count) {
  if (!steps_left_)
    return true;
  const bool enough = *steps_left_ >= count;
  *steps_left_ -= std::min(*steps_left_, count);
  return enough;
}

result<bytes, std::error_code> sim_disk::read_file(const std::string& path, std::size_t size_max) {
  if (!has_power() || fails())
    return no_power();
  const auto found = files_.find(path);
  if (found == files_.end())
    return std::make_error_code(folders_.count(path) != 0 ? std::errc::is_a_directory
                                                          : std::errc::no_such_file_or_directory);
  if (found->second->content.size() > size_max)
    return std::make_error_code(std::errc::file_too_large);
  return found->second->content;
}

std::error_code sim_disk::write_file(const std::string& path, bytes_view content, file_access access) {
  if (const auto error = fault())
    return error;
  if (fails())
    return std::make_error_code(std::errc::io_error);
  replacing mine{*this};
  return replace_file(mine, path, content, access);
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
  return found->second->access == file_access::everybody;
}

std::error_code sim_disk::restrict_to_owner(const std::string& path) {
  const auto found = files_.find(path);
  if (found == files_.end())
    return std::make_error_code(std::errc::no_such_file_or_directory);
  found->second->access = file_access::owner_only;
  return {};
}

void sim_disk::plant(const std::string& path, bytes content, file_access access) {
  auto one = std::make_shared<file>();
  one->content = one->synced = std::move(content);
  one->access = access;
  files_[path] = one;
  synced_[path] = std::move(one);
}

std::optional<bytes> sim_disk::peek(const std::string& path) const {
  const auto found = files_.find(path);
  return found != files_.end() ? std::optional{found->second->content} : std::nullopt;
}

void sim_disk::restore_power(const aftermath& what) {
  steps_left_.reset();
  if (!what.renames_survive)
    files_ = synced_;
  std::uint64_t number = 0;
  for (auto& [path, one] : files_) {
    if (what.torn_by)
      tear(*one, *what.torn_by + ++number);
    else if (!what.bytes_survive)
      one->content = one->synced;
    one->synced = one->content;
  }
  synced_ = files_;
}

std::set<std::string> sim_disk::names() const {
  std::set<std::string> out;
  for (const auto& [path, one] : files_)
    out.insert(path);
  return out;
}

std::error_code sim_disk::fault() const {
  if (!has_power())
    return no_power();
  if (unwritable_)
    return std::make_error_code(std::errc::permission_denied);
  if (full_)
    return std::make_error_code(std::errc::no_space_on_device);
  return {};
}

} // namespace librats::runtime
