// SPDX-License-Identifier: MIT
#include "protocols/address_book/address_book.hpp"

#include "protocols/address_book/json_members.hpp"
#include "protocols/typed/typed_json.hpp"

#include <algorithm>
#include <array>

namespace librats::protocols {

namespace {

using json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 8> our_members{"ip", "port", "id", "first_seen", "last_seen", "last_connected",
  "connect_count", "fail_streak"};

bool better(const address_entry& a, const address_entry& b) noexcept {
  const auto rank = [](const address_entry& x) {
    return std::make_tuple(x.last_connected != 0, x.last_connected, x.connect_count);
  };
  if (rank(a) != rank(b))
    return rank(b) < rank(a);
  if (a.fail_streak != b.fail_streak)
    return a.fail_streak < b.fail_streak;
  if (a.last_seen != b.last_seen)
    return a.last_seen > b.last_seen;
  return a.where < b.where;
}

std::vector<address_entry> ranked(const std::map<endpoint, address_entry>& entries, std::size_t count) {
  std::vector<address_entry> out;
  out.reserve(entries.size());
  for (const auto& [where, x] : entries)
    out.push_back(x);
  count = std::min(count, out.size());
  std::partial_sort(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(count), out.end(), better);
  out.resize(count);
  return out;
}

std::string foreign_part(const json& from) {
  auto rest = json::object();
  for (const auto& [name, value] : from.items())
    if (std::find(our_members.begin(), our_members.end(), name) == our_members.end())
      rest[name] = value;
  if (rest.empty())
    return {};
  const auto text = dump_json(rest);
  return text && text->size() <= address_book::foreign_bytes_max ? *text : std::string{};
}

std::optional<address_entry> read_entry(const json& from) {
  const auto where = endpoint_member(from);
  if (!where)
    return std::nullopt;
  address_entry out;
  out.where = *where;
  if (const auto id = text_member(from, "id"))
    out.id = peer_id::parse(*id);
  out.first_seen = number_member(from, "first_seen");
  out.last_seen = number_member(from, "last_seen");
  out.last_connected = number_member(from, "last_connected");
  out.connect_count = static_cast<std::uint64_t>(number_member(from, "connect_count"));
  out.fail_streak = static_cast<std::uint64_t>(number_member(from, "fail_streak"));
  out.foreign = foreign_part(from);
  return out;
}

json write_entry(const address_entry& x) {
  json out;
  out["ip"] = x.where.address.to_string();
  out["port"] = x.where.port;
  if (x.id)
    out["id"] = x.id->to_string();
  out["first_seen"] = x.first_seen;
  out["last_seen"] = x.last_seen;
  out["last_connected"] = x.last_connected;
  out["connect_count"] = x.connect_count;
  out["fail_streak"] = x.fail_streak;
  if (x.foreign.empty())
    return out;
  if (const auto foreign = parse_ordered_json(x.foreign))
    out.update(*foreign);
  return out;
}

} // namespace

result<address_book::loaded> address_book::load(std::string_view text, unix_seconds now) {
  const auto parsed = parse_ordered_json(text);
  if (!parsed || !parsed->is_array())
    return wire_errc::bad_text;
  loaded out;
  for (const auto& one : *parsed) {
    auto entry = read_entry(one);
    if (!entry)
      ++out.skipped;
    else if (now - entry->last_seen < forgotten_after)
      out.book.entries_.insert_or_assign(entry->where, std::move(*entry));
  }
  out.book.keep_best(entries_max);
  return out;
}

std::string address_book::to_text() const {
  auto out = json::array();
  for (const auto& [where, x] : entries_)
    out.push_back(write_entry(x));
  return out.dump(2, ' ', false, json::error_handler_t::replace);
}

void address_book::note_connected(unix_seconds now, const endpoint& where, const peer_id& id) {
  if (entries_.count(where) == 0)
    keep_best(entries_max - 1);
  auto& x = entries_[where];
  x.where = where;
  x.id = id;
  if (x.first_seen == 0)
    x.first_seen = now;
  x.last_seen = x.last_connected = now;
  ++x.connect_count;
  x.fail_streak = 0;
  ++revision_;
}

void address_book::note_seen(unix_seconds now, const endpoint& where) {
  const auto found = entries_.find(where);
  if (found == entries_.end() || found->second.last_seen >= now)
    return;
  found->second.last_seen = now;
  ++revision_;
}

void address_book::note_failed(const endpoint& where) {
  const auto found = entries_.find(where);
  if (found == entries_.end())
    return;
  ++found->second.fail_streak;
  ++revision_;
}

void address_book::forget(const endpoint& where) { revision_ += entries_.erase(where); }

void address_book::merge(const address_book& other) {
  const auto before = entries_.size();
  entries_.insert(other.entries_.begin(), other.entries_.end());
  if (entries_.size() != before)
    ++revision_;
  keep_best(entries_max);
}

std::vector<address_entry> address_book::best(std::size_t count) const { return ranked(entries_, count); }

void address_book::keep_best(std::size_t count) {
  if (entries_.size() <= count)
    return;
  std::map<endpoint, address_entry> kept;
  for (auto& one : ranked(entries_, count))
    kept.emplace(one.where, std::move(one));
  entries_ = std::move(kept);
  ++revision_;
}

} // namespace librats::protocols
