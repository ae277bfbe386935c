// SPDX-License-Identifier: MIT
#include "protocols/dht/krpc.hpp"

#include "protocols/bencode/document.hpp"

#include <algorithm>
#include <limits>

namespace librats::protocols::krpc {

namespace {

using bencode::value;

/// What an argument must be, and what is wrong with it else.
struct flaw {
  error_code code = error_code::protocol;
  const char* reason = "";
};
using decoded_query = std::variant<query, flaw>;

std::optional<node_id> find_id(const value& in, std::string_view key) noexcept {
  const auto raw = in.find_string(key);
  return raw ? node_id::from_bytes(*raw) : std::nullopt;
}

template <class Array>
std::optional<Array> find_array(const value& in, std::string_view key) noexcept {
  Array out;
  const auto raw = in.find_string(key);
  if (!raw || raw->size() != out.size())
    return std::nullopt;
  std::copy(raw->begin(), raw->end(), out.begin());
  return out;
}

/// A string of at most `size_max` bytes; empty when there is none.
bytes find_short(const value& in, std::string_view key, std::size_t size_max) {
  const auto raw = in.find_string(key);
  return raw && raw->size() <= size_max ? to_bytes(*raw) : bytes{};
}

wanted find_want(const value& in) noexcept {
  wanted out;
  if (const auto list = in.find_list("want"))
    for (const auto item : *list) {
      const auto text = item.string();
      out.n4 = out.n4 || (text && as_text(*text) == "n4");
      out.n6 = out.n6 || (text && as_text(*text) == "n6");
    }
  return out;
}

/// find_node, get_peers, get and sample_infohashes begin alike.
template <class Query>
decoded_query with_target(const value& in, std::string_view key) {
  const auto target = find_id(in, key);
  if (!target)
    return flaw{error_code::protocol, "The target must have 20 bytes"};
  Query out;
  out.target = *target;
  out.want = find_want(in);
  return out;
}

decoded_query decode_get(const value& in) {
  auto out = with_target<get>(in, "target");
  if (auto* found = std::get_if<query>(&out))
    std::get<get>(*found).seq = in.find_integer("seq");
  return out;
}

decoded_query decode_announce(const value& in) {
  announce_peer out;
  const auto target = find_id(in, "info_hash");
  if (!target)
    return flaw{error_code::protocol, "The info_hash must have 20 bytes"};
  out.target = *target;
  out.token = find_short(in, "token", token_size_max);
  if (out.token.empty())
    return flaw{error_code::protocol, "The token is missing"};
  out.implied_port = in.find_integer("implied_port").value_or(0) != 0;
  const auto port = in.find_integer("port").value_or(0);
  if (port > 0 && port <= std::numeric_limits<std::uint16_t>::max())
    out.port = static_cast<std::uint16_t>(port);
  if (out.port == 0 && !out.implied_port)
    return flaw{error_code::protocol, "The port must be between 1 and 65535"};
  return out;
}

decoded_query decode_put(const value& in) {
  put out;
  out.token = find_short(in, "token", token_size_max);
  if (out.token.empty())
    return flaw{error_code::protocol, "The token is missing"};
  const auto v = in.find("v");
  if (!v)
    return flaw{error_code::protocol, "The value is missing"};
  if (v->raw().size() > item_value_size_max)
    return flaw{error_code::value_too_big, to_string(item_errc::value_too_big)};
  out.item.value = to_bytes(v->raw());
  if (!in.find("k") && !in.find("sig"))
    return out;
  const auto key = find_array<item_public_key>(in, "k");
  const auto signature = find_array<item_signature>(in, "sig");
  const auto seq = in.find_integer("seq");
  if (!key || !signature || !seq)
    return flaw{error_code::protocol, "A mutable item needs k, seq and sig"};
  if (*seq < 0)
    return flaw{error_code::protocol, to_string(item_errc::malformed)};
  const auto salt = in.find_string("salt").value_or(bytes_view{});
  if (salt.size() > item_salt_size_max)
    return flaw{error_code::salt_too_big, to_string(item_errc::salt_too_big)};
  out.item.proof = item_proof{*key, to_bytes(salt), *seq, *signature};
  out.cas = in.find_integer("cas");
  return out;
}

decoded_query decode_arguments(std::string_view method, const value& in) {
  if (method == "ping")
    return ping{};
  if (method == "find_node")
    return with_target<find_node>(in, "target");
  if (method == "get_peers")
    return with_target<get_peers>(in, "info_hash");
  if (method == "announce_peer")
    return decode_announce(in);
  if (method == "get")
    return decode_get(in);
  if (method == "put")
    return decode_put(in);
  return with_target<sample_infohashes>(in, "target");
}

bool is_known(std::string_view method) noexcept {
  static constexpr std::string_view known[] = {
    "ping", "find_node", "get_peers", "announce_peer", "get", "put", "sample_infohashes"};
  return std::find(std::begin(known), std::end(known), method) != std::end(known);
}

std::variant<request, flaw> decode_request(const value& root) {
  const auto method = root.find_string("q");
  if (!method)
    return flaw{error_code::protocol, "The method is missing"};
  if (!is_known(as_text(*method)))
    return flaw{error_code::unknown_method, "Method unknown"};
  const auto arguments = root.find_dictionary("a");
  const auto sender = arguments ? find_id(*arguments, "id") : std::nullopt;
  if (!sender)
    return flaw{error_code::protocol, "The id must have 20 bytes"};
  auto what = decode_arguments(as_text(*method), *arguments);
  if (const auto* wrong = std::get_if<flaw>(&what))
    return *wrong;
  return request{*sender, std::move(*std::get_if<query>(&what)), root.find_integer("ro").value_or(0) != 0};
}

std::optional<sample_report> find_samples(const value& in) {
  const auto raw = in.find_string("samples");
  if (!raw || raw->size() % node_id::size != 0)
    return std::nullopt;
  sample_report out;
  for (auto rest = *raw; !rest.empty(); rest = rest.subspan(node_id::size))
    out.samples.push_back(*node_id::from_bytes(rest.first(node_id::size)));
  out.stored = std::max<std::int64_t>(in.find_integer("num").value_or(0), 0);
  const auto interval = in.find_integer("interval").value_or(sample_interval_default);
  out.interval = std::chrono::seconds{std::clamp<std::int64_t>(interval, 0, sample_interval_max)};
  return out;
}

std::optional<response> decode_response(const value& root) {
  const auto in = root.find_dictionary("r");
  const auto sender = in ? find_id(*in, "id") : std::nullopt;
  if (!sender)
    return std::nullopt;
  response out;
  out.sender = *sender;
  out.nodes = read_compact_nodes(in->find_string("nodes").value_or(bytes_view{}), address_family::v4);
  out.nodes6 = read_compact_nodes(in->find_string("nodes6").value_or(bytes_view{}), address_family::v6);
  if (const auto values = in->find_list("values"))
    for (const auto item : *values)
      if (const auto raw = item.string())
        read_compact_peers(*raw, out.values);
  out.token = find_short(*in, "token", token_size_max);
  if (const auto ip = root.find_string("ip"))
    out.requester = read_compact_endpoint(*ip);
  if (const auto v = in->find("v"); v && v->raw().size() <= item_value_size_max)
    out.value = to_bytes(v->raw());
  out.key = find_array<item_public_key>(*in, "k");
  out.signature = find_array<item_signature>(*in, "sig");
  out.seq = in->find_integer("seq");
  out.samples = find_samples(*in);
  return out;
}

/// Takes any error: whatever it says, the query failed.
error decode_error(const value& root) {
  error out{static_cast<std::int64_t>(error_code::generic), {}};
  const auto list = root.find_list("e");
  if (!list)
    return out;
  auto it = list->begin();
  if (it != list->end()) {
    out.code = (*it).integer().value_or(out.code);
    ++it;
  }
  if (it != list->end())
    if (const auto text = (*it).string())
      out.text = as_text(*text);
  return out;
}

} // namespace

decoded decode(bytes_view datagram) {
  bencode::limits limit;
  limit.size_max = datagram_size_max;
  const auto document = bencode::document::parse(datagram, limit);
  if (!document)
    return not_krpc{};
  const auto root = document->root();
  const auto transaction = root.find_string("t");
  const auto kind = root.find_string("y");
  if (!transaction || transaction->size() > transaction_size_max || !kind)
    return not_krpc{};
  message out;
  out.transaction = to_bytes(*transaction);
  out.version = find_short(root, "v", version_size_max);
  if (as_text(*kind) == "q") {
    auto found = decode_request(root);
    if (const auto* wrong = std::get_if<flaw>(&found))
      return refused_query{std::move(out.transaction), wrong->code, wrong->reason};
    out.body = std::move(*std::get_if<request>(&found));
  } else if (as_text(*kind) == "r") {
    auto found = decode_response(root);
    if (!found)
      return not_krpc{};
    out.body = std::move(*found);
  } else if (as_text(*kind) == "e") {
    out.body = decode_error(root);
  } else {
    return not_krpc{};
  }
  return out;
}

} // namespace librats::protocols::krpc
