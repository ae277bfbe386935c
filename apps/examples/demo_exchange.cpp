// SPDX-License-Identifier: MIT
#include "apps/examples/demo_exchange.hpp"

#include "protocols/core/byte_reader.hpp"
#include "protocols/core/byte_writer.hpp"
#include "protocols/typed/typed_json.hpp"

#include <caf/actor_cast.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace librats::examples {

namespace {

constexpr std::size_t piece_size = 16 * 1024;
/// Pieces on the way at a time: half a mebibyte per peer, far below any send limit.
constexpr std::uint32_t window = 32;
/// Small messages, one after the other, of which the median is the round trip.
constexpr std::size_t trips_max = 21;
/// The number of a small message.
constexpr std::uint32_t no_piece = 0xffffffff;

constexpr auto register_timeout = std::chrono::seconds{5};

} // namespace

demo_exchange::demo_exchange(caf::actor_config& config, caf::actor node, options o)
  : pooled_actor(config), node_(std::move(node)), options_(std::move(o)),
    // An empty file is one empty piece: it too has to come back.
    pieces_(static_cast<std::uint32_t>(std::max<std::size_t>(1, (options_.data.size() + piece_size - 1) / piece_size))),
    expected_(protocols::sha256(options_.data.view())) {}

void demo_exchange::started() {
  const auto self = caf::actor_cast<caf::actor>(this);
  tell(node_, actors::watch_events{self});
  ask(node_, register_timeout, actors::register_channel{options_.channel, self},
    [](const actors::channel_registered&) {}, [this](caf::error& why) { quit(std::move(why)); });
}

void demo_exchange::stopped() { node_ = nullptr; }

caf::behavior demo_exchange::handlers() {
  return {
    [this](const run_round& x) {
      promise_ = make_response_promise<round_result>();
      begin(x.peers);
      return promise_;
    },
    [this](const round_overdue& x) {
      for (auto& [id, one] : exchanges_)
        if (x.round == round_ && !one.done)
          finish(one, "did not finish in time");
    },
    [this](const await_loss& x) {
      auto promise = make_response_promise<peer_lost>();
      if (links_.count(x.id) == 0)
        promise.deliver(peer_lost{"it was not connected any more"});
      else
        awaited_[x.id] = promise;
      return promise;
    },
    [this](const actors::frames_received& x) { received(x); },
    [this](const actors::peer_connected& x) { links_[x.id] = x; },
    [this](const actors::peer_link_changed& x) { links_[x.now.id] = x.now; },
    [this](const actors::peer_disconnected& x) { lost(x); },
    [](const actors::peer_identified&) {},
    [](const actors::peer_congested&) {},
    [](const actors::peer_writable&) {},
    [](const actors::peer_rtt_measured&) {},
  };
}

void demo_exchange::begin(const std::vector<peer_id>& peers) {
  exchanges_.clear();
  for (const auto& id : peers)
    exchanges_[id].result.id = id;
  for (const auto& id : peers)
    begin(id);
  delayed_send(this, options_.deadline, round_overdue{++round_});
}

void demo_exchange::begin(const peer_id& id) {
  auto& x = exchanges_[id];
  const auto link = links_.find(id);
  if (link == links_.end())
    return finish(x, "is not connected");
  x.result.link = link->second;
  const nlohmann::json announcement{{"name", options_.name}, {"size", options_.data.size()}, {"pieces", pieces_},
    {"sha256", to_hex(expected_)}};
  const auto payload = protocols::encode_typed_json("demo.file", announcement);
  if (!payload)
    return finish(x, "the name of the file is no UTF-8");
  tell(link->second.link,
    actors::send_frames{id, actors::make_batch(protocols::message_type::typed, byte_slice{*payload})});
  x.trip_began = clock_now();
  send(x, no_piece, {});
}

void demo_exchange::received(const actors::frames_received& x) {
  const auto found = exchanges_.find(x.from);
  if (found == exchanges_.end())
    return;
  for (const auto& one : x.frames)
    if (!found->second.done)
      returned(found->second, one.payload);
}

void demo_exchange::returned(exchange& x, const byte_slice& message) {
  byte_reader in{message.view()};
  const auto number = in.u32();
  const auto content = in.rest();
  x.result.messages += 1;
  x.result.bytes += message.size();
  if (number == no_piece) {
    const auto now = clock_now();
    x.trips.push_back(now - std::exchange(x.trip_began, now));
    if (x.trips.size() < trips_max)
      return send(x, no_piece, {});
    std::nth_element(x.trips.begin(), x.trips.begin() + trips_max / 2, x.trips.end());
    x.result.round_trip = x.trips[trips_max / 2];
    x.began = now;
    while (x.sent < std::min(window, pieces_))
      send_piece(x);
    return;
  }
  if (!in.ok() || number != x.returned)
    return finish(x, "sent something else back");
  x.digest.update(content);
  if (++x.returned < pieces_) {
    if (x.sent < pieces_)
      send_piece(x);
    return;
  }
  x.result.took = clock_now() - x.began;
  finish(x, x.digest.finish() == expected_ ? "" : "sent other bytes back: the digests differ");
}

void demo_exchange::send_piece(exchange& x) {
  const auto number = x.sent++;
  send(x, number, options_.data.sub(number * piece_size, piece_size));
}

void demo_exchange::send(const exchange& x, std::uint32_t number, const byte_slice& content) {
  byte_writer out{4 + content.size()};
  out.u32(number).raw(content.view());
  tell(x.result.link.link, actors::send_frames{x.result.id,
                             actors::make_batch(protocols::message_type::app, byte_slice{out.take()},
                               protocols::channel_of(options_.channel))});
}

void demo_exchange::finish(exchange& x, std::string failure) {
  x.done = true;
  x.result.failure = std::move(failure);
  if (std::any_of(exchanges_.begin(), exchanges_.end(), [](const auto& one) { return !one.second.done; }))
    return;
  round_result out;
  for (const auto& [id, one] : exchanges_)
    out.peers.push_back(one.result);
  promise_.deliver(std::move(out));
}

void demo_exchange::lost(const actors::peer_disconnected& x) {
  links_.erase(x.id);
  if (const auto found = exchanges_.find(x.id); found != exchanges_.end() && !found->second.done)
    finish(found->second, "went away: " + x.reason);
  if (const auto found = awaited_.find(x.id); found != awaited_.end()) {
    found->second.deliver(peer_lost{x.reason});
    awaited_.erase(found);
  }
}

} // namespace librats::examples
