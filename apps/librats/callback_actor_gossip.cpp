// SPDX-License-Identifier: MIT
// What the program hears of topics, and what it decides.
#include "actors/gossip_messages.hpp"
#include "apps/librats/callback_actor.hpp"
#include "protocols/typed/typed_json.hpp"
#include "runtime/log/log.hpp"

#include <functional>
#include <utility>

namespace librats::apps {

namespace {

Authorship author_of(protocols::authorship x) {
  switch (x) {
  case protocols::authorship::claimed: break;
  case protocols::authorship::link: return Authorship::LINK;
  case protocols::authorship::proven: return Authorship::PROVEN;
  }
  return Authorship::CLAIMED;
}

protocols::verdict verdict_of(ValidationResult x) {
  switch (x) {
  case ValidationResult::ACCEPT: return protocols::verdict::accept;
  case ValidationResult::REJECT: return protocols::verdict::reject;
  case ValidationResult::IGNORE_MSG: break;
  }
  return protocols::verdict::ignore;
}

/// As it is on the wire.
std::string id_text(const protocols::message_id& x) {
  auto out = x.origin.to_string();
  for (int bits = 60; bits >= 0; bits -= 4)
    out += "0123456789abcdef"[x.seqno >> bits & 15];
  return out;
}

} // namespace

caf::message_handler callback_actor::gossip_handlers() {
  return {
    [this](const actors::topic_messages& x) { deliver(x); },
    [this](const actors::topic_peers_changed& x) { notice(x); },
    [this](const actors::validate_messages& x) { return judge(x); },
    [this](const change_topic_handler& x) { apply(x); },
    [this](const remove_topic_handlers& x) { apply(x); },
  };
}

void callback_actor::apply(const change_topic_handler& x) {
  topics_.change(x);
}

void callback_actor::apply(const remove_topic_handlers& x) {
  topics_.remove(x.topic);
}

void callback_actor::deliver(const actors::topic_messages& x) {
  for (const auto& one : x.messages) {
    const auto all = topics_.find(x.topic); // Each time: a handler may change what the next message finds.
    if (!all || delivering_.expired())
      return;
    const auto origin = one.id.origin.to_string();
    if (all->publication) {
      const TopicPublication out{
        origin, x.topic, std::string{one.data.text()}, one.from.to_string(), author_of(one.author), id_text(one.id)};
      guarded([&] { all->publication(out); });
    }
    if (all->text)
      guarded([&] { all->text(origin, x.topic, std::string{one.data.text()}); });
    if (!all->json)
      continue;
    if (const auto data = protocols::parse_json(one.data.text()))
      guarded([&] { all->json(origin, x.topic, *data); });
    else
      LIBRATS_LOG(runtime::log_level::debug, kind(), "does not show a publication of ", origin,
        " to a handler of JSON: ", to_string(data.error()));
  }
}

void callback_actor::notice(const actors::topic_peers_changed& x) {
  const auto tell_all = [&](const std::vector<peer_id>& whom, TopicPeerCallback topic_handlers::set::*which) {
    for (const auto& one : whom) {
      const auto all = topics_.find(x.topic);
      if (!all || delivering_.expired())
        return;
      if (const auto& handler = (*all).*which)
        guarded([&] { handler(one.to_string(), x.topic); });
    }
  };
  tell_all(x.left, &topic_handlers::set::peer_left);
  tell_all(x.joined, &topic_handlers::set::peer_joined);
}

/// What nobody wants to judge any more is as good as if nobody ever had.
actors::judge_messages callback_actor::judge(const actors::validate_messages& x) {
  actors::judge_messages out;
  out.verdicts.reserve(x.messages.size());
  for (const auto& one : x.messages) {
    auto result = ValidationResult::ACCEPT;
    if (const auto all = topics_.validating(x.topic)) {
      result = ValidationResult::IGNORE_MSG; // For when it throws.
      guarded([&] {
        result = all->validator(x.topic, std::string{one.message.data.text()}, one.message.id.origin.to_string());
      });
    }
    out.verdicts.emplace_back(one.ticket, verdict_of(result));
  }
  return out;
}

} // namespace librats::apps
