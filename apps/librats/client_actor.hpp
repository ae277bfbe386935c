// SPDX-License-Identifier: MIT
#pragma once

#include "actors/discovery_messages.hpp"
#include "actors/gossip_messages.hpp"
#include "actors/mesh_messages.hpp"
#include "actors/storage_messages.hpp"
#include "actors/transfer_messages.hpp"
#include "apps/librats/client_file_messages.hpp"
#include "apps/librats/client_gossip_messages.hpp"
#include "apps/librats/client_messages.hpp"
#include "runtime/caf/pinned_actor.hpp"
#include "runtime/host/host.hpp"

#include <caf/typed_response_promise.hpp>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace librats::apps {

/// All state of one client: its settings, its node while it runs, and who is connected. Lives on the node's loop, so
/// that what the node tells it costs no change of thread, and passes everything on to the callback actor: what a
/// callback hears about is already true for whoever asks here.
class client_actor final : public runtime::pinned_actor {
public:
  /// `speaking` is given up when the client falls silent for ever.
  client_actor(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, runtime::host& host,
    client_settings settings, caf::actor callbacks, std::shared_ptr<const void> speaking);

  [[nodiscard]] const char* kind() const noexcept override { return "client_actor"; }

protected:
  caf::behavior handlers() override;
  void started() override;
  void stopped() override;
  void turn_ended() override;

private:
  enum class phase { stopped, starting, running, stopping };
  struct peer {
    std::shared_ptr<const peer_entry> entry;
    bool congested = false;
    std::vector<caf::typed_response_promise<writable_now>> waiters;
    std::vector<watch_room> watchers;
  };

  // -- view and settings
  view_lease lease();
  void invalidate();
  void change(const change_settings& x);

  // -- lifecycle
  caf::result<client_started> start();
  void subscribe();
  caf::result<client_stopped> stop(const stop_client& x);
  void node_ended(const caf::error& why);
  [[nodiscard]] caf::actor self() { return caf::actor_cast<caf::actor>(this); }

  // -- discovery (client_actor_discovery.cpp)
  caf::message_handler discovery_handlers();
  [[nodiscard]] std::string meeting_key() const {
    return discovery_key(settings_->protocol_name, settings_->protocol_version);
  }
  caf::result<actors::dht_started> start(const actors::start_dht& x);
  void find(const find_content& x);
  void announce(const actors::announce_peer& x);
  void end_search(std::uint64_t search, const std::vector<endpoint>& found);
  caf::result<actors::mdns_started> start(const actors::start_mdns& x);
  void stop_mdns();
  void notice(const protocols::mdns_found_service& x);
  [[nodiscard]] services_known services() const;
  caf::result<actors::address_discovered> discover(const actors::discover_address& x);
  void end_discovery();

  // -- topics (client_actor_gossip.cpp)
  caf::message_handler gossip_handlers();
  [[nodiscard]] bool takes_part() const noexcept { return phase_ == phase::running && gossip_on_; }
  void take_part();
  void enter(const std::string& topic);
  void abandon(const std::string& topic, std::function<void()> then);
  caf::result<subscription_changed> subscribe(const subscribe_topic& x);
  caf::result<subscription_changed> unsubscribe(const unsubscribe_topic& x);
  caf::result<settings_changed> validate(const validate_topic& x);
  gossip_switched turn(const switch_gossip& x);
  void queue(const queue_publication& x);
  caf::result<actors::published> publish(const actors::publish_to_topic& x);

  // -- files (client_actor_files.cpp)
  caf::message_handler file_handlers();
  template <class Reply, class Message>
  caf::result<Reply> ask_node(const Message& x);
  void take_files();
  caf::result<actors::transfer_list> list_transfers(const actors::get_transfers& x);
  void forget_transfers();

  // -- the store (client_actor_storage.cpp)
  caf::message_handler storage_handlers();
  template <class Reply, class Message>
  caf::result<Reply> ask_store(const Message& x);
  void open_store();

  // -- questions and room (client_actor_messaging.cpp)
  caf::message_handler messaging_handlers();
  void ask_peer(const put_question& x);
  void end_question(std::uint64_t question, byte_slice json_text, std::string error);
  void end_questions();
  caf::result<responder_added> add(const add_responder& x);
  void remove(const remove_responder& x);
  void watch(const watch_room& x);
  void tell_watchers(peer& x, bool connected);

  // -- peers
  void dial(const dial_host& x);
  void dial_ended(time_point begun, const actors::connected_to* reached, const std::string& error);
  void add_peer(const actors::peer_connected& x);
  void remove_peer(const peer_id& id);
  template <class Change>
  void update_peer(const peer_id& id, Change change);
  void note_history(const peer_entry& x);
  void measure_loss(const peer_id& id);
  void mark_writable(peer& x);
  caf::result<writable_now> wait_for_room(const await_writable& x);

  runtime::host& host_;
  std::shared_ptr<const client_settings> settings_;
  caf::actor callbacks_;
  std::shared_ptr<const void> speaking_;
  std::shared_ptr<const void> delivering_;
  std::shared_ptr<const void> valid_;  ///< Held by this actor alone: see `view_lease`.
  std::shared_ptr<const client_view> view_;
  phase phase_ = phase::stopped;
  caf::actor node_;
  std::uint16_t listening_port_ = 0;
  socket_t last_socket_ = 0;
  std::map<peer_id, peer> peers_;
  protocols::peer_history history_;
  std::map<std::uint64_t, PeersFoundCallback> searches_;
  std::uint64_t last_search_ = 0;
  std::map<std::uint64_t, ResponseCallback> questions_;
  std::uint64_t last_question_ = 0;
  std::set<std::string> responder_types_;
  bool browsing_ = false;
  /// By name and interface.
  std::map<std::pair<std::string, unsigned>, MdnsService> services_;
  std::set<ip_address> ignored_;
  bool gossip_on_ = true;
  // What the program wants, whether the client runs or not.
  std::set<std::string> topics_;
  std::set<std::string> validated_;
  std::map<std::string, std::vector<byte_slice>> queued_;  ///< Publications of this turn.
  std::set<actors::transfer_number> forgotten_transfers_;
  bool store_open_ = false;  ///< The node has been told to.
  std::optional<endpoint> public_address_;
  std::vector<caf::typed_response_promise<client_started>> start_waiters_;
  std::vector<caf::typed_response_promise<client_stopped>> stop_waiters_;
  std::shared_ptr<const client_view> last_view_;  ///< Before the stop that is under way.
};

} // namespace librats::apps
