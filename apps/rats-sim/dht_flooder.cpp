// SPDX-License-Identifier: MIT
#include "apps/rats-sim/dht_flooder.hpp"

#include <algorithm>
#include <utility>

namespace librats::apps {

namespace krpc = protocols::krpc;

namespace {

/// What a transaction is about, its only byte.
constexpr std::uint8_t asking = 'a';
constexpr std::uint8_t announcing = 'b';

} // namespace

dht_flooder::dht_flooder(
  runtime::sim_host& host, const protocols::info_hash& key, std::vector<endpoint> doors, std::uint64_t seed)
  : key_(key), doors_(std::move(doors)), random_(seed) {
  random_.fill(id_.raw);
  if (auto opened = host.net().open_datagrams({ip_address{}, 0}, false, *this))
    socket_ = std::move(*opened);
}

void dht_flooder::turn() {
  if (!socket_)
    return;
  // Now and then from the beginning, as whoever was near may be gone.
  constexpr std::uint64_t one_in = 8;
  const bool anew = nearest_.empty() || random_.below(one_in) == 0;
  const auto to = anew ? doors_[random_.below(doors_.size())] : nearest_[random_.below(nearest_.size())].at;
  ++counted_.asked;
  send(to, krpc::get_peers{key_, {}}, asking);
  socket_->flush();
}

void dht_flooder::send(const endpoint& to, krpc::query what, std::uint8_t kind) {
  krpc::request request;
  request.sender = id_;
  request.what = std::move(what);
  request.read_only = true;
  socket_->send(to, krpc::encode({{kind}, {}, std::move(request)}));
}

void dht_flooder::datagram_received(const endpoint& from, mutable_bytes_view in) {
  const auto decoded = krpc::decode(in);
  const auto* message = std::get_if<krpc::message>(&decoded);
  const auto* answer = message != nullptr ? std::get_if<krpc::response>(&message->body) : nullptr;
  if (answer == nullptr || message->transaction.size() != 1)
    return;
  if (message->transaction.front() == announcing) {
    ++counted_.taken;
    return;
  }
  remember(answer->nodes);
  if (answer->token.empty())
    return;
  krpc::announce_peer what;
  what.target = key_;
  what.port = static_cast<std::uint16_t>(1 + random_.below(65535));
  what.token = answer->token;
  ++counted_.announced;
  send(from, std::move(what), announcing);
}

void dht_flooder::remember(const std::vector<protocols::node_contact>& nodes) {
  nearest_.insert(nearest_.end(), nodes.begin(), nodes.end());
  std::sort(nearest_.begin(), nearest_.end(),
    [this](const auto& a, const auto& b) { return protocols::closer(key_, a.id, b.id); });
  nearest_.erase(std::unique(nearest_.begin(), nearest_.end()), nearest_.end());
  nearest_.resize(std::min(nearest_.size(), nearest_max));
}

} // namespace librats::apps
