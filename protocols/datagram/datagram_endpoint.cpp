// SPDX-License-Identifier: MIT
#include "protocols/datagram/datagram_endpoint.hpp"

namespace librats::protocols {

namespace {

/// Resets, Retries and refusals together. None of it is larger than what it answers, so it amplifies no flood. In the
/// long run as often as upstream, 64 times in 20 ms (wire/07 section 5), but a crowd that comes at once is not sent
/// away to come again half a second later, all at once.
constexpr token_rate replies{/*rate=*/3'200, /*burst=*/1'024};

/// The largest base that a dialer may draw: its Syn travels under the next number.
constexpr std::uint32_t base_max = 0xfffffffe;

packet_view stateless(packet_type type, std::uint32_t conn_id) noexcept {
  packet_view out;
  out.type = type;
  out.conn_id = conn_id;
  return out;
}

} // namespace

std::size_t datagram_endpoint::hash_key::operator()(const key& x) const noexcept {
  const auto address = hash_address(x.remote.address, seed);
  return static_cast<std::size_t>(mix_bits(address ^ (std::uint64_t{x.receive_id} << 16 | x.remote.port)));
}

std::size_t datagram_endpoint::hash_key::operator()(std::uint32_t id) const noexcept {
  return static_cast<std::size_t>(mix_bits(seed ^ id));
}

datagram_endpoint::datagram_endpoint(
  const datagram_endpoint_options& options, const cookie_secret& secret, std::uint64_t seed, time_point now)
  : options_(options), cookies_(secret, now), streams_(0, hash_key{mix_bits(seed)}),
    ids_(0, hash_key{mix_bits(seed + 1)}),
    accepts_per_source_(options.accepts_per_source, mix_bits(seed + 2), options.sources),
    proven_per_source_(options.proven_per_source, mix_bits(seed + 3), options.sources) {}

// -- the table --------------------------------------------------------------------------------------------------------

std::optional<connection_ids> datagram_endpoint::ids_for(std::uint32_t drawn) const {
  if (drawn == 0 || drawn > base_max || ids_.count(drawn) != 0 || ids_.count(drawn + 1) != 0)
    return std::nullopt;
  return connection_ids{drawn, drawn + 1};
}

bool datagram_endpoint::add(const connection_ids& ids, const endpoint& remote, role side, void* owner) {
  if (!streams_.emplace(key{ids.receive_id, remote}, entry{owner, side}).second)
    return false;
  ++ids_[ids.receive_id];
  return true;
}

void datagram_endpoint::remove(const connection_ids& ids, const endpoint& remote) noexcept {
  if (streams_.erase(key{ids.receive_id, remote}) == 0)
    return;
  if (const auto x = ids_.find(ids.receive_id); x != ids_.end() && --x->second == 0)
    ids_.erase(x);
}

const datagram_endpoint::entry* datagram_endpoint::find(std::uint32_t receive_id, const endpoint& from) const {
  const auto x = streams_.find(key{receive_id, from});
  return x == streams_.end() ? nullptr : &x->second;
}

const datagram_endpoint::entry* datagram_endpoint::find_by_send_id(
  std::uint32_t send_id, const endpoint& from) const {
  // A dialer sends under its own id plus one, an acceptor under its own less one.
  if (const auto* x = find(send_id - 1, from); x && x->side == role::initiator)
    return x;
  if (const auto* x = find(send_id + 1, from); x && x->side == role::responder)
    return x;
  return nullptr;
}

// -- judgement --------------------------------------------------------------------------------------------------------

datagram_endpoint::arrival datagram_endpoint::classify(
  mutable_bytes_view datagram, const endpoint& from, time_point now) {
  arrival out;
  const auto packet = datagram.size() <= datagram_max ? decode_packet(datagram) : std::nullopt;
  if (!packet) {
    out.what = verdict::foreign;
    return out;
  }
  out.packet = *packet;
  const auto id = packet->conn_id;
  const auto* known = find(id, from);
  // The Reset of a node that lost the stream repeats the id under which we sent.
  if (!known && packet->type == packet_type::reset)
    known = find_by_send_id(id, from);
  if (known) {
    out.what = verdict::stream;
    out.owner = known->owner;
    return out;
  }
  switch (packet->type) {
    case packet_type::reset: return out; // Or two nodes without state would answer each other forever.
    case packet_type::syn: return judge_syn(out, from, now);
    default: break;
  }
  // A stream is pinned to the address of its first packet: its id from elsewhere is nobody's business.
  if (ids_.count(id) != 0)
    return out;
  return reply(out, packet_type::reset, id, {}, now);
}

datagram_endpoint::arrival datagram_endpoint::judge_syn(arrival out, const endpoint& from, time_point now) {
  const auto id = out.packet.conn_id;
  // Below 2 no dialer can have drawn it, and every dialer's Syn has number 1.
  if (id < 2 || out.packet.seq != 1)
    return out;
  if (streams_.size() >= options_.streams_max)
    return reply(out, packet_type::reset, id - 1, {}, now);
  // Programs on this machine share one address, which nobody outside can forge: for them only the total counts.
  const bool neighbour = from.address.is_loopback();
  if (cookies_.valid(out.packet.payload, from, id)) {
    if (!neighbour && !proven_per_source_.take(from.address, now)) {
      ++count_.over_budget;
      return out;
    }
  } else if (streams_.size() >= options_.cookie_above
    || !(neighbour || accepts_per_source_.take(from.address, now)) || !accepts_.take(options_.accepts, now)) {
    // Whoever floods us from forged addresses gets cookies that nobody receives, and no memory.
    auto cookie = cookies_.bake(from, id);
    return reply(out, packet_type::retry, id - 1, cookie, now);
  }
  ++count_.accepted;
  out.what = verdict::accepted;
  out.ids = {id, id - 1};
  return out;
}

bool datagram_endpoint::may_reply(time_point now) noexcept {
  if (replies_.take(replies, now))
    return true;
  ++count_.replies_suppressed;
  return false;
}

datagram_endpoint::arrival datagram_endpoint::reply(
  arrival out, packet_type type, std::uint32_t conn_id, mutable_bytes_view payload, time_point now) {
  if (!may_reply(now))
    return out;
  if (type == packet_type::retry)
    ++count_.cookies_demanded;
  else if (out.packet.type == packet_type::syn)
    ++count_.refused;
  else
    ++count_.resets;
  auto x = stateless(type, conn_id);
  x.payload = payload;
  out.what = verdict::reply;
  out.reply = bytes_view{reply_}.first(encode_packet(x, reply_));
  return out;
}

std::size_t datagram_endpoint::refuse(const packet_view& syn, mutable_bytes_view out) noexcept {
  return encode_packet(stateless(packet_type::reset, syn.conn_id - 1), out);
}

} // namespace librats::protocols
