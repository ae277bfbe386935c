// SPDX-License-Identifier: MIT
#include "apps/rats-sim/store_books.hpp"

#include <algorithm>
#include <utility>

namespace librats::apps {

namespace {

bool equal(const protocols::storage_record& a, const protocols::storage_record& b) {
  return a.version == b.version && a.type == b.type && a.data.text() == b.data.text();
}

/// A key that one of the two has in another way; empty when they are equal.
std::string first_difference(const store_books::content& a, const store_books::content& b) {
  auto i = a.begin();
  auto j = b.begin();
  for (; i != a.end() && j != b.end(); ++i, ++j)
    if (i->first != j->first || !equal(i->second, j->second))
      return std::min(i->first, j->first);
  return i != a.end() ? i->first : j != b.end() ? j->first : "";
}

} // namespace

void store_books::acknowledged(
  std::size_t workload, std::size_t member, const std::string& key, const protocols::storage_version& version) {
  ++acknowledgements_;
  auto& latest = latest_[key];
  const auto [spot, fresh] = latest.emplace(witness{workload, member}, version);
  if (!fresh && version.wins_over(spot->second))
    spot->second = version;
}

const store_books::content* store_books::content_of(std::size_t member) const {
  const auto found = found_.find(member);
  return found != found_.end() ? &found->second : nullptr;
}

std::optional<store_books::difference> store_books::compare(const std::vector<std::size_t>& members) const {
  difference out;
  const content* first = nullptr;
  for (const auto member : members) {
    const auto* its = content_of(member);
    if (its == nullptr) {
      out.members.push_back(member);
      continue;
    }
    if (first == nullptr) {
      first = its;
      continue;
    }
    if (const auto key = first_difference(*first, *its); !key.empty()) {
      out.key = out.key.empty() ? key : out.key;
      out.members.push_back(member);
    }
  }
  return out.members.empty() ? std::nullopt : std::optional{std::move(out)};
}

std::vector<store_books::loss> store_books::find_losses(
  std::optional<std::size_t> workload, const std::vector<std::size_t>& witnesses) const {
  std::vector<loss> out;
  for (const auto& [key, told] : latest_) {
    const protocols::storage_version* owed = nullptr;
    for (const auto& [who, version] : told) {
      const bool counts = (!workload || who.workload == *workload)
        && std::find(witnesses.begin(), witnesses.end(), who.member) != witnesses.end();
      if (counts && (owed == nullptr || version.wins_over(*owed)))
        owed = &version;
    }
    if (owed == nullptr)
      continue;
    for (const auto member : witnesses) {
      const auto* its = content_of(member);
      if (its == nullptr)
        continue; // Which is for `compare` to blame.
      const auto record = its->find(key);
      const bool there = record != its->end();
      if (there ? owed->wins_over(record->second.version) : removed_.count(key) == 0)
        out.push_back({member, key});
    }
  }
  return out;
}

} // namespace librats::apps
