// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/peer_id.hpp"
#include "protocols/storage/storage_entry.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace librats::apps {

/// What was written to the replicated store, what of it was acknowledged, and what the stores have in the end.
class store_books {
public:
  /// What one store holds: the live records, by key.
  using content = std::map<std::string, protocols::storage_record>;

  void acknowledged(
    std::size_t workload, std::size_t member, const std::string& key, const protocols::storage_version& version);
  void removal_asked(const std::string& key) { removed_.insert(key); }

  /// Forgets what stores were found to hold.
  void begin_audit() { found_.clear(); }
  /// What the store of a member holds now.
  void found(std::size_t member, content what) { found_[member] = std::move(what); }
  [[nodiscard]] const content* content_of(std::size_t member) const;

  /// The first member that differs from the others and a key that shows it; empty when all are equal. A member of which
  /// nothing was found differs from all.
  struct difference {
    std::vector<std::size_t> members; ///< That differ from the first one.
    std::string key;
  };
  [[nodiscard]] std::optional<difference> compare(const std::vector<std::size_t>& members) const;

  /// Puts that were acknowledged to one of `witnesses`, and that a store among them has lost or has something older of.
  struct loss {
    std::size_t member = 0; ///< Whose store.
    std::string key;
  };
  [[nodiscard]] std::vector<loss> find_losses(
    std::optional<std::size_t> workload, const std::vector<std::size_t>& witnesses) const;

  /// Keys of which anything was acknowledged.
  [[nodiscard]] std::size_t key_count() const noexcept { return latest_.size(); }
  [[nodiscard]] std::uint64_t acknowledgements() const noexcept { return acknowledgements_; }

private:
  struct witness {
    std::size_t workload;
    std::size_t member;
    friend bool operator<(const witness& a, const witness& b) noexcept {
      return a.workload != b.workload ? a.workload < b.workload : a.member < b.member;
    }
  };

  /// Of each key and each node that was told so: the latest.
  std::map<std::string, std::map<witness, protocols::storage_version>> latest_;
  std::set<std::string> removed_; ///< Keys that may be absent.
  std::map<std::size_t, content> found_;
  std::uint64_t acknowledgements_ = 0;
};

} // namespace librats::apps
