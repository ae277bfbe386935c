// SPDX-License-Identifier: MIT
#include "runtime/sim/sim_database.hpp"

#include <utility>

namespace librats::runtime {

namespace {

/// Commits that a relaxed database may lose: the log is folded into the file, and synced, after so many.
constexpr std::size_t unsynced_max = 16;

} // namespace

class sim_databases::connection final : public key_value_database {
public:
  connection(sim_databases& machine, std::string path, std::shared_ptr<file> its, database_durability durability,
    database_opening found)
    : machine_(machine), path_(std::move(path)), file_(std::move(its)), durability_(durability),
      opening_(std::move(found)) {
    file_->open = true;
  }
  ~connection() override { file_->open = false; }

  [[nodiscard]] const database_opening& opening() const noexcept override { return opening_; }

  result<database_page, database_error> read(std::string_view after, std::size_t bytes_max) override {
    database_page out;
    std::size_t taken = 0;
    auto row = file_->content.upper_bound(std::string{after});
    for (; row != file_->content.end() && (out.rows.empty() || taken < bytes_max); ++row) {
      taken += row->first.size() + row->second.size();
      out.rows.push_back(*row);
    }
    out.done = row == file_->content.end();
    return out;
  }

  std::optional<database_error> commit(const std::vector<database_write>& batch) override {
    if (machine_.full_)
      return database_error{database_trouble::full, "cannot write " + path_ + ": the disk is full"};
    if (machine_.read_only_)
      return database_error{database_trouble::read_only, "cannot write " + path_ + ": no permission"};
    ++machine_.commits_;
    if (broken_ || (machine_.break_every_ != 0 && machine_.commits_ % machine_.break_every_ == 0)
        || machine_.failing_.chance(machine_.failures_)) {
      broken_ = true;
      return database_error{database_trouble::broken, "cannot use " + path_ + ": the disk does not work"};
    }
    const auto grows = growth(*file_, batch);
    if (grows > 0 && machine_.room_ && machine_.room_() < static_cast<std::uint64_t>(grows))
      return database_error{database_trouble::full, "cannot write " + path_ + ": the disk is full"};
    file_->size = static_cast<std::uint64_t>(static_cast<std::int64_t>(file_->size) + grows);
    undo back;
    auto& all = file_->content;
    for (const auto& one : batch) {
      const std::string key{one.key};
      const auto row = all.find(key);
      if (row == all.end())
        back.absent.insert(key);
      else if (back.absent.count(key) == 0)
        back.before.emplace(key, row->second);
      if (one.erase)
        all.erase(key);
      else
        all[key] = to_bytes(one.value);
    }
    auto& unsynced = file_->unsynced;
    unsynced.push_back(std::move(back));
    if (durability_ == database_durability::full || unsynced.size() > unsynced_max)
      unsynced.clear();
    return std::nullopt;
  }

  [[nodiscard]] std::uint64_t disk_bytes() const override {
    return file_->size;
  }

private:
  sim_databases& machine_;
  std::string path_;
  std::shared_ptr<file> file_;
  database_durability durability_;
  database_opening opening_;
  bool broken_ = false;
};

result<std::unique_ptr<key_value_database>, database_error> sim_databases::open(
  const database_options& what, std::int64_t unix_time) {
  if (read_only_)
    return database_error{database_trouble::read_only, "cannot write " + what.path + ": no permission"};
  database_opening found;
  auto& its = files_[what.path];
  if (its && its->open)
    return database_error{database_trouble::in_use, what.path + " is in use by another process"};
  if (!its) {
    found.created = true;
    its = std::make_shared<file>();
    its->purpose = what.purpose;
  }
  if (its->purpose != what.purpose)
    return database_error{
      database_trouble::foreign, what.path + " was made as \"" + its->purpose + "\", not as \"" + what.purpose + "\""};
  if (damaged_.erase(what.path) != 0) {
    const auto aside = what.path + ".damaged-" + std::to_string(unix_time);
    auto old = std::exchange(its, std::make_shared<file>());
    its->purpose = what.purpose;
    bool readable = true;
    for (const auto& row : old->content)
      if (std::exchange(readable, !readable))
        its->content.insert(row);
    its->size = size_of(its->content);
    found = {true, {aside}, its->content.size()};
    auto now_there = its; // The reference may move with the next insertion.
    files_[aside] = std::move(old);
    return std::unique_ptr<key_value_database>{
      std::make_unique<connection>(*this, what.path, std::move(now_there), what.durability, std::move(found))};
  }
  return std::unique_ptr<key_value_database>{
    std::make_unique<connection>(*this, what.path, its, what.durability, std::move(found))};
}

void sim_databases::lose_power(sim_random& random) {
  for (auto& [path, one] : files_) {
    auto& unsynced = one->unsynced;
    for (auto lost = random.below(unsynced.size() + 1); lost > 0; --lost) {
      auto& back = unsynced.back();
      for (auto& [key, value] : back.before)
        one->content[key] = std::move(value);
      for (const auto& key : back.absent)
        one->content.erase(key);
      unsynced.pop_back();
    }
    unsynced.clear();
    one->size = size_of(one->content);
  }
}

std::uint64_t sim_databases::size_of(const rows& x) noexcept {
  std::uint64_t out = 0;
  for (const auto& [key, value] : x)
    out += key.size() + value.size();
  return out;
}

std::int64_t sim_databases::growth(const file& its, const std::vector<database_write>& batch) {
  std::map<std::string_view, std::size_t> sizes; // Of the rows that the batch touches, as they are after it.
  for (const auto& one : batch)
    sizes[one.key] = one.erase ? 0 : one.key.size() + one.value.size();
  std::int64_t out = 0;
  for (const auto& [key, size] : sizes) {
    const auto row = its.content.find(std::string{key});
    const auto before = row == its.content.end() ? 0 : row->first.size() + row->second.size();
    out += static_cast<std::int64_t>(size) - static_cast<std::int64_t>(before);
  }
  return out;
}

std::uint64_t sim_databases::used() const noexcept {
  std::uint64_t out = 0;
  for (const auto& [path, one] : files_)
    out += one->size;
  return out;
}

const sim_databases::rows* sim_databases::find(const std::string& path) const {
  const auto found = files_.find(path);
  return found != files_.end() ? &found->second->content : nullptr;
}

std::set<std::string> sim_databases::names() const {
  std::set<std::string> out;
  for (const auto& [path, one] : files_)
    out.insert(path);
  return out;
}

} // namespace librats::runtime
