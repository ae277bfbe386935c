// SPDX-License-Identifier: MIT
#include "apps/rats-client/client_session.hpp"

#include "actors/mesh_messages.hpp"
#include "apps/rats-client/json_text.hpp"
#include "apps/rats-client/peer_names.hpp"
#include "apps/ratsd/status_text.hpp"
#include "apps/support/numbers.hpp"
#include "protocols/ping/ping.hpp"
#include "protocols/typed/typed_json.hpp"
#include "protocols/typed/typed_message.hpp"
#include "runtime/log/escape.hpp"
#include "runtime/log/log_setup.hpp"

#include <caf/actor_cast.hpp>
#include <nlohmann/json.hpp>

#include <utility>

namespace librats::apps {

namespace {

constexpr auto chat_type = "chat";

/// For the last bytes on a slow line. A person has less patience than a script.
constexpr auto flush_timeout = std::chrono::seconds{30};
constexpr auto flush_timeout_interactive = std::chrono::seconds{2};

/// Of one foreign message on the screen.
constexpr std::size_t shown_bytes_max = 4096;
constexpr std::size_t shown_binary_max = 32;

std::string shown(std::string_view foreign) { return runtime::escaped(foreign, shown_bytes_max); }

} // namespace

client_session::client_session(caf::actor_config& config, caf::actor node, std::shared_ptr<screen> out, options o)
  : pooled_actor(config), node_(std::move(node)), out_(std::move(out)), options_(std::move(o)) {}

void client_session::started() {
  const auto self = caf::actor_cast<caf::actor>(this);
  tell(node_, actors::watch_events{self});
  tell(node_, actors::register_messages{protocols::message_type::ping, self});  // For the pongs of the final flush.
  watch_store();
  watch_files();
  show_type(chat_type, true);
  names_.set_own(options_.self, options_.nick);
  offer_words();
  next_line();
}

void client_session::next_line() {
  if (first_done_ < options_.first_commands.size())
    enter(options_.first_commands[first_done_++]);
  else
    out_->want_line();
}

void client_session::stopped() {
  node_ = nullptr;
  out_ = nullptr;
  when_store_known_ = nullptr;
}

caf::behavior client_session::handlers() {
  return caf::message_handler{
    [this](const line_entered& x) { enter(x.text); },
    [this](const input_ended&) {
      ending_ = true;
      if (!line_open_ || !options_.script)
        leave();
    },
    [this](const flush_overdue& x) {
      if (x.flush != last_flush_ || !when_flushed_)
        return;
      for (const auto& id : unconfirmed_)
        fail(id.short_string() + " did not confirm that everything arrived");
      end_flush();
    },
    [this](const actors::peer_connected& x) { connected(x); },
    [this](const actors::peer_disconnected& x) { disconnected(x); },
    [this](const actors::typed_received& x) { received(x); },
    [this](const actors::frames_received& x) { received(x); },
    [this](const actors::peer_congested& x) { congested_.insert(x.id); },
    [this](const actors::peer_writable& x) {
      congested_.erase(x.id);
      if (line_waits_for_room_)
        line_done();
    },
    [](const actors::peer_link_changed&) {},
    [](const actors::peer_identified&) {},
    [](const actors::peer_rtt_measured&) {},
  }.or_else(room_handlers()).or_else(store_handlers()).or_else(file_handlers());
}

// -- lines -----------------------------------------------------------------------------------------------------------

void client_session::enter(const std::string& line) {
  line_open_ = true;
  const auto x = parse_command(line);
  if (!x) {
    end_badly(x.error());
    return;
  }
  run(*x);
}

void client_session::run(const command& x) {
  const auto& args = x.arguments;
  switch (x.kind) {
  case command_kind::nothing: return line_done();
  case command_kind::chat: return room_.empty() ? send_chat(everybody(), args[0]) : say(args[0]);
  case command_kind::connect: return connect(args[0], args[1]);
  case command_kind::disconnect: return disconnect(args[0]);
  case command_kind::message: return with_peer(args[0], [&](const peer_id& id) { send_chat({id}, args[1]); });
  case command_kind::send: return with_peer(args[0], [&](const peer_id& id) { send_typed({id}, args[1], args[2]); });
  case command_kind::broadcast: return send_typed(everybody(), args[0], args[1]);
  case command_kind::channel: return use_channel(x);
  case command_kind::peers:
    return show<actors::peer_list>(actors::get_peers{},
      [this](const actors::peer_list& all) { return peer_table(all, clock_now()); });
  case command_kind::status:
    return show<actors::node_status>(actors::get_status{}, [](const actors::node_status& s) { return status_text(s); });
  case command_kind::reconnect: return reconnect(args.empty() ? std::string{} : args[0]);
  case command_kind::history:
    return show<actors::address_book_report>(actors::get_address_book{},
      [](const actors::address_book_report& all) { return history_table(all); });
  case command_kind::join: return join_room(args[0]);
  case command_kind::leave: return leave_room(x);
  case command_kind::publish: return publish(args[0], byte_slice::copy_of(args[1]));
  case command_kind::topics: return list_topics();
  case command_kind::nick: return call_me(args.empty() ? std::string{} : args[0]);
  case command_kind::set_value: return with_store([this, args] { set_value(args[0], args[1]); });
  case command_kind::show_value: return with_store([this, args] { show_value(args[0]); });
  case command_kind::remove_value: return with_store([this, args] { remove_value(args[0]); });
  case command_kind::list_values:
    return with_store([this, args] { list_values(args.empty() ? std::string{} : args[0]); });
  case command_kind::store: return show_store();
  case command_kind::import_file: return import_file(args[0]);
  case command_kind::export_file: return with_store([this, args] { export_file(args[0]); });
  case command_kind::give: return with_peer(args[0], [&](const peer_id& id) { give(id, args[1]); });
  case command_kind::fetch: return with_peer(args[0], [&](const peer_id& id) { fetch(id, x); });
  case command_kind::take: return answer(args[0], true, args.size() > 1 ? args[1] : std::string{});
  case command_kind::refuse: return answer(args[0], false, args.size() > 1 ? args[1] : std::string{});
  case command_kind::files: return list_files();
  case command_kind::pause: return steer(args[0], actors::transfer_command::pause);
  case command_kind::resume: return steer(args[0], actors::transfer_command::resume);
  case command_kind::cancel: return steer(args[0], actors::transfer_command::cancel);
  case command_kind::dht: return use_dht(x);
  case command_kind::find: return find(args[0]);
  case command_kind::announce: return announce(x);
  case command_kind::put: return put(args[0]);
  case command_kind::get: return get(args[0]);
  case command_kind::mdns: return use_mdns(x);
  case command_kind::address: return ask_address(x);
  case command_kind::tree:
    return show<runtime::tree_node>(runtime::get_tree{},
      [this](const runtime::tree_node& root) { return draw_tree(root, clock_now()); });
  case command_kind::id:
    return show<actors::node_status>(actors::get_status{},
      [](const actors::node_status& s) { return s.id.to_string(); });
  case command_kind::help: out_->print(help_text(args.empty() ? "" : args[0])); break;
  case command_kind::on: show_type(args[0], true); break;
  case command_kind::off: show_type(args[0], false); break;
  case command_kind::log: set_level(args[0]); break;
  case command_kind::quit: ending_ = true; break;
  }
  line_done();
}

/// Every line ends here, once.
void client_session::line_done() {
  if (options_.script && !congested_.empty() && !ending_) {
    line_waits_for_room_ = true;
    return;
  }
  line_waits_for_room_ = false;
  line_open_ = false;
  if (ending_)
    leave();
  else
    next_line();
}

void client_session::fail(const std::string& sentence) {
  went_well_ = false;
  out_->print("error: " + sentence);
}

void client_session::end_badly(const std::string& sentence) {
  fail(sentence);
  line_done();
}

// -- commands --------------------------------------------------------------------------------------------------------

void client_session::connect(const std::string& host, const std::string& port) {
  const auto number = parse_port(port);
  if (!number || *number == 0) {
    end_badly("\"" + runtime::escaped(port, 80) + "\" is no port; accepted: a whole number from 1 to 65535");
    return;
  }
  ask(node_, options_.dial_timeout + answer_timeout, actors::connect_to{host, *number},
    [this](const actors::connected_to&) { line_done(); },
    [this, host, port](caf::error& why) {
      end_badly(runtime::escaped(host, 255) + " port " + port + ": " + runtime::describe_error(why));
    });
}

void client_session::disconnect(const std::string& prefix) {
  with_peer(prefix, [this](const peer_id& id) {
    flush({id}, [this, id] {
      if (peers_.count(id) == 0)
        return line_done();
      tell(node_, actors::disconnect_peer{id});
      leaving_ = id;
    });
  });
}

void client_session::with_peer(const std::string& prefix, const std::function<void(const peer_id&)>& what) {
  const auto id = find_peer(prefix, everybody());
  if (id)
    return what(*id);
  end_badly(id.error());
}

void client_session::send_chat(const std::vector<peer_id>& to, const std::string& text) {
  const auto payload = protocols::encode_typed(chat_type, chat_json(options_.nick, text));
  send_frames(to, actors::make_batch(protocols::message_type::typed, byte_slice{*payload}));
}

void client_session::send_typed(const std::vector<peer_id>& to, const std::string& type, const std::string& json) {
  nlohmann::ordered_json value;
  std::string mistake;
  if (!parse_typed_in(json, value, mistake)) {
    end_badly(mistake);
    return;
  }
  const auto payload = protocols::encode_typed_json(type, value);
  if (!payload) {
    end_badly(std::string{"cannot be sent: "} + to_string(payload.error()));
    return;
  }
  send_frames(to, actors::make_batch(protocols::message_type::typed, byte_slice{*payload}));
}

/// Offers to each, so that a script can wait for all of them.
void client_session::send_frames(const std::vector<peer_id>& to, const actors::frame_batch& batch) {
  if (to.empty()) {
    end_badly("nobody is connected; see /help connect");
    return;
  }
  const auto open = std::make_shared<std::size_t>(to.size());
  for (const auto& id : to)
    ask(node_, answer_timeout, actors::offer_frames{id, batch},
      [this, id, open](const actors::send_report& x) {
        if (x.status == actors::send_status::not_connected)
          fail(id.short_string() + " is not connected any more");
        else if (x.status == actors::send_status::too_large)
          fail("that is too large to be sent");
        if (--*open == 0)
          line_done();
      },
      [this, id, open](caf::error& why) {
        fail("cannot send to " + id.short_string() + ": " + runtime::describe_error(why));
        if (--*open == 0)
          line_done();
      });
}

void client_session::show_type(const std::string& type, bool on) {
  const auto self = caf::actor_cast<caf::actor>(this);
  if (on && types_.insert(type).second)
    tell(node_, actors::register_typed{type, self});
  else if (!on && types_.erase(type) != 0)
    tell(node_, actors::unregister_typed{type, self});
  offer_words();
}

void client_session::use_channel(const command& x) {
  const auto& name = x.arguments[0];
  const auto id = protocols::channel_of(name);
  const auto go_on = [this, x, id] {
    if (x.arguments.size() > 1)
      send_frames(everybody(),
        actors::make_batch(protocols::message_type::app, byte_slice::copy_of(x.arguments[1]), id));
    else
      line_done();
  };
  if (const auto known = channels_.find(id); known != channels_.end() && known->second == name)
    return go_on();
  ask(node_, answer_timeout, actors::register_channel{name, caf::actor_cast<caf::actor>(this)},
    [this, name, id, go_on](const actors::channel_registered&) {
      channels_[id] = name;
      offer_words();
      go_on();
    },
    [this](caf::error& why) { end_badly(runtime::describe_error(why)); });
}

void client_session::reconnect(const std::string& change) {
  if (change == "clear") {
    tell(node_, actors::clear_reconnect_queue{});
  } else if (change == "on" || change == "off") {
    protocols::reconnect_config how;
    how.enabled = change == "on";
    tell(node_, actors::configure_reconnect{how});
  } else if (!change.empty()) {
    fail("\"" + runtime::escaped(change, 80) + "\" is no change; accepted: on, off or clear");
    return line_done();
  }
  show<actors::reconnect_status>(actors::get_reconnect_status{},
    [this](const actors::reconnect_status& all) { return reconnect_table(all, clock_now()); });
}

void client_session::set_level(const std::string& name) {
  if (const auto level = runtime::parse_log_level(name))
    runtime::set_log_level(*level);
  else
    fail("\"" + runtime::escaped(name, 80) + "\" is no level; accepted: trace, debug, info, warn, error or off");
}

std::vector<peer_id> client_session::everybody() const {
  std::vector<peer_id> out;
  for (const auto& [id, remote] : peers_)
    out.push_back(id);
  return out;
}

// -- events ----------------------------------------------------------------------------------------------------------

void client_session::connected(const actors::peer_connected& x) {
  peers_[x.id] = x.remote;
  out_->print("* " + x.id.short_string() + " is connected: " + x.remote.to_string() + ", " + direction(x.role) + ", "
              + transport_name(x.transport) + "/" + security_name(x.security));
  offer_words();
}

void client_session::disconnected(const actors::peer_disconnected& x) {
  peers_.erase(x.id);
  congested_.erase(x.id);
  out_->print("* " + x.id.short_string() + " is gone: " + shown(x.reason));
  offer_words();
  const bool awaited = leaving_ == x.id;
  if (awaited)
    leaving_.reset();
  if (awaited || line_waits_for_room_)
    line_done();
  confirmed(x.id);
}

void client_session::received(const actors::typed_received& x) {
  if (x.type == chat_type) {
    if (const auto line = read_chat(x.json_text.text()); line.is_chat) {
      out_->print(names_.note(x.from, line.nick) + ": " + line.text);
      return;
    }
  }
  out_->print(x.from.short_string() + " " + shown(x.type) + " " + shown(x.json_text.text()));
}

void client_session::received(const actors::frames_received& x) {
  for (const auto& one : x.frames) {
    if (one.header.type == protocols::message_type::ping) {
      const auto answer = protocols::decode_ping(one.payload.view());
      if (answer && answer->tag == protocols::ping_message::kind::pong && answer->token == last_flush_)
        confirmed(x.from);
      continue;
    }
    const auto name = channels_.find(one.header.channel);
    if (name == channels_.end())
      continue;
    auto line = x.from.short_string() + " #" + name->second + ": ";
    if (runtime::find_malformed_utf8(one.payload.text()) == std::string_view::npos)
      line += shown(one.payload.text());
    else
      line += std::to_string(one.payload.size()) + " bytes " + to_hex(one.payload.sub(0, shown_binary_max).view())
              + (one.payload.size() > shown_binary_max ? "..." : "");
    out_->print(std::move(line));
  }
}

// -- the end ---------------------------------------------------------------------------------------------------------

void client_session::leave() {
  flush(everybody(), [this] {
    out_->finished(went_well_ || !options_.script);  // A person saw every mistake and went on.
    quit();
  });
}

/// Runs `then` when everything that was sent to these peers has arrived, or when that takes too long.
void client_session::flush(const std::vector<peer_id>& peers, std::function<void()> then) {
  if (when_flushed_)
    end_flush();  // Only a person can be so quick.
  when_flushed_ = std::move(then);
  unconfirmed_.insert(peers.begin(), peers.end());
  const auto ping = encode(protocols::ping_message{protocols::ping_message::kind::ping, ++last_flush_});
  const auto batch = actors::make_batch(protocols::message_type::ping, byte_slice{ping});
  for (const auto& id : peers)
    tell(node_, actors::send_frames{id, batch});
  if (peers.empty())
    end_flush();
  else
    delayed_send(this, options_.script ? flush_timeout : flush_timeout_interactive, flush_overdue{last_flush_});
}

void client_session::confirmed(const peer_id& id) {
  if (unconfirmed_.erase(id) != 0 && unconfirmed_.empty())
    end_flush();
}

void client_session::end_flush() {
  unconfirmed_.clear();
  if (const auto then = std::exchange(when_flushed_, nullptr))
    then();
}

void client_session::offer_words() const {
  completion_words words;
  for (const auto& [id, remote] : peers_)
    words.peers.push_back(id.short_string());
  words.types.assign(types_.begin(), types_.end());
  for (const auto& [id, name] : channels_)
    words.channels.push_back(name);
  words.topics.assign(topics_.begin(), topics_.end());
  out_->offer(std::move(words));
}

} // namespace librats::apps
