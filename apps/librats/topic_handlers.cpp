// SPDX-License-Identifier: MIT
#include "apps/librats/topic_handlers.hpp"

#include <utility>

namespace librats::apps {

/// A changed set is a new one: somebody may be calling the old one.
template <class Change>
void topic_handlers::update(const std::string& topic, Change change) {
  const auto old = find(topic);
  auto next = old ? std::make_shared<set>(*old) : std::make_shared<set>();
  change(*next);
  if (next->empty())
    by_topic_.erase(topic);
  else
    by_topic_[topic] = std::move(next);
}

void topic_handlers::change(const change_topic_handler& x) {
  update(x.topic, [&x](set& all) {
    switch (x.kind) {
    case topic_handler_kind::text: all.text = std::get<TopicMessageCallback>(x.function); break;
    case topic_handler_kind::json: all.json = std::get<TopicJsonCallback>(x.function); break;
    case topic_handler_kind::publication: all.publication = std::get<TopicPublicationCallback>(x.function); break;
    case topic_handler_kind::peer_joined: all.peer_joined = std::get<TopicPeerCallback>(x.function); break;
    case topic_handler_kind::peer_left: all.peer_left = std::get<TopicPeerCallback>(x.function); break;
    case topic_handler_kind::validator: all.validator = std::get<TopicValidator>(x.function); break;
    }
  });
}

void topic_handlers::remove(const std::string& topic) {
  update(topic, [](set& all) {
    set rest;
    rest.validator = std::move(all.validator);
    all = std::move(rest);
  });
}

std::shared_ptr<const topic_handlers::set> topic_handlers::find(const std::string& topic) const {
  const auto found = by_topic_.find(topic);
  return found != by_topic_.end() ? found->second : nullptr;
}

std::shared_ptr<const topic_handlers::set> topic_handlers::validating(const std::string& topic) const {
  for (const auto& name : {topic, std::string{}})
    if (auto one = find(name); one && one->validator)
      return one;
  return nullptr;
}

} // namespace librats::apps
