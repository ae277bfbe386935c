// SPDX-License-Identifier: MIT
#include "protocols/gossip/gossip_switch.hpp"
#include "protocols/gossip/topic_mesh.hpp"
#include "tests/fuzz/fuzz_target.hpp"

#include <algorithm>
#include <chrono>
#include <type_traits>

using namespace librats;
using namespace librats::protocols;

namespace {

std::vector<message_id> all_of(const id_list_view& x) {
  std::vector<message_id> out;
  for (std::size_t i = 0; i < x.size(); ++i)
    out.push_back(x[i]);
  return out;
}

/// What it would be written as; without what may follow a message.
bytes written(const gossip_message& x) {
  if (const auto* publication = std::get_if<gossip_publish>(&x))
    return *encode_publish(publication->id, publication->topic, publication->data);
  if (const auto* ihave = std::get_if<gossip_ihave>(&x))
    return encode_ihave(ihave->topic, all_of(ihave->ids));
  if (const auto* iwant = std::get_if<gossip_iwant>(&x))
    return encode_iwant(all_of(iwant->ids));
  if (const auto* prune = std::get_if<gossip_prune>(&x); prune && prune->backoff)
    return encode_prune(prune->topic, *prune->backoff);
  return std::visit(
    [&](const auto& m) {
      if constexpr (std::is_same_v<std::decay_t<decltype(m)>, gossip_iwant>)
        return bytes{};
      else
        return encode_topic_op(static_cast<gossip_op>(x.index()), m.topic);
    },
    x);
}

/// A node in the topic "news" with two peers, of whom the first says what it likes.
void hear(const byte_slice& payload) {
  auto now = time_point{std::chrono::hours{1}};
  peer_id self, liar, other;
  self.raw.fill(1);
  liar.raw.fill(2);
  other.raw.fill(3);
  mesh_config cfg;
  cfg.signatures = signature_policy::check;
  gossip_switch router{{}, now, 1};
  topic_mesh mesh{cfg, now, "news", self, {}};
  router.join(now, "news");
  mesh.subscribe(now);
  router.peer_connected(now, liar, false, ip_address::v4(203, 0, 113, 1));
  router.set_application_score(liar, 100); // Even so it cannot make us write what nobody can read.
  mesh.add_subscriber(now, liar, 0, false);
  mesh.add_subscriber(now, other, 0, true);
  const auto before = mesh.mesh().size();
  for (int i = 0; i < 3; ++i) {
    router.handle_message(now, liar, payload);
    while (const auto x = router.poll_input()) {
      if (const auto* message = std::get_if<topic_message_received>(&x->input))
        mesh.handle_message(now, message->from, message->payload);
      else if (const auto* iwant = std::get_if<topic_iwant_received>(&x->input))
        mesh.handle_iwant(now, iwant->from, iwant->ids);
    }
    now += std::chrono::seconds{1};
    mesh.handle_timeout(now);
  }
  std::size_t introductions = 0;
  while (const auto x = router.poll_introduction()) {
    ++introductions;
    test::require(!x->peers.empty() && x->peers.size() <= gossip_prune_peers_max && x->topic == "news");
  }
  test::require(introductions <= 2);
  test::require(mesh.mesh().size() <= before && mesh.counted().delivered <= 1);
  while (const auto x = mesh.poll_transmit())
    test::require(decode_gossip(x->payload.view()).ok());
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const bytes_view in{data, size};
  hear(byte_slice::copy_of(in));
  const auto x = decode_gossip(in);
  if (!x)
    return 0;
  const auto once = written(*x);
  test::require(once.size() <= size && std::equal(once.begin(), once.end(), data));
  if (const auto* prune = std::get_if<gossip_prune>(&*x)) {
    const auto peers = prune->peers.entries();
    test::require(peers.size() == prune->peers.size());
    const auto again = decode_gossip(encode_prune(prune->topic, std::chrono::seconds{1}, peers));
    test::require(std::get<gossip_prune>(*again).peers.size() <= peers.size());
  }
  if (const auto* publication = std::get_if<gossip_publish>(&*x)) {
    const auto opened = open_publication(publication->id, publication->topic, publication->data);
    test::require(!opened || opened->data.size() + signed_envelope_size == publication->data.size());
  }
  return 0;
}
