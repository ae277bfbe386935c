// SPDX-License-Identifier: MIT
#pragma once

#include "actors/connection_supervisor.hpp"
#include "actors/discovery_messages.hpp"
#include "actors/gossip_memory.hpp"
#include "actors/link_messages.hpp"
#include "actors/mesh_messages.hpp"
#include "actors/node_options.hpp"
#include "actors/registrations.hpp"
#include "actors/storage_messages.hpp"
#include "actors/transfer_parts.hpp"
#include "protocols/nat/observed_addresses.hpp"
#include "runtime/host/host.hpp"
#include "runtime/supervision/supervisor.hpp"

#include <caf/message_handler.hpp>
#include <caf/typed_response_promise.hpp>

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace librats::actors {

/// A node: the root supervisor of everything that belongs to it, and its public face, which understands the messages of
/// node_messages.hpp, mesh_messages.hpp, discovery_messages.hpp, gossip_messages.hpp, storage_messages.hpp,
/// transfer_messages.hpp and frames.hpp. It holds what must survive the restarts of its parts: registrations, watchers,
/// the listen port, its view of who is connected, what was published, and what transfers are under way.
///
/// Stop it with an exit message (`caf::anon_send_exit(node, caf::exit_reason::user_shutdown)`): its parts end in
/// reverse order, each within its deadline, then it ends with that reason. It is not restarted by anybody but its
/// owner.
class node final : public runtime::supervisor {
public:
  node(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, runtime::host& host, node_options options);

  [[nodiscard]] const char* kind() const noexcept override { return "node"; }

  /// Its name among the parts.
  static constexpr auto discovery_name = "discovery";

protected:
  caf::behavior handlers() override;
  void start_children() override;
  void child_started(const std::string& name, const caf::actor& child) override;
  void observed_ended(const caf::actor_addr& who) override;
  void children_stopped() override;
  void stopped() override;
  void timer_fired(std::uint32_t slot) override;

private:
  // -- parts
  [[nodiscard]] static std::string broker_name(std::size_t loop);
  [[nodiscard]] services_changed services() const;
  void start_broker(std::size_t loop);
  void start_listening();
  void listening(const endpoint& local);
  void open_udp();
  void all_open(bool udp);
  void listening_failed(const caf::error& why);
  void learn_addresses();
  caf::result<service_located> locate(const locate_service& x);
  void reconcile_peers();

  // -- the mesh (node_mesh.cpp)
  void start_mesh();
  void start_reconnector();
  caf::message_handler mesh_handlers();
  void note_unwanted(const disconnect_peer& x);
  void add_observed(local_identity& mine, const std::vector<runtime::interface_address>& interfaces);
  void note_observation(const peer_identified& x);
  void forget_observation(const peer_id& id);
  [[nodiscard]] duration dial_patience() const;

  // -- finding peers (node_discovery.cpp)
  void start_discovery();
  caf::message_handler discovery_handlers();
  template <class Message>
  void tell_discovery(const Message& news);
  template <class Reply, class Message>
  caf::result<Reply> ask_discovery(const Message& request, bool start);

  // -- publish and subscribe (node_gossip.cpp)
  void start_gossip();
  caf::message_handler gossip_handlers();
  template <class Reply, class Message>
  caf::result<Reply> ask_gossip(const Message& request);
  caf::result<joined_topic> join(const join_topic& x);
  void forget_in_gossip(const caf::actor_addr& who);
  void deliver(const topic_deliveries& x);
  void note_subscription(const peer_topic_changed& x);
  void tell_topic_watchers(const std::string& topic, const peer_id& peer, bool joined);
  void forget_peer_in_gossip(const peer_id& peer);
  void introduce(const peers_introduced& x);

  // -- the replicated store (node_storage.cpp)
  void start_storage();
  caf::message_handler storage_handlers();
  template <class Reply, class Message>
  caf::result<Reply> ask_storage(const Message& request);
  void forget_in_storage(const caf::actor_addr& who);
  void tell_storage_watchers(const storage_changed& x);

  // -- files and directories (node_transfers.cpp)
  void start_transfers();
  caf::message_handler transfer_handlers();
  template <class Reply, class Message>
  caf::result<Reply> ask_transfers(const Message& request);
  void change_transfer_audience(const caf::actor& newcomer);
  void forget_in_transfers(const caf::actor_addr& who);

  // -- registrations
  caf::result<channel_registered> add_channel(const register_channel& x);
  void observe(const caf::actor& receiver);
  void publish_routes();
  void publish_typed();

  // -- peers and events
  void admitted(const link_admitted& x);
  void disconnected(const peer_disconnected& x);
  void identified(const peer_identified& x);
  void add_watcher(const caf::actor& watcher);
  template <class Event>
  void publish(const Event& event);
  void send_to_peer(const send_frames& x);
  caf::result<send_report> offer_to_peer(const offer_frames& x);
  void send_to_all(const broadcast_frames& x);
  caf::result<typed_response> ask_peer(const request_typed& x);
  caf::result<node_status> status();

  runtime::host& host_;
  node_options options_;
  peer_id id_;
  time_point started_at_{};
  bool first_start_done_ = false;  ///< All parts have been started once; from now on a start is a restart.
  std::uint32_t supervisor_incarnation_ = 0;
  std::optional<endpoint> listening_;
  bool udp_open_ = false;
  bool all_open_ = false;  ///< All ports that could be opened are open.
  std::optional<caf::error> listen_failure_;
  std::vector<caf::typed_response_promise<listening_on>> listen_waiters_;
  local_identity_ptr identity_;
  protocols::observed_addresses observed_;
  registrations registrations_;
  gossip_memory gossip_;
  std::vector<watch_storage> storage_watchers_;
  transfer_audience transfer_audience_;
  transfer_memory transfer_memory_;
  std::set<caf::actor_id> observed_actors_;
  routes table_;
  std::vector<caf::actor> watchers_;
  std::map<peer_id, peer_connected> peers_;
};

/// Starts a node on the first loop of `host`, which must outlive it.
caf::actor spawn_node(runtime::host& host, node_options options);

} // namespace librats::actors
