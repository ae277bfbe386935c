// SPDX-License-Identifier: MIT
#include "protocols/gossip/signed_publication.hpp"

#include "protocols/core/byte_reader.hpp"
#include "protocols/core/byte_writer.hpp"

#include <algorithm>
#include <array>
#include <cassert>

namespace librats::protocols {

namespace {

constexpr std::array<std::uint8_t, 8> envelope_tag{0xF5, 'R', 'A', 'T', 'S', 'I', 'G', 1};
constexpr std::string_view domain = "librats gossip publication 1";

bytes signed_text(const message_id& id, std::string_view topic, std::uint64_t written_at_ms, bytes_view data) {
  byte_writer out{domain.size() + message_id::size + 8 + 2 + topic.size() + data.size()};
  out.raw(domain).raw(id.origin.view()).u64(id.seqno).u64(written_at_ms);
  return out.u16(static_cast<std::uint16_t>(topic.size())).raw(topic).raw(data).take();
}

} // namespace

bytes sign_publication(const key_pair& key, const message_id& id, std::string_view topic, bytes_view data,
  std::uint64_t unix_ms, const xeddsa_noise& noise) {
  assert(id.origin == key.id());
  const auto signature = xeddsa_sign(key, signed_text(id, topic, unix_ms, data), noise);
  byte_writer out{signed_envelope_size + data.size()};
  return out.raw(envelope_tag).raw(key.public_key).u64(unix_ms).raw(signature).raw(data).take();
}

bool looks_signed(bytes_view data) noexcept {
  return data.size() >= envelope_tag.size() && equal(data.first(envelope_tag.size()), envelope_tag);
}

result<signed_publication> open_publication(const message_id& id, std::string_view topic, bytes_view data) {
  if (!looks_signed(data))
    return wire_errc::unknown_kind;
  byte_reader r{data.subspan(envelope_tag.size())};
  const auto key = r.take(key_pair::key_size);
  const auto written_at_ms = r.u64();
  const auto proof = r.take(std::tuple_size_v<xeddsa_signature>);
  const auto content = r.rest();
  if (!r.ok())
    return wire_errc::truncated;
  if (peer_id_of(key) != id.origin)
    return wire_errc::bad_key;
  xeddsa_signature signature;
  std::copy(proof.begin(), proof.end(), signature.begin());
  if (!xeddsa_verify(key, signed_text(id, topic, written_at_ms, content), signature))
    return wire_errc::not_authentic;
  return signed_publication{written_at_ms, content};
}

replay_guard::judgement replay_guard::check(
  std::uint64_t unix_ms, std::uint64_t written_at_ms, const message_id& id) const {
  if (written_at_ms > unix_ms && written_at_ms - unix_ms > cfg_.ahead_max_ms)
    return judgement::too_new;
  if (known_.count({written_at_ms, id}) != 0)
    return judgement::replayed;
  if (written_at_ms <= floor_ms_ || (written_at_ms < unix_ms && unix_ms - written_at_ms > cfg_.age_max_ms))
    return judgement::stale;
  return judgement::fresh;
}

void replay_guard::remember(std::uint64_t unix_ms, std::uint64_t written_at_ms, const message_id& id) {
  known_.emplace(written_at_ms, id);
  // Our clock may be set back later, so what is forgotten raises the floor for every reason.
  while (!known_.empty()
    && (known_.size() > cfg_.remembered_max
      || (known_.begin()->first < unix_ms && unix_ms - known_.begin()->first > cfg_.age_max_ms)))
    forget_first();
}

void replay_guard::forget_first() {
  floor_ms_ = std::max(floor_ms_, known_.begin()->first);
  known_.erase(known_.begin());
}

} // namespace librats::protocols
