// SPDX-License-Identifier: MIT
#include "protocols/dht/saved_nodes.hpp"

#include "protocols/address_book/json_members.hpp"
#include "protocols/typed/typed_json.hpp"

#include <chrono>

namespace librats::protocols {

namespace {

using json = nlohmann::ordered_json;
using milliseconds = std::chrono::milliseconds;

constexpr std::int64_t file_version = 1;
constexpr std::int64_t rtt_ms_max = 60'000;

std::optional<node_id> id_member(const json& from, const char* name) {
  const auto text = text_member(from, name);
  return text ? node_id::parse(*text) : std::nullopt;
}

} // namespace

result<saved_nodes> saved_nodes::parse(std::string_view text) {
  const auto parsed = parse_ordered_json(text);
  if (!parsed || !parsed->is_object() || number_member(*parsed, "version") != file_version)
    return wire_errc::bad_text;
  const auto nodes = parsed->find("nodes");
  if (nodes == parsed->end() || !nodes->is_array())
    return wire_errc::bad_text;
  saved_nodes out;
  out.own_id = id_member(*parsed, "node_id");
  for (const auto& one : *nodes) {
    const auto id = id_member(one, "id");
    const auto at = endpoint_member(one);
    if (!id || !at)
      continue;
    const auto rtt = number_member(one, "rtt");
    out.nodes.push_back({{*id, *at}, rtt <= rtt_ms_max ? milliseconds{rtt} : milliseconds{0}});
    if (out.nodes.size() == nodes_max)
      break;
  }
  return out;
}

std::string saved_nodes::to_text() const {
  json out;
  out["version"] = file_version;
  if (own_id)
    out["node_id"] = own_id->to_string();
  auto list = json::array();
  for (const auto& x : nodes) {
    json one;
    one["id"] = x.contact.id.to_string();
    one["ip"] = x.contact.at.address.to_string();
    one["port"] = x.contact.at.port;
    if (const auto ms = std::chrono::duration_cast<milliseconds>(x.rtt).count(); ms > 0)
      one["rtt"] = ms;
    list.push_back(std::move(one));
  }
  out["nodes"] = std::move(list);
  return out.dump(2);
}

} // namespace librats::protocols
