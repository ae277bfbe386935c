// SPDX-License-Identifier: MIT
#include "tests/actors/recorder.hpp"

#include "actors/datagram_messages.hpp"

#include <algorithm>

namespace librats::test {

namespace {

/// Payloads up to this are written out.
constexpr std::size_t readable_max = 60;

std::string readable(bytes_view payload) {
  const auto text = as_text(payload);
  const bool printable = std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
  return printable && text.size() <= readable_max ? std::string{text} : "<" + std::to_string(text.size()) + " bytes>";
}

} // namespace

std::string name_book::of(const peer_id& id) const {
  const auto found = peers.find(id);
  return found != peers.end() ? found->second : id.short_string();
}

std::string name_book::of(protocols::channel_id id) const {
  const auto found = channels.find(id);
  return found != channels.end() ? found->second : "channel " + std::to_string(id);
}

std::size_t recorder::count(const std::string& text) const {
  return static_cast<std::size_t>(
    std::count_if(events.begin(), events.end(), [&](const auto& x) { return x.compare(0, text.size(), text) == 0; }));
}

caf::behavior recorder::handlers() {
  return {
    [this](const actors::frames_received& x) { note(x); },
    [this](const actors::typed_received& x) {
      ++frame_count;
      hold(x.receipt);
      frames.push_back(names_.of(x.from) + " typed " + x.type + ": " + readable(x.json_text.view()));
    },
    [this](const actors::peer_connected& x) {
      links[x.id].push_back(x);
      note("connected", x.id);
    },
    [this](const actors::peer_link_changed& x) {
      links[x.now.id].push_back(x.now);
      note("link changed", x.now.id);
    },
    [this](const actors::peer_identified& x) {
      identified[x.id] = x;
      note("identified", x.id);
    },
    [this](const actors::peer_disconnected& x) { note("disconnected", x.id, x.reason); },
    [this](const actors::topic_messages& x) {
      missed += x.missed;
      hold(x.receipt);
      for (const auto& one : x.messages)
        note(x.topic, one);
    },
    [this](const actors::topic_peers_changed& x) {
      for (const auto& id : x.joined)
        events.push_back(names_.of(id) + " joined " + x.topic);
      for (const auto& id : x.left)
        events.push_back(names_.of(id) + " left " + x.topic);
    },
    [this](const actors::foreign_datagram& x) {
      frames.push_back("datagram from " + x.from.to_string() + ": " + readable(x.payload.view()));
    },
    [this](const actors::storage_changed& x) {
      for (const auto& one : x.changes)
        note(one);
    },
    [this](const actors::storage_synced& x) { note("synced", x.peer); },
    [this](const actors::hashes_sampled& x) { hashes.insert(hashes.end(), x.hashes.begin(), x.hashes.end()); },
    [this](const actors::peer_congested& x) { note("congested", x.id); },
    [this](const actors::peer_writable& x) { note("writable", x.id); },
    [this](const actors::peer_rtt_measured& x) {
      rtts.push_back(x);
      note("rtt", x.id);
    },
  };
}

void recorder::note(const char* what, const peer_id& id, const std::string& why) {
  events.push_back(std::string{what} + " " + names_.of(id) + (why.empty() ? "" : ": " + why));
}

void recorder::hold(const std::shared_ptr<const void>& receipt) {
  if (is_behind)
    receipts.push_back(receipt);
}

void recorder::note(const actors::frames_received& x) {
  hold(x.receipt);
  for (const auto& one : x.frames) {
    ++frame_count;
    frame_bytes += one.payload.size();
    if (!keeps_frames)
      continue;
    const auto& header = one.header;
    const auto where = header.type == protocols::message_type::app
                         ? names_.of(header.channel)
                         : "type " + std::to_string(static_cast<int>(header.type));
    frames.push_back(names_.of(x.from) + " " + where + ": " + readable(one.payload.view()));
  }
}

void recorder::note(const protocols::storage_change& x) {
  const auto value = x.after.deleted ? "removed" : readable(x.after.data.view());
  stored.push_back((x.remote ? "there " : "here ") + x.key + ": " + value);
}

void recorder::note(const std::string& topic, const protocols::gossip_delivery& x) {
  const auto* how = x.author == protocols::authorship::claimed  ? ", relayed"
                    : x.author == protocols::authorship::proven ? ", proven"
                                                                : "";
  topics[topic].push_back(names_.of(x.id.origin) + how + ": " + readable(x.data.view()));
}

} // namespace librats::test
