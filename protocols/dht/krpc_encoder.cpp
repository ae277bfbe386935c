// SPDX-License-Identifier: MIT
#include "protocols/dht/krpc.hpp"

#include "protocols/bencode/writer.hpp"

#include <algorithm>
#include <cassert>

namespace librats::protocols::krpc {

namespace {

using bencode::writer;

void write_want(writer& out, const wanted& x) {
  if (x.none())
    return;
  out.key("want").open_list();
  if (x.n4)
    out.string("n4");
  if (x.n6)
    out.string("n6");
  out.close();
}

/// Writes the arguments of a query, its own id among them where the order of keys wants it.
struct argument_writer {
  writer& out;
  const node_id& sender;

  void write_id() const { out.member("id", sender.view()); }

  void operator()(const ping&) const { write_id(); }
  void operator()(const find_node& x) const { write_target(x); }
  void operator()(const sample_infohashes& x) const { write_target(x); }
  void operator()(const get_peers& x) const {
    write_id();
    out.member("info_hash", x.target.view());
    write_want(out, x.want);
  }
  void operator()(const announce_peer& x) const {
    write_id();
    if (x.implied_port)
      out.member("implied_port", std::int64_t{1});
    out.member("info_hash", x.target.view());
    out.member("port", std::int64_t{x.port});
    out.member("token", bytes_view{x.token});
  }
  void operator()(const get& x) const {
    write_id();
    if (x.seq)
      out.member("seq", *x.seq);
    out.member("target", x.target.view());
    write_want(out, x.want);
  }
  void operator()(const put& x) const {
    const auto& proof = x.item.proof;
    if (proof && x.cas)
      out.member("cas", *x.cas);
    write_id();
    if (proof) {
      out.member("k", bytes_view{proof->key});
      if (!proof->salt.empty())
        out.member("salt", bytes_view{proof->salt});
      out.member("seq", proof->seq);
      out.member("sig", bytes_view{proof->signature});
    }
    out.member("token", bytes_view{x.token});
    out.key("v").raw(x.item.value);
  }

private:
  template <class Query>
  void write_target(const Query& x) const {
    write_id();
    out.member("target", x.target.view());
    write_want(out, x.want);
  }
};

/// How much of each list of a response is written.
struct portions {
  std::size_t samples = 0;
  std::size_t values = 0;
  std::size_t nodes6 = 0;
  std::size_t nodes = 0;
};

void write_nodes(writer& out, std::string_view key, const std::vector<node_contact>& x, std::size_t count) {
  if (count == 0)
    return;
  bytes raw;
  raw.reserve(count * compact_node_size_v6);
  for (std::size_t i = 0; i < count; ++i)
    append_compact(raw, x[i]);
  out.member(key, bytes_view{raw});
}

void write_values(writer& out, const std::vector<endpoint>& x, std::size_t count) {
  if (count == 0)
    return;
  bytes raw;
  out.key("values").open_list();
  for (std::size_t i = 0; i < count; ++i) {
    raw.clear();
    append_compact(raw, x[i]);
    out.string(raw);
  }
  out.close();
}

void write_response(writer& out, const response& x, const portions& take) {
  if (x.requester) {
    bytes raw;
    append_compact(raw, *x.requester);
    out.member("ip", bytes_view{raw});
  }
  out.key("r").open_dictionary().member("id", x.sender.view());
  if (x.samples)
    out.member("interval", std::int64_t{x.samples->interval.count()});
  if (x.key)
    out.member("k", bytes_view{*x.key});
  write_nodes(out, "nodes", x.nodes, take.nodes);
  write_nodes(out, "nodes6", x.nodes6, take.nodes6);
  if (x.samples) {
    bytes raw;
    for (std::size_t i = 0; i < take.samples; ++i)
      raw.insert(raw.end(), x.samples->samples[i].raw.begin(), x.samples->samples[i].raw.end());
    out.member("num", x.samples->stored).member("samples", bytes_view{raw}); // There even if empty (BEP 51).
  }
  if (x.seq)
    out.member("seq", *x.seq);
  if (x.signature)
    out.member("sig", bytes_view{*x.signature});
  if (!x.token.empty())
    out.member("token", bytes_view{x.token});
  if (!x.value.empty())
    out.key("v").raw(x.value);
  write_values(out, x.values, take.values);
  out.close();
}

void write_end(writer& out, const message& x, std::string_view kind) {
  out.member("t", bytes_view{x.transaction});
  if (!x.version.empty())
    out.member("v", bytes_view{x.version});
  out.member("y", kind).close();
}

bytes encode_response(const message& m, const response& x, const portions& take) {
  bytes raw;
  raw.reserve(reply_size_max);
  writer out{raw};
  out.open_dictionary();
  write_response(out, x, take);
  write_end(out, m, "r");
  return raw;
}

/// Lessens `count` by as many items of `item_size` bytes as `excess` needs, but not below `least`.
void give_up(std::size_t& count, std::size_t least, std::size_t item_size, std::size_t& excess) noexcept {
  const auto spare = count > least ? count - least : 0;
  const auto given = std::min(spare, (excess + item_size - 1) / item_size);
  count -= given;
  excess -= std::min(excess, given * item_size);
}

bytes encode_response(const message& m, const response& x) {
  portions take;
  take.samples = x.samples ? std::min(x.samples->samples.size(), samples_max) : 0;
  take.values = std::min(x.values.size(), values_max);
  take.nodes6 = x.nodes6.size();
  take.nodes = x.nodes.size();
  auto out = encode_response(m, x, take);
  if (out.size() <= reply_size_max)
    return out;
  auto excess = out.size() - reply_size_max;
  const bool large_values = !x.values.empty() && x.values.back().address.is_v6();
  const auto value_size = large_values ? compact_endpoint_size_v6 + 3 : compact_endpoint_size_v4 + 2; // "18:", "6:"
  give_up(take.samples, 0, node_id::size, excess);
  give_up(take.values, 1, value_size, excess);
  give_up(take.nodes6, 0, compact_node_size_v6, excess);
  give_up(take.nodes, 0, compact_node_size_v4, excess);
  return encode_response(m, x, take);
}

bytes encode_request(const message& m, const request& x) {
  bytes raw;
  writer out{raw};
  out.open_dictionary();
  out.key("a").open_dictionary();
  std::visit(argument_writer{out, x.sender}, x.what);
  out.close().member("q", std::string_view{name_of(x.what)});
  if (x.read_only)
    out.member("ro", std::int64_t{1});
  write_end(out, m, "q");
  return raw;
}

bytes encode_error(const message& m, const error& x) {
  bytes raw;
  writer out{raw};
  out.open_dictionary();
  out.key("e").open_list().integer(x.code).string(x.text).close();
  write_end(out, m, "e");
  return raw;
}

} // namespace

const char* name_of(const query& x) noexcept {
  static constexpr const char* names[] = {
    "ping", "find_node", "get_peers", "announce_peer", "get", "put", "sample_infohashes"};
  static_assert(std::variant_size_v<query> == std::size(names));
  return names[x.index()];
}

bytes encode(const message& x) {
  if (const auto* asked = std::get_if<request>(&x.body))
    return encode_request(x, *asked);
  if (const auto* answered = std::get_if<response>(&x.body))
    return encode_response(x, *answered);
  return encode_error(x, std::get<error>(x.body));
}

std::optional<dht_item> item_of(const response& x, bytes_view salt) {
  if (x.value.empty())
    return std::nullopt;
  if (!x.key && !x.signature)
    return dht_item{x.value, std::nullopt};
  if (!x.key || !x.signature || !x.seq)
    return std::nullopt;
  return dht_item{x.value, item_proof{*x.key, to_bytes(salt), *x.seq, *x.signature}};
}

} // namespace librats::protocols::krpc
