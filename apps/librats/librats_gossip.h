// SPDX-License-Identifier: MIT
#pragma once

/// Publish and subscribe of the client API: a part of librats.h, which includes it.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace librats {

/// What a validator says of a publication.
enum class ValidationResult {
  ACCEPT,      ///< Show it and pass it on.
  REJECT,      ///< Drop it, and think worse of the peers that brought it.
  IGNORE_MSG,  ///< Drop it.
  Accept = ACCEPT,
  Reject = REJECT,
  Ignore = IGNORE_MSG
};

/// How sure it is who wrote a publication.
enum class Authorship {
  CLAIMED,  ///< A peer that passed it on says so.
  LINK,     ///< The author's own connection brought it.
  PROVEN    ///< The author signed it.
};

/// What is done with signatures of publications.
enum class SignaturePolicy {
  IGNORE_SIGNATURES,  ///< They are part of the message.
  CHECK,              ///< A broken one is refused; a message without one is shown.
  REQUIRE             ///< Nothing is shown that has none.
};

/// A message of a topic, with all that is known of it.
struct TopicPublication {
  std::string peer_id;  ///< Who wrote it, as sure as `authorship` says. Need not be connected.
  std::string topic;
  std::string message;   ///< Any bytes.
  std::string from_id;   ///< The peer that brought it first; this client itself for its own.
  Authorship authorship = Authorship::CLAIMED;
  std::string message_id;  ///< 80 hex digits, the same at every node.
};

// `peer_id` is who wrote the message, as it says; see `TopicPublication` for how sure that is.
using TopicMessageCallback =
  std::function<void(const std::string& peer_id, const std::string& topic, const std::string& message)>;
using TopicJsonCallback =
  std::function<void(const std::string& peer_id, const std::string& topic, const nlohmann::json& data)>;
using TopicPublicationCallback = std::function<void(const TopicPublication& publication)>;
using TopicPeerCallback = std::function<void(const std::string& peer_id, const std::string& topic)>;
using TopicValidator =
  std::function<ValidationResult(const std::string& topic, const std::string& message, const std::string& peer_id)>;

class RatsClient;

/// The publish and subscribe of one client, handed out by `RatsClient::get_gossipsub` and alive as long as that. All is
/// explained at RatsClient, whose functions these are by their shorter names.
class GossipSub {
public:
  GossipSub(const GossipSub&) = delete;
  GossipSub& operator=(const GossipSub&) = delete;

  /// Takes part again, with what is subscribed to. A running client takes part until `stop`. False when it does not
  /// run.
  bool start();
  /// Takes no part for now: leaves all topics, which stay subscribed to, and publishes nothing.
  void stop();
  bool is_running() const;

  bool subscribe(const std::string& topic);
  bool unsubscribe(const std::string& topic);
  bool is_subscribed(const std::string& topic) const;
  std::vector<std::string> get_subscribed_topics() const;
  bool publish(const std::string& topic, const std::string& message);
  bool publish(const std::string& topic, const char* message) { return publish(topic, std::string{message}); }
  bool publish(const std::string& topic, const nlohmann::json& message);

  void set_message_handler(const std::string& topic, TopicMessageCallback callback);
  void set_message_validator(const std::string& topic, TopicValidator validator);
  void set_peer_joined_handler(const std::string& topic, TopicPeerCallback callback);
  void set_peer_left_handler(const std::string& topic, TopicPeerCallback callback);

  std::vector<std::string> get_topic_peers(const std::string& topic) const;
  std::vector<std::string> get_mesh_peers(const std::string& topic) const;

  /// What this client thinks of a connected peer, as GossipSub v1.1 computes it: 0 at first, and for unknown peers;
  /// below zero the peer has lost its place in our meshes, and far below it is not heard.
  double get_peer_score(const std::string& peer_id) const;
  std::map<std::string, double> get_peer_scores() const;
  /// Adds the program's own opinion of a connected peer to its score: any finite number, in place of an earlier one.
  /// Without effect on others.
  void set_application_score(const std::string& peer_id, double score);

  nlohmann::json get_statistics() const;
  /// `cached_messages`, which are kept for those who missed them; `waiting_messages`, which wait for a validator; and
  /// `topics`, with these two for each.
  nlohmann::json get_cache_statistics() const;

private:
  friend class RatsClient;
  explicit GossipSub(RatsClient& client) : client_(client) {}

  RatsClient& client_;
};

} // namespace librats
