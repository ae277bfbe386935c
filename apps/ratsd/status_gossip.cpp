// SPDX-License-Identifier: MIT
// What the reports say of publish and subscribe.
#include "apps/ratsd/status_json.hpp"
#include "apps/ratsd/status_text.hpp"
#include "protocols/gossip/score_range.hpp"
#include "runtime/log/escape.hpp"

#include <nlohmann/json.hpp>

#include <cstdio>

namespace librats::apps {

namespace {

/// Of a topic's name in a table.
constexpr std::size_t shown_bytes_max = 40;

/// Of others, for whatever reason.
std::uint64_t refused(const protocols::topic_mesh::figures& x) {
  return x.forged + x.stale + x.rejected + x.ignored + x.overloaded;
}

std::string score_text(double x) {
  char out[32];
  std::snprintf(out, sizeof(out), "%.1f", x);
  return out;
}

nlohmann::json ids(const std::vector<peer_id>& all) {
  auto out = nlohmann::json::array();
  for (const auto& one : all)
    out.push_back(one.to_string());
  return out;
}

nlohmann::json topic(const actors::topic_status& x) {
  const auto& n = x.counted;
  return {
    {"topic", x.topic},
    {"joined", x.joined},
    {"subscribers", ids(x.subscribers)},
    {"mesh", ids(x.mesh)},
    {"fanout", ids(x.fanout)},
    {"waiting", x.waiting},
    {"cached", x.cached},
    {"published", n.published},
    {"received", n.received},
    {"delivered", n.delivered},
    {"forwarded", n.forwarded},
    {"duplicates", n.duplicates},
    {"forged", n.forged},
    {"stale", n.stale},
    {"rejected", n.rejected},
    {"ignored", n.ignored},
    {"overloaded", n.overloaded},
    {"unwanted", n.unwanted},
    {"grafts_refused", n.grafts_refused},
    {"ihave_refused", n.ihave_refused},
    {"ids_asked", n.ids_asked},
    {"promises_broken", n.promises_broken},
    {"iwant_answered", n.iwant_answered},
    {"iwant_refused", n.iwant_refused},
  };
}

} // namespace

std::string gossip_text(const actors::gossip_status& x) {
  if (!x.running)
    return "gossip is off\n";
  std::string out;
  std::size_t waiting = 0;
  if (x.topics.empty()) {
    out = "no topic is joined\n";
  } else {
    std::vector<std::vector<std::string>> rows{
      {"topic", "joined", "peers", "mesh", "sent", "received", "shown", "passed on", "again", "refused"}};
    for (const auto& one : x.topics) {
      const auto& n = one.counted;
      waiting += one.waiting;
      rows.push_back({runtime::escaped(one.topic, shown_bytes_max), one.joined ? "yes" : "no",
        std::to_string(one.subscribers.size()), std::to_string(one.joined ? one.mesh.size() : one.fanout.size()),
        std::to_string(n.published), std::to_string(n.received), std::to_string(n.delivered),
        std::to_string(n.forwarded), std::to_string(n.duplicates), std::to_string(refused(n))});
    }
    out = columns(rows);
  }
  if (waiting != 0)
    out += "messages that wait for a verdict: " + std::to_string(waiting) + "\n";
  out += "topics that peers subscribe to: " + std::to_string(x.topics_known) + "\n";
  if (!x.scores.empty()) {
    const auto range = protocols::range_of(x.scores);
    out += "scores of " + std::to_string(x.scores.size()) + " peers: from " + score_text(range.min) + " to "
      + score_text(range.max) + ", " + score_text(range.mean) + " on average\n";
  }
  if (const auto bad = x.malformed + x.graylisted + x.announcements_refused; bad != 0)
    out += "refused: " + std::to_string(x.malformed) + " malformed messages, " + std::to_string(x.graylisted)
      + " of peers with bad scores, " + std::to_string(x.announcements_refused) + " subscriptions too many\n";
  return out;
}

nlohmann::json to_json(const actors::gossip_status& x) {
  auto topics = nlohmann::json::array();
  for (const auto& one : x.topics)
    topics.push_back(topic(one));
  auto peers = nlohmann::json::object();
  for (const auto& [id, score] : x.scores)
    peers[id.to_string()] = score;
  const auto range = protocols::range_of(x.scores);
  return {
    {"running", x.running},
    {"topics", std::move(topics)},
    {"topics_known", x.topics_known},
    {"scores", {{"min", range.min}, {"average", range.mean}, {"max", range.max}, {"peers", std::move(peers)}}},
    {"malformed", x.malformed},
    {"graylisted", x.graylisted},
    {"announcements_refused", x.announcements_refused},
    {"introductions_sent", x.introductions_sent},
    {"introductions_taken", x.introductions_taken},
    {"introductions_refused", x.introductions_refused},
    {"ids_unknown", x.ids_unknown},
  };
}

} // namespace librats::apps
