// SPDX-License-Identifier: MIT
#include "protocols/address_book/peer_history.hpp"

#include "protocols/address_book/json_members.hpp"
#include "protocols/typed/typed_json.hpp"

#include <algorithm>

namespace librats::protocols {

namespace {

using json = nlohmann::ordered_json;

std::optional<known_peer> read_peer(const json& from) {
  const auto where = endpoint_member(from);
  if (!where)
    return std::nullopt;
  known_peer out;
  out.where = *where;
  out.peer_id = text_member(from, "peer_id").value_or("");
  const auto outgoing = from.find("is_outgoing");
  out.outgoing = outgoing != from.end() && outgoing->is_boolean() && outgoing->get<bool>();
  out.version = text_member(from, "version").value_or("");
  out.last_seen = number_member(from, "last_seen");
  return out;
}

} // namespace

result<std::vector<known_peer>> parse_known_peers(std::string_view text) {
  const auto parsed = parse_ordered_json(text);
  if (!parsed || !parsed->is_array())
    return wire_errc::bad_text;
  std::vector<known_peer> out;
  for (const auto& one : *parsed)
    if (auto peer = read_peer(one))
      out.push_back(std::move(*peer));
  return out;
}

std::string dump_known_peers(const std::vector<known_peer>& peers) {
  auto out = json::array();
  for (const auto& x : peers)
    out.push_back({{"ip", x.where.address.to_string()}, {"port", x.where.port}, {"peer_id", x.peer_id},
      {"normalized_address", x.where.to_string()}, {"is_outgoing", x.outgoing}, {"version", x.version},
      {"last_seen", x.last_seen}});
  return out.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

void peer_history::note(known_peer x) {
  if (x.peer_id.empty())
    return;
  const auto found = peers_.find(x.peer_id);
  if (found != peers_.end()) {
    if (found->second.last_seen <= x.last_seen)
      found->second = std::move(x);
    return;
  }
  if (peers_.size() >= entries_max) {
    const auto oldest = std::min_element(peers_.begin(), peers_.end(),
      [](const auto& a, const auto& b) { return a.second.last_seen < b.second.last_seen; });
    if (oldest->second.last_seen > x.last_seen)
      return;
    peers_.erase(oldest);
  }
  auto id = x.peer_id;
  peers_.emplace(std::move(id), std::move(x));
}

std::vector<known_peer> peer_history::all() const {
  std::vector<known_peer> out;
  out.reserve(peers_.size());
  for (const auto& [id, x] : peers_)
    out.push_back(x);
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.last_seen > b.last_seen; });
  return out;
}

} // namespace librats::protocols
