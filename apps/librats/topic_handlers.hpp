// SPDX-License-Identifier: MIT
#pragma once

#include "apps/librats/client_gossip_messages.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace librats::apps {

/// What the program does about topics: one handler of each kind for each topic. Handlers may change it while they run:
/// who calls one keeps the set that it took.
class topic_handlers {
public:
  struct set {
    TopicMessageCallback text;
    TopicJsonCallback json;
    TopicPublicationCallback publication;
    TopicPeerCallback peer_joined;
    TopicPeerCallback peer_left;
    TopicValidator validator;

    [[nodiscard]] bool empty() const {
      return !text && !json && !publication && !peer_joined && !peer_left && !validator;
    }
  };

  void change(const change_topic_handler& x);
  void remove(const std::string& topic);
  void clear() { by_topic_.clear(); }

  /// Null when there is none.
  [[nodiscard]] std::shared_ptr<const set> find(const std::string& topic) const;
  /// Whose validator decides about the topic: its own, else that of the empty topic. Null when there is none.
  [[nodiscard]] std::shared_ptr<const set> validating(const std::string& topic) const;

private:
  template <class Change>
  void update(const std::string& topic, Change change);

  std::map<std::string, std::shared_ptr<const set>, std::less<>> by_topic_;
};

} // namespace librats::apps
