// SPDX-License-Identifier: MIT
// Commands about topics, and what is heard of them.
#include "apps/rats-client/client_session.hpp"
#include "apps/ratsd/status_text.hpp"
#include "runtime/log/escape.hpp"

#include <caf/actor_cast.hpp>

#include <utility>

namespace librats::apps {

namespace {

/// A script that publishes right after it has connected is faster than what the peer says of its subscriptions.
constexpr auto retry_delay = std::chrono::milliseconds{100};
constexpr int tries_max = 30;
/// A script waits so long for peers that read slowly; then the limits of their queues decide.
constexpr auto room_patience = std::chrono::seconds{30};

constexpr auto no_prompt = "> ";

} // namespace

caf::message_handler client_session::room_handlers() {
  return {
    [this](const actors::topic_messages& x) { received(x); },
    [this](const actors::topic_peers_changed& x) { noticed(x); },
    [this](const publish_again& x) { publish(x.topic, x.data, x.tries); },
  };
}

// -- commands ---------------------------------------------------------------------------------------------------------

void client_session::enter_room(const std::string& topic) {
  room_ = topic;
  out_->prompt(room_.empty() ? no_prompt : room_mark(room_) + " " + no_prompt);
}

void client_session::join_room(const std::string& topic) {
  if (rooms_.count(topic) != 0) {
    enter_room(topic);
    return line_done();
  }
  early_news_.reset();
  ask(
    node_, answer_timeout, actors::join_topic{topic, caf::actor_cast<caf::actor>(this), true},
    [this, topic](const actors::joined_topic&) {
      rooms_.insert(topic);
      topics_.insert(topic);
      out_->print("* you joined " + room_mark(topic));
      if (const auto news = std::exchange(early_news_, std::nullopt))
        noticed(*news);
      enter_room(topic);
      offer_words();
      line_done();
    },
    [this](caf::error& why) { end_badly(runtime::describe_error(why)); });
}

void client_session::leave_room(const command& x) {
  const auto topic = x.arguments.empty() ? room_ : x.arguments[0];
  if (topic.empty())
    return end_badly("this is no room; usage: /leave TOPIC");
  if (rooms_.erase(topic) == 0)
    return end_badly("\"" + runtime::escaped(topic, 80) + "\" is not joined; see /topics");
  if (topic == room_)
    enter_room({});
  ask(
    node_, answer_timeout, actors::leave_topic{topic, caf::actor_cast<caf::actor>(this)},
    [this, topic](const actors::left_topic&) {
      out_->print("* you left " + room_mark(topic));
      line_done();
    },
    [this](caf::error& why) { end_badly(runtime::describe_error(why)); });
}

void client_session::say(const std::string& text) {
  publish(room_, byte_slice::copy_of(chat_json(options_.nick, text)));
}

void client_session::publish(const std::string& topic, const byte_slice& data, int tries) {
  ask(
    node_, answer_timeout, actors::get_topic_status{topic},
    [this, topic, data, tries](const actors::topic_status& x) {
      if (!x.subscribers.empty())
        return send_publication(topic, data);
      if (options_.script && tries < tries_max && !peers_.empty())
        return delayed_send(this, retry_delay, publish_again{topic, data, tries + 1});
      out_->print("* nobody is in " + room_mark(topic) + " yet");
      send_publication(topic, data);
    },
    [this](caf::error& why) { end_badly(runtime::describe_error(why)); });
}

void client_session::send_publication(const std::string& topic, const byte_slice& data) {
  if (topics_.insert(topic).second)
    offer_words();
  ask(
    node_, answer_timeout, actors::publish_to_topic{topic, {data}},
    [this, topic](const actors::published& x) {
      if (!x.congested || !options_.script)
        return line_done();
      ask(
        node_, room_patience, actors::await_topic_room{topic}, [this](const actors::topic_has_room&) { line_done(); },
        [this](caf::error&) { line_done(); });
    },
    [this](caf::error& why) { end_badly(runtime::describe_error(why)); });
}

void client_session::list_topics() {
  show<actors::gossip_status>(
    actors::get_gossip_status{}, [](const actors::gossip_status& all) { return gossip_text(all); });
}

void client_session::call_me(const std::string& nick) {
  if (!nick.empty() && !is_nick(nick))
    return end_badly(nick_rule(nick));
  options_.nick = nick;
  names_.set_own(options_.self, nick);
  out_->print("* you are " + names_.name(options_.self) + " now");
  line_done();
}

// -- events -----------------------------------------------------------------------------------------------------------

void client_session::received(const actors::topic_messages& x) {
  if (rooms_.count(x.topic) == 0)
    return;
  for (const auto& one : x.messages) {
    if (one.from == options_.self)
      continue; // The person has just typed it.
    const auto line = read_chat(one.data.text());
    out_->print(room_line(x.topic, names_.note(one.id.origin, line.nick), one.author, line.text));
  }
}

void client_session::noticed(const actors::topic_peers_changed& x) {
  if (rooms_.count(x.topic) == 0) {
    early_news_ = x; // Who is there comes before the word that we are.
    return;
  }
  if (!x.joined.empty())
    out_->print(
      "* " + room_mark(x.topic) + " " + names_of(x.joined) + (x.joined.size() == 1 ? " is here" : " are here"));
  if (!x.left.empty())
    out_->print("* " + room_mark(x.topic) + " " + names_of(x.left) + " left");
}

std::string client_session::names_of(const std::vector<peer_id>& peers) const {
  std::string out;
  for (const auto& one : peers)
    out += (out.empty() ? "" : ", ") + names_.name(one);
  return out;
}

} // namespace librats::apps
