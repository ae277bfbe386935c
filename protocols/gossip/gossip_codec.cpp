// SPDX-License-Identifier: MIT
#include "protocols/gossip/gossip_codec.hpp"

#include "protocols/core/address_element.hpp"
#include "protocols/core/byte_reader.hpp"
#include "protocols/core/byte_writer.hpp"

#include <algorithm>
#include <cassert>

namespace librats::protocols {

namespace {

/// Announces the back-off of a PRUNE; another value is something that we do not know.
constexpr std::uint8_t backoff_tag = 1;
/// Announces the peers behind it.
constexpr std::uint8_t peers_tag = 2;

constexpr std::size_t peer_size_max = address_element_size_v6 + peer_id::size;

message_id read_id(byte_reader& in) noexcept {
  message_id out;
  if (const auto origin = peer_id::from_bytes(in.take(peer_id::size)))
    out.origin = *origin;
  out.seqno = in.u64();
  return out;
}

void write_id(byte_writer& out, const message_id& id) {
  out.raw(id.origin.view()).u64(id.seqno);
}

std::string_view read_topic(byte_reader& in) noexcept {
  const auto size = in.u16();
  return as_text(in.take(size));
}

id_list_view read_ids(byte_reader& in) noexcept {
  const auto count = in.u16();
  return id_list_view{in.take(count * message_id::size)};
}

void write_topic(byte_writer& out, std::string_view topic) {
  assert(topic.size() <= gossip_topic_max);
  out.u16(static_cast<std::uint16_t>(topic.size())).raw(topic);
}

void write_ids(byte_writer& out, const std::vector<message_id>& ids) {
  const auto count = std::min(ids.size(), gossip_ids_max);
  out.u16(static_cast<std::uint16_t>(count));
  for (std::size_t i = 0; i < count; ++i)
    write_id(out, ids[i]);
}

std::optional<std::chrono::seconds> read_backoff(byte_reader& in) noexcept {
  if (in.remaining() < 3 || in.u8() != backoff_tag)
    return std::nullopt;
  return std::chrono::seconds{in.u16()};
}

std::optional<pex_entry> read_peer(byte_reader& in) noexcept {
  const auto address = read_address_element(in);
  const auto id = address ? peer_id::from_bytes(in.take(peer_id::size)) : std::nullopt;
  if (!id)
    return std::nullopt;
  return pex_entry{*address, *id};
}

/// All or nothing: no node writes a list that breaks off.
peer_list_view read_peers(byte_reader& in) noexcept {
  if (in.remaining() < 2 || in.u8() != peers_tag)
    return {};
  const std::size_t count = in.u8();
  if (count > gossip_prune_peers_max)
    return {};
  const auto raw = in.rest();
  byte_reader entries{raw};
  for (std::size_t i = 0; i < count; ++i)
    if (!read_peer(entries))
      return {};
  return {raw.first(raw.size() - entries.remaining()), count};
}

} // namespace

std::vector<pex_entry> peer_list_view::entries() const {
  byte_reader in{raw_};
  std::vector<pex_entry> out;
  out.reserve(count_);
  for (std::size_t i = 0; i < count_; ++i)
    if (const auto one = read_peer(in))
      out.push_back(*one);
  return out;
}

message_id id_list_view::operator[](std::size_t at) const noexcept {
  byte_reader in{raw_.subspan(at * message_id::size, message_id::size)};
  return read_id(in);
}

result<gossip_message> decode_gossip(bytes_view in) noexcept {
  byte_reader r{in};
  const auto op = r.u8();
  if (!r.ok())
    return wire_errc::truncated;
  if (op > static_cast<std::uint8_t>(gossip_op::iwant))
    return wire_errc::unknown_kind;
  const auto kind = static_cast<gossip_op>(op);
  if (kind == gossip_op::publish) {
    const auto id = read_id(r);
    const auto topic = read_topic(r);
    if (!r.ok())
      return wire_errc::truncated;
    return gossip_message{gossip_publish{id, topic, r.rest()}};
  }
  if (kind == gossip_op::iwant) {
    const auto ids = read_ids(r);
    if (!r.ok())
      return wire_errc::truncated;
    return gossip_message{gossip_iwant{ids}};
  }
  const auto topic = read_topic(r);
  const auto ids = kind == gossip_op::ihave ? read_ids(r) : id_list_view{};
  if (!r.ok())
    return wire_errc::truncated;
  if (topic.empty())
    return wire_errc::bad_text;
  switch (kind) {
  case gossip_op::subscribe: return gossip_message{gossip_subscribe{topic}};
  case gossip_op::unsubscribe: return gossip_message{gossip_unsubscribe{topic}};
  case gossip_op::graft: return gossip_message{gossip_graft{topic}};
  case gossip_op::prune: {
    const auto backoff = read_backoff(r);
    return gossip_message{gossip_prune{topic, backoff, backoff ? read_peers(r) : peer_list_view{}}};
  }
  default: return gossip_message{gossip_ihave{topic, ids}};
  }
}

result<bytes> encode_publish(const message_id& id, std::string_view topic, bytes_view data) {
  const auto size = gossip_publish_overhead + topic.size() + data.size();
  if (topic.size() > gossip_topic_max || size > gossip_publish_max)
    return wire_errc::too_large;
  byte_writer out{size};
  out.u8(static_cast<std::uint8_t>(gossip_op::publish));
  write_id(out, id);
  write_topic(out, topic);
  return out.raw(data).take();
}

bytes encode_topic_op(gossip_op op, std::string_view topic) {
  byte_writer out{1 + 2 + topic.size()};
  out.u8(static_cast<std::uint8_t>(op));
  write_topic(out, topic);
  return out.take();
}

bytes encode_prune(std::string_view topic, std::chrono::seconds backoff, const std::vector<pex_entry>& peers) {
  const auto seconds = std::clamp<std::chrono::seconds::rep>(backoff.count(), 0, 65535);
  std::vector<const pex_entry*> chosen;
  for (const auto& one : peers)
    if (is_dialable(one.address) && chosen.size() < gossip_prune_peers_max)
      chosen.push_back(&one);
  byte_writer out{1 + 2 + topic.size() + 1 + 2 + (chosen.empty() ? 0 : 2 + chosen.size() * peer_size_max)};
  out.u8(static_cast<std::uint8_t>(gossip_op::prune));
  write_topic(out, topic);
  out.u8(backoff_tag).u16(static_cast<std::uint16_t>(seconds));
  if (!chosen.empty())
    out.u8(peers_tag).u8(static_cast<std::uint8_t>(chosen.size()));
  for (const auto* one : chosen) {
    write_address_element(out, one->address);
    out.raw(one->id.view());
  }
  return out.take();
}

bytes encode_ihave(std::string_view topic, const std::vector<message_id>& ids) {
  byte_writer out{1 + 2 + topic.size() + 2 + std::min(ids.size(), gossip_ids_max) * message_id::size};
  out.u8(static_cast<std::uint8_t>(gossip_op::ihave));
  write_topic(out, topic);
  write_ids(out, ids);
  return out.take();
}

bytes encode_iwant(const std::vector<message_id>& ids) {
  byte_writer out{1 + 2 + std::min(ids.size(), gossip_ids_max) * message_id::size};
  out.u8(static_cast<std::uint8_t>(gossip_op::iwant));
  write_ids(out, ids);
  return out.take();
}

} // namespace librats::protocols
