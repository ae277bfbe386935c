// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/database/key_value_database.hpp"
#include "runtime/sim/sim_random.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace librats::runtime {

/// The databases of one simulated machine, with faults to switch on. What was committed outlives the process; a loss of
/// power takes the latest commits of relaxed ones, as many as chance decides.
class sim_databases {
public:
  result<std::unique_ptr<key_value_database>, database_error> open(
    const database_options& what, std::int64_t unix_time);

  // -- faults, of all databases of the machine

  /// Commits fail with `full`.
  void set_full(bool full) noexcept { full_ = full; }
  /// Nothing can be opened or written: `read_only`.
  void set_read_only(bool read_only) noexcept { read_only_ = read_only; }
  /// Every so manieth commit fails with `broken`, and the database has to be opened again; 0 is never.
  void set_break_every(std::uint64_t count) noexcept { break_every_ = count; }
  /// Each commit fails in the same way by this chance, from 0 to 1; the seed decides which ones.
  void set_failures(double share, std::uint64_t seed) {
    failures_ = share;
    failing_ = sim_random{seed};
  }
  /// Says how many more bytes fit; a commit that needs more fails with `full`. Without it there is always room.
  void set_room(std::function<std::uint64_t()> room) { room_ = std::move(room); }
  /// The next one who opens this file finds it damaged; every second row can be read.
  void damage(const std::string& path) { damaged_.insert(path); }
  void lose_power(sim_random& random);

  // -- what is there

  using rows = std::map<std::string, bytes>;
  /// Null when there is no such file.
  [[nodiscard]] const rows* find(const std::string& path) const;
  [[nodiscard]] std::uint64_t commits() const noexcept { return commits_; }
  /// Bytes of all rows, of files set aside too.
  [[nodiscard]] std::uint64_t used() const noexcept;
  [[nodiscard]] std::set<std::string> names() const;

private:
  class connection;
  struct undo {
    rows before;                  ///< Rows as they were.
    std::set<std::string> absent; ///< Rows that were not there.
  };
  struct file {
    std::string purpose;
    rows content;
    std::deque<undo> unsynced; ///< The oldest first.
    std::uint64_t size = 0;    ///< Bytes of its keys and values.
    bool open = false;
  };
  /// By how many bytes a batch makes a file larger; negative when it makes it smaller.
  static std::int64_t growth(const file& its, const std::vector<database_write>& batch);
  static std::uint64_t size_of(const rows& x) noexcept;

  std::map<std::string, std::shared_ptr<file>> files_;
  std::set<std::string> damaged_;
  bool full_ = false;
  bool read_only_ = false;
  std::uint64_t break_every_ = 0;
  std::uint64_t commits_ = 0;
  double failures_ = 0;
  sim_random failing_{0};
  std::function<std::uint64_t()> room_;
};

} // namespace librats::runtime
