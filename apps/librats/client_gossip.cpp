// SPDX-License-Identifier: MIT
// Topics: what a program says, hears and asks of them.
#include "actors/gossip_messages.hpp"
#include "apps/librats/client_impl.hpp"
#include "protocols/gossip/gossip_codec.hpp"
#include "protocols/gossip/score_range.hpp"
#include "protocols/typed/typed_json.hpp"
#include "runtime/log/escape.hpp"
#include "runtime/log/log.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace librats {

namespace {

using apps::change_topic_handler;
using apps::topic_handler_kind;

constexpr auto subject = "client";

/// A thread lets that much of a topic pile up before it waits for the node's answer, which tells of congestion.
constexpr std::size_t unanswered_max = 256 * 1024;
/// What a publication costs in mailboxes beside its bytes, roughly.
constexpr std::size_t publication_overhead = 200;
/// Beyond these a publisher goes on: the limits of the queues decide then.
constexpr auto answer_patience = std::chrono::seconds{10};
constexpr auto room_patience = std::chrono::seconds{10};

std::vector<std::string> texts(const std::vector<peer_id>& ids) {
  std::vector<std::string> out;
  out.reserve(ids.size());
  for (const auto& one : ids)
    out.push_back(one.to_string());
  return out;
}

/// As a key of JSON, which may hold UTF-8 alone.
std::string key_of(const std::string& topic) {
  return runtime::find_malformed_utf8(topic) == std::string_view::npos ? topic : runtime::escaped(topic);
}

nlohmann::json describe(const actors::topic_status& x) {
  const auto& n = x.counted;
  return {
    {"subscribed", x.joined},
    {"subscribers_count", x.subscribers.size()},
    {"mesh_size", x.mesh.size()},
    {"fanout_size", x.fanout.size()},
    {"published", n.published},
    {"received", n.received},
    {"delivered", n.delivered},
    {"forwarded", n.forwarded},
    {"duplicates", n.duplicates},
    {"rejected", n.rejected},
    {"ignored", n.ignored},
    {"forged", n.forged + n.stale},
    {"overloaded", n.overloaded},
  };
}

} // namespace

// -- taking part ------------------------------------------------------------------------------------------------------

GossipSub& RatsClient::get_gossipsub() {
  return gossipsub_;
}

bool RatsClient::is_gossipsub_available() const {
  return true;
}

bool RatsClient::is_gossipsub_running() const {
  return impl_->view()->gossip;
}

bool RatsClient::subscribe_to_topic(const std::string& topic) {
  const auto answer = impl_->ask_client<apps::subscription_changed>(apps::subscribe_topic{topic});
  return answer && answer->ok;
}

bool RatsClient::unsubscribe_from_topic(const std::string& topic) {
  const auto answer = impl_->ask_client<apps::subscription_changed>(apps::unsubscribe_topic{topic});
  return answer && answer->ok;
}

bool RatsClient::is_subscribed_to_topic(const std::string& topic) const {
  const auto all = get_subscribed_topics();
  return std::binary_search(all.begin(), all.end(), topic);
}

std::vector<std::string> RatsClient::get_subscribed_topics() const {
  auto known = impl_->ask_client<apps::subscription_list>(apps::get_subscriptions{});
  return known ? std::move(known->topics) : std::vector<std::string>{};
}

void RatsClient::set_gossip_signing(bool enabled) {
  apps::change_settings out;
  out.sign_publications = enabled;
  impl_->change(std::move(out));
}

bool RatsClient::is_gossip_signing_enabled() const {
  return impl_->settings()->sign_publications;
}

void RatsClient::set_gossip_signatures(SignaturePolicy policy) {
  apps::change_settings out;
  out.signatures = policy;
  impl_->change(std::move(out));
}

SignaturePolicy RatsClient::get_gossip_signatures() const {
  return impl_->settings()->signatures;
}

// -- publishing -------------------------------------------------------------------------------------------------------

