// SPDX-License-Identifier: MIT
#pragma once

#include "actors/discovery_messages.hpp"
#include "actors/gossip_messages.hpp"
#include "actors/node_messages.hpp"
#include "actors/storage_messages.hpp"
#include "actors/transfer_messages.hpp"
#include "apps/rats-client/command.hpp"
#include "apps/rats-client/room_text.hpp"
#include "apps/rats-client/screen.hpp"
#include "protocols/wire/frame.hpp"
#include "runtime/caf/pooled_actor.hpp"

#include <caf/actor.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

LIBRATS_MESSAGE(librats::apps, line_entered)
LIBRATS_MESSAGE(librats::apps, input_ended)
LIBRATS_MESSAGE(librats::apps, flush_overdue)
LIBRATS_MESSAGE(librats::apps, publish_again)
LIBRATS_MESSAGE(librats::apps, store_overdue)

namespace librats::apps {

/// A person, or a script, entered a line.
struct line_entered {
  std::string text;
};

/// There will be no more lines: send what waits, then end.
struct input_ended {};

/// INTERNAL: some peer does not confirm.
struct flush_overdue {
  std::uint64_t flush = 0;
};

/// INTERNAL: the peers have said nothing of their store.
struct store_overdue {};

/// INTERNAL: perhaps somebody subscribes by now.
struct publish_again {
  std::string topic;
  byte_slice data;
  int tries = 0;
};

/// What a person does with a node: turns lines into messages to it and events into text.
///
/// In a script each line waits for the end of the line before: a connection, the place in a send queue, room in the
/// queues of slow peers, and for a moment who subscribes to what is published. Before a link is closed the peer
/// is pinged, and the pong proves that all before it arrived: what a closed link had queued would be lost.
class client_session final : public runtime::pooled_actor {
public:
  struct options {
    peer_id self;
    bool script = false;
    duration dial_timeout{};
    std::vector<std::string> first_commands;  ///< Run before anything else.
    std::string nick;                         ///< In rooms and chat; empty: none.
    std::string data_dir;       ///< Where the DHT keeps what it knows; empty: nowhere.
    bool store = false;         ///< The node has one: show what peers change in it.
    bool inbox = false;         ///< The node has one: offers need no answer.
  };

  client_session(caf::actor_config& config, caf::actor node, std::shared_ptr<screen> out, options o);

  [[nodiscard]] const char* kind() const noexcept override { return "client_session"; }

protected:
  void started() override;
  caf::behavior handlers() override;
  void stopped() override;

private:
  /// The node answers its own questions at once.
  static constexpr duration answer_timeout = std::chrono::seconds{10};

  // -- lines
  void enter(const std::string& line);
  void run(const command& x);
  void line_done();
  void next_line();
  void fail(const std::string& sentence);

  // -- commands that ask the node
  void connect(const std::string& host, const std::string& port);
  void disconnect(const std::string& prefix);
  void send_typed(const std::vector<peer_id>& to, const std::string& type, const std::string& json);
  void send_chat(const std::vector<peer_id>& to, const std::string& text);
  void send_frames(const std::vector<peer_id>& to, const actors::frame_batch& batch);
  void show_type(const std::string& type, bool on);
  void use_channel(const command& x);
  void reconnect(const std::string& change);
  void set_level(const std::string& name);
  /// Shows what the node says to `request`, or why it says nothing, and ends the line.
  template <class Reply, class Request, class Show>
  void show(Request request, Show text, duration patience = answer_timeout);
  void end_badly(const std::string& sentence);
  [[nodiscard]] std::vector<peer_id> everybody() const;
  void with_peer(const std::string& prefix, const std::function<void(const peer_id&)>& what);

  // -- finding peers (session_discovery.cpp)
  void use_dht(const command& x);
  void find(const std::string& key);
  void announce(const command& x);
  void put(const std::string& text);
  void get(const std::string& target);
  void use_mdns(const command& x);
  void ask_address(const command& x);
  [[nodiscard]] bool needs_dht();

