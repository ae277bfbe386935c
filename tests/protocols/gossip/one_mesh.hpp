// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/gossip/topic_mesh.hpp"
#include "tests/protocols/support/vectors.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace librats {

inline std::ostream& operator<<(std::ostream& out, const peer_id& id) {
  return out << id.short_string();
}

inline std::ostream& operator<<(std::ostream& out, const std::multiset<peer_id>& ids) {
  for (const auto& id : ids)
    out << id << ' ';
  return out;
}

} // namespace librats

namespace librats::test {

inline peer_id peer(std::uint8_t n) {
  return peer_id{filled(n)};
}
inline peer_id self_id() {
  return peer(0xEE);
}
inline peer_id author_id() {
  return peer(0xAA);
}

/// A PUBLISH of the topic "t" by somebody whom nobody is connected to.
inline bytes publication(std::uint64_t seqno, std::string_view text = "x") {
  return *protocols::encode_publish({author_id(), seqno}, "t", as_bytes(text));
}

/// One topic of one node, its clock, and everything that it says.
struct one_mesh {
  explicit one_mesh(const protocols::mesh_config& cfg = {}) { rebuild(cfg); }

  void rebuild(const protocols::mesh_config& cfg) { place.emplace(cfg, now, "t", self_id(), key); }
  void subscribers(std::uint8_t first, std::uint8_t last, double score = 0) {
    for (int n = first; n <= last; ++n)
      mesh().add_subscriber(now, peer(static_cast<std::uint8_t>(n)), score, false);
  }
  /// Peers 1 to `count` are there; what is said about it is forgotten.
  void join_with(std::uint8_t count) {
    subscribers(1, count);
    mesh().subscribe(now);
    drain();
    drain_events();
    mesh().take_notes();
  }
  void from(std::uint8_t n, bytes payload) { mesh().handle_message(now, peer(n), byte_slice{std::move(payload)}); }
  /// A second passes, heartbeat included.
  void beat() {
    now += std::chrono::seconds{1};
    mesh().handle_timeout(now);
  }
  std::vector<protocols::topic_mesh::transmit> drain() {
    std::vector<protocols::topic_mesh::transmit> out;
    while (auto x = mesh().poll_transmit())
      out.push_back(std::move(*x));
    return out;
  }
  /// Who is sent messages of that kind; others are dropped.
  std::multiset<peer_id> sent_to(protocols::gossip_op op) {
    std::multiset<peer_id> out;
    for (const auto& x : drain())
      if (x.payload.data()[0] == static_cast<std::uint8_t>(op))
        out.insert(x.to);
    return out;
  }
  /// Who is pruned so that others may be named to it.
  std::multiset<peer_id> farewells() {
    std::multiset<peer_id> out;
    while (const auto x = mesh().poll_farewell())
      out.insert(x->to);
    return out;
  }
  /// The back-offs of what is sent as PRUNE; others are dropped.
  std::vector<std::optional<std::chrono::seconds>> backoffs() {
    std::vector<std::optional<std::chrono::seconds>> out;
    for (const auto& x : drain())
      if (const auto m = protocols::decode_gossip(x.payload.view()); m)
        if (const auto* prune = std::get_if<protocols::gossip_prune>(&*m))
          out.push_back(prune->backoff);
    return out;
  }
  std::vector<protocols::gossip_event> drain_events() {
    std::vector<protocols::gossip_event> out;
    while (auto x = mesh().poll_event())
      out.push_back(std::move(*x));
    return out;
  }
  /// The events of that kind; others are dropped.
  template <class T>
  std::vector<T> events() {
    std::vector<T> out;
    for (const auto& x : drain_events())
      if (const auto* one = std::get_if<T>(&x))
        out.push_back(*one);
    return out;
  }
  double count_notes(std::uint8_t n, protocols::peer_conduct what) {
    double out = 0;
    for (const auto& x : mesh().take_notes())
      if (x.peer == peer(n) && x.what == what)
        out += x.count;
    return out;
  }
  bool in_mesh(std::uint8_t n) {
    const auto all = mesh().mesh();
    return std::find(all.begin(), all.end(), peer(n)) != all.end();
  }
  /// Offers ids of the author, with these numbers.
  bytes ihave(std::uint64_t first, std::uint64_t last) {
    std::vector<protocols::message_id> ids;
    for (auto n = first; n <= last; ++n)
      ids.push_back({author_id(), n});
    return protocols::encode_ihave("t", ids);
  }
  /// How many ids each IWANT asks for, and whom; others are dropped.
  std::vector<std::pair<peer_id, std::size_t>> iwants() {
    std::vector<std::pair<peer_id, std::size_t>> out;
    for (const auto& x : drain())
      if (const auto m = protocols::decode_gossip(x.payload.view()); m)
        if (const auto* iwant = std::get_if<protocols::gossip_iwant>(&*m))
          out.emplace_back(x.to, iwant->ids.size());
    return out;
  }

  protocols::topic_mesh& mesh() { return *place; }

  time_point now{std::chrono::hours{1}};
  secret_random::key_type key{1, 2, 3};
  std::optional<protocols::topic_mesh> place;
};

} // namespace librats::test