bool RatsClient::impl::publish(const std::string& topic, byte_slice data) {
  const auto now = view();
  if (!now->gossip || topic.empty() || topic.size() > protocols::gossip_topic_max)
    return false;
  auto& unanswered = memory().published;
  const auto cost = topic.size() + data.size() + publication_overhead;
  const auto known = unanswered.find(topic);
  if (known != unanswered.end() && known->second + cost <= unanswered_max) {
    known->second += cost;
    caf::anon_send(client_, apps::queue_publication{topic, std::move(data)});
    return true;
  }
  // Asked for the first one too: the node may have reasons that only it knows.
  caf::error why;
  const auto answer = apps::ask_blocking<actors::published>(
    system_, client_, actors::publish_to_topic{topic, {std::move(data)}}, answer_patience, &why);
  if (!answer) {
    unanswered.erase(topic);
    LIBRATS_LOG(runtime::log_level::warn, subject, "cannot publish: ", runtime::describe_error(why));
    return false;
  }
  unanswered[topic] = 0;
  if (answer->congested)
    apps::ask_blocking<actors::topic_has_room>(system_, client_, actors::await_topic_room{topic}, room_patience);
  return true;
}

bool RatsClient::publish_to_topic(const std::string& topic, const std::string& message) {
  return impl_->publish(topic, byte_slice::copy_of(message));
}

bool RatsClient::publish_json_to_topic(const std::string& topic, const nlohmann::json& message) {
  const auto text = protocols::dump_json(message);
  if (!text) {
    LIBRATS_LOG(runtime::log_level::warn, subject, "cannot publish this JSON: ", to_string(text.error()));
    return false;
  }
  return publish_to_topic(topic, *text);
}

// -- handlers ---------------------------------------------------------------------------------------------------------

void RatsClient::on_topic_publication(const std::string& topic, TopicPublicationCallback callback) {
  impl_->change_callbacks(change_topic_handler{topic_handler_kind::publication, topic, std::move(callback)});
}

void RatsClient::on_topic_message(const std::string& topic, TopicMessageCallback callback) {
  impl_->change_callbacks(change_topic_handler{topic_handler_kind::text, topic, std::move(callback)});
}

void RatsClient::on_topic_json_message(const std::string& topic, TopicJsonCallback callback) {
  impl_->change_callbacks(change_topic_handler{topic_handler_kind::json, topic, std::move(callback)});
}

void RatsClient::on_topic_peer_joined(const std::string& topic, TopicPeerCallback callback) {
  impl_->change_callbacks(change_topic_handler{topic_handler_kind::peer_joined, topic, std::move(callback)});
}

void RatsClient::on_topic_peer_left(const std::string& topic, TopicPeerCallback callback) {
  impl_->change_callbacks(change_topic_handler{topic_handler_kind::peer_left, topic, std::move(callback)});
}

void RatsClient::off_topic(const std::string& topic) {
  impl_->change_callbacks(apps::remove_topic_handlers{topic});
}

/// First to the callback actor, so that the node asks nobody who would not know what to say.
void RatsClient::set_topic_message_validator(const std::string& topic, TopicValidator validator) {
  const bool on = static_cast<bool>(validator);
  impl_->change_callbacks(change_topic_handler{topic_handler_kind::validator, topic, std::move(validator)});
  (void)impl_->ask_client<apps::settings_changed>(apps::validate_topic{topic, on});
}

// -- asking -----------------------------------------------------------------------------------------------------------

std::vector<std::string> RatsClient::get_topic_peers(const std::string& topic) const {
  const auto status = impl_->ask_client<actors::topic_status>(actors::get_topic_status{topic});
  return status ? texts(status->subscribers) : std::vector<std::string>{};
}

std::vector<std::string> RatsClient::get_topic_mesh_peers(const std::string& topic) const {
  const auto status = impl_->ask_client<actors::topic_status>(actors::get_topic_status{topic});
  return status ? texts(status->mesh) : std::vector<std::string>{};
}

