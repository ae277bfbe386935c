// SPDX-License-Identifier: MIT
#include "actors/commit_pipeline.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace librats::actors {

namespace {

template <class T>
void append(std::vector<T>& to, std::vector<T>&& more) {
  to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

} // namespace

void commit_pipeline::gathering::add(protocols::storage_change x, bool coalesce) {
  if (coalesce) {
    const auto [at, is_new] = change_of.emplace(x.key, changes.size());
    if (!is_new) {
      auto& known = changes[at->second];
      known.after = std::move(x.after);
      known.remote = x.remote;
      return;
    }
  }
  changes.push_back(std::move(x));
}

void commit_pipeline::add(std::size_t shard, shard_write write, const protocols::storage_change* change, waiter who) {
  auto& its = shards_[shard];
  auto& next = its.next;
  ++last_;
  if (next.writes.empty())
    next.first = last_;
  next.writes.insert_or_assign(std::move(write.key), std::move(write.record));
  if (change)
    next.add(*change, !its.trouble.empty());
  if (who)
    next.waiters.push_back(std::move(who));
}

commit_pipeline::batch commit_pipeline::begin(std::size_t shard) {
  auto& its = shards_[shard];
  if (its.sent || its.held_back)
    return nullptr;
  if (!its.flying) {
    if (its.next.writes.empty())
      return nullptr;
    auto all = std::make_shared<std::vector<shard_write>>();
    all->reserve(its.next.writes.size());
    // The nodes are taken apart, so that keys are not copied.
    while (!its.next.writes.empty()) {
      auto one = its.next.writes.extract(its.next.writes.begin());
      all->push_back({std::move(one.key()), std::move(one.mapped())});
    }
    its.current = std::exchange(its.next, {});
    its.flying = std::move(all);
  }
  its.sent = true;
  return its.flying;
}

commit_pipeline::finished commit_pipeline::committed(std::size_t shard) {
  auto& its = shards_[shard];
  finished out;
  out.writes = its.flying ? its.flying->size() : 0;
  out.changes = std::move(its.current.changes);
  out.waiters = std::move(its.current.waiters);
  its.current = {};
  its.flying = nullptr;
  its.sent = false;
  its.trouble.clear();
  its.failures = 0;
  return out;
}

std::vector<commit_pipeline::waiter> commit_pipeline::failed(std::size_t shard, const std::string& trouble) {
  auto& its = shards_[shard];
  its.sent = false;
  its.held_back = true;
  its.trouble = trouble;
  ++its.failures;
  auto out = std::move(its.current.waiters);
  append(out, std::move(its.next.waiters));
  if (its.flying) {
    // Back in front of what was gathered meanwhile, which is newer.
    if (its.next.writes.empty() || its.current.first < its.next.first)
      its.next.first = its.current.first;
    for (const auto& one : *its.flying)
      its.next.writes.emplace(one.key, one.record);
  }
  append(its.current.changes, std::move(its.next.changes));
  its.next.changes.clear();
  its.next.change_of.clear();
  for (auto& one : its.current.changes)
    its.next.add(std::move(one), true);
  its.current = {};
  its.flying = nullptr;
  its.next.waiters.clear();
  return out;
}

void commit_pipeline::lost(std::size_t shard) {
  shards_[shard].sent = false;
}

std::vector<commit_pipeline::waiter> commit_pipeline::abandon() {
  std::vector<waiter> out;
  for (auto& its : shards_) {
    append(out, std::move(its.current.waiters));
    append(out, std::move(its.next.waiters));
    its.current.waiters.clear();
    its.next.waiters.clear();
  }
  return out;
}

std::uint64_t commit_pipeline::durable() const noexcept {
  auto out = last_;
  for (const auto& its : shards_) {
    if (its.flying)
      out = std::min(out, its.current.first - 1);
    if (!its.next.writes.empty())
      out = std::min(out, its.next.first - 1);
  }
  return out;
}

std::size_t commit_pipeline::uncommitted() const noexcept {
  std::size_t out = 0;
  for (const auto& its : shards_)
    out += its.next.writes.size() + (its.flying ? its.flying->size() : 0);
  return out;
}

} // namespace librats::actors