  // -- topics (session_rooms.cpp)
  caf::message_handler room_handlers();
  void join_room(const std::string& topic);
  void leave_room(const command& x);
  void say(const std::string& text);
  void publish(const std::string& topic, const byte_slice& data, int tries = 0);
  void send_publication(const std::string& topic, const byte_slice& data);
  void list_topics();
  void call_me(const std::string& nick);
  void enter_room(const std::string& topic);
  void received(const actors::topic_messages& x);
  void noticed(const actors::topic_peers_changed& x);
  [[nodiscard]] std::string names_of(const std::vector<peer_id>& peers) const;

  // -- the store (session_store.cpp)
  caf::message_handler store_handlers();
  void watch_store();
  void with_store(std::function<void()> then);
  void store_ready();
  void set_value(const std::string& key, const std::string& text);
  void show_value(const std::string& key);
  void remove_value(const std::string& key);
  void list_values(const std::string& prefix);
  void show_store();
  void import_file(const std::string& path);
  void export_file(const std::string& path);
  void noticed(const actors::storage_changed& x);

  // -- files (session_files.cpp)
  caf::message_handler file_handlers();
  void watch_files();
  [[nodiscard]] std::size_t number_of(actors::transfer_number id);
  [[nodiscard]] std::optional<actors::transfer_number> transfer_of(const std::string& number);
  void give(const peer_id& to, const std::string& path);
  void fetch(const peer_id& from, const command& x);
  void begun(actors::transfer_number id);
  void settle(const actors::transfer_report& x);
  void answer(const std::string& number, bool accept, const std::string& rest);
  void steer(const std::string& number, actors::transfer_command what);
  void list_files();
  [[nodiscard]] std::string file_line(const actors::transfer_report& x);
  void offered(const actors::transfer_offered& x);
  void noticed(const actors::transfer_report& x);
  void draw_bar(const actors::transfer_report& x);

  // -- events
  void connected(const actors::peer_connected& x);
  void disconnected(const actors::peer_disconnected& x);
  void received(const actors::typed_received& x);
  void received(const actors::frames_received& x);

  // -- the end
  void leave();
  void flush(const std::vector<peer_id>& peers, std::function<void()> then);
  void confirmed(const peer_id& id);
  void end_flush();

  void offer_words() const;

  caf::actor node_;
  std::shared_ptr<screen> out_;
  options options_;
  std::map<peer_id, endpoint> peers_;
  std::set<peer_id> congested_;
  std::set<std::string> types_;
  std::map<protocols::channel_id, std::string> channels_;
  std::optional<peer_id> leaving_;         // Of a `/disconnect` that a script waits for.
  bool dht_on_ = false;
  std::set<std::string> rooms_;
  std::set<std::string> topics_;           // For completion: also those that were only published to.
  std::string room_;                       // Where plain text goes; empty: to all peers.
  std::optional<actors::topic_peers_changed> early_news_;
  nick_table names_;
  bool store_known_ = false;               // It was equal to a peer's once.
  std::function<void()> when_store_known_;
  std::vector<actors::transfer_number> transfers_;  // By the numbers that a person types, from 1.
  std::map<actors::transfer_number, std::pair<actors::transfer_phase, std::uint64_t>> told_;
  std::map<actors::transfer_number, std::string> bars_; // Of those that move, for a person.
  std::optional<actors::transfer_number> awaited_;  // By a script.
  std::size_t first_done_ = 0;             // Of the first commands.
  bool line_open_ = false;
  bool line_waits_for_room_ = false;
  bool ending_ = false;
  bool went_well_ = true;
  std::set<peer_id> unconfirmed_;
  std::function<void()> when_flushed_;  // Set while a flush runs.
  std::uint64_t last_flush_ = 0;
};

template <class Reply, class Request, class Show>
void client_session::show(Request request, Show text, duration patience) {
  ask(node_, patience, std::move(request),
    [this, text](const Reply& x) {
      out_->print(text(x));
      line_done();
    },
    [this](caf::error& why) { end_badly(runtime::describe_error(why)); });
}

} // namespace librats::apps