nlohmann::json RatsClient::get_gossipsub_statistics() const {
  const auto status =
    impl_->ask_client<actors::gossip_status>(actors::get_gossip_status{}).value_or(actors::gossip_status{});
  const auto scores = protocols::range_of(status.scores);
  auto topics = nlohmann::json::object();
  for (const auto& one : status.topics)
    topics[key_of(one.topic)] = describe(one);
  return {
    {"running", is_gossipsub_running()},
    {"subscribed_topics_count", get_subscribed_topics().size()},
    {"total_topics_count", std::max(status.topics_known, status.topics.size())},
    {"topics", std::move(topics)},
    {"peers_count", status.scores.size()},
    {"average_peer_score", scores.mean},
    {"min_peer_score", scores.min},
    {"max_peer_score", scores.max},
    {"malformed_count", status.malformed},
    {"graylisted_count", status.graylisted},
    {"announcements_refused_count", status.announcements_refused},
    {"unknown_ids_count", status.ids_unknown},
  };
}

// -- the same by shorter names ----------------------------------------------------------------------------------------

bool GossipSub::start() {
  const auto now = client_.impl_->ask_client<apps::gossip_switched>(apps::switch_gossip{true});
  return now && now->running;
}

void GossipSub::stop() {
  (void)client_.impl_->ask_client<apps::gossip_switched>(apps::switch_gossip{false}); // To be sure that it is done.
}

bool GossipSub::is_running() const {
  return client_.is_gossipsub_running();
}
bool GossipSub::subscribe(const std::string& topic) {
  return client_.subscribe_to_topic(topic);
}
bool GossipSub::unsubscribe(const std::string& topic) {
  return client_.unsubscribe_from_topic(topic);
}
bool GossipSub::is_subscribed(const std::string& topic) const {
  return client_.is_subscribed_to_topic(topic);
}
std::vector<std::string> GossipSub::get_subscribed_topics() const {
  return client_.get_subscribed_topics();
}
bool GossipSub::publish(const std::string& topic, const std::string& message) {
  return client_.publish_to_topic(topic, message);
}
bool GossipSub::publish(const std::string& topic, const nlohmann::json& message) {
  return client_.publish_json_to_topic(topic, message);
}
void GossipSub::set_message_handler(const std::string& topic, TopicMessageCallback callback) {
  client_.on_topic_message(topic, std::move(callback));
}
void GossipSub::set_message_validator(const std::string& topic, TopicValidator validator) {
  client_.set_topic_message_validator(topic, std::move(validator));
}
void GossipSub::set_peer_joined_handler(const std::string& topic, TopicPeerCallback callback) {
  client_.on_topic_peer_joined(topic, std::move(callback));
}
void GossipSub::set_peer_left_handler(const std::string& topic, TopicPeerCallback callback) {
  client_.on_topic_peer_left(topic, std::move(callback));
}
std::vector<std::string> GossipSub::get_topic_peers(const std::string& topic) const {
  return client_.get_topic_peers(topic);
}
std::vector<std::string> GossipSub::get_mesh_peers(const std::string& topic) const {
  return client_.get_topic_mesh_peers(topic);
}
nlohmann::json GossipSub::get_statistics() const {
  return client_.get_gossipsub_statistics();
}

double GossipSub::get_peer_score(const std::string& peer_id) const {
  const auto all = get_peer_scores();
  const auto found = all.find(peer_id);
  return found != all.end() ? found->second : 0;
}

std::map<std::string, double> GossipSub::get_peer_scores() const {
  std::map<std::string, double> out;
  if (const auto status = client_.impl_->ask_client<actors::gossip_status>(actors::get_gossip_status{}))
    for (const auto& [id, score] : status->scores)
      out[id.to_string()] = score;
  return out;
}

void GossipSub::set_application_score(const std::string& peer_id, double score) {
  const auto id = librats::peer_id::parse(peer_id);
  if (id && std::isfinite(score))
    client_.impl_->tell_client(actors::set_peer_score{*id, score});
}

nlohmann::json GossipSub::get_cache_statistics() const {
  std::size_t cached = 0;
  std::size_t waiting = 0;
  auto topics = nlohmann::json::object();
  if (const auto status = client_.impl_->ask_client<actors::gossip_status>(actors::get_gossip_status{}))
    for (const auto& one : status->topics) {
      cached += one.cached;
      waiting += one.waiting;
      topics[key_of(one.topic)] = {{"cached_messages", one.cached}, {"waiting_messages", one.waiting}};
    }
  return {{"cached_messages", cached}, {"waiting_messages", waiting}, {"topics", std::move(topics)}};
}

} // namespace librats
