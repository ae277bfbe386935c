// SPDX-License-Identifier: MIT
#include "apps/rats-client/command.hpp"

#include "apps/ratsd/status_text.hpp"
#include "runtime/config/edit_distance.hpp"
#include "runtime/log/escape.hpp"

#include <algorithm>
#include <cctype>

namespace librats::apps {

namespace {

using a = argument_kind;

constexpr std::string_view blanks = " \t";

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

/// Takes the first word off the text.
std::string_view take_word(std::string_view& text) {
  const auto end = std::min(text.find_first_of(blanks), text.size());
  const auto word = text.substr(0, end);
  text = trimmed(text.substr(end));
  return word;
}

bool takes_rest(argument_kind x) { return x == a::text || x == a::json; }

std::string quoted(std::string_view text) { return "\"" + runtime::escaped(text, 80) + "\""; }

std::string unknown(std::string_view name) {
  const command_info* best = nullptr;
  auto best_distance = static_cast<std::size_t>(-1);
  for (const auto& one : all_commands()) {
    const auto distance = runtime::edit_distance(name, one.name.substr(1));
    if (distance < best_distance) {
      best_distance = distance;
      best = &one;
    }
  }
  auto out = "there is no command " + quoted("/" + std::string{name});
  if (best != nullptr && runtime::is_slip(best_distance, name))
    return out + "; did you mean " + std::string{best->name} + "?";
  return out + "; /help lists all";
}

std::string usage_of(const command_info& x) {
  return std::string{x.name} + (x.usage.empty() ? "" : " ") + std::string{x.usage};
}

} // namespace

const std::vector<command_info>& all_commands() {
  using k = command_kind;
  static const std::vector<command_info> out = {
    {k::help, "/help", "[COMMAND]", "explain all commands, or one", {a::command}, 0},
    {k::peers, "/peers", "", "list the connected peers", {}, 0},
    {k::connect, "/connect", "HOST PORT", "connect to a peer", {a::host, a::port}, 2},
    {k::disconnect, "/disconnect", "ID", "close the link to a peer", {a::peer}, 1},
    {k::message, "/msg", "ID TEXT", "send a line of chat to one peer", {a::peer, a::text}, 2},
    {k::send, "/send", "ID TYPE JSON", "send a typed message to one peer", {a::peer, a::type, a::json}, 3},
    {k::broadcast, "/broadcast", "TYPE JSON", "send a typed message to all peers", {a::type, a::json}, 2},
    {k::on, "/on", "TYPE", "show typed messages of this type from now on", {a::type}, 1},
    {k::off, "/off", "TYPE", "stop showing them", {a::type}, 1},
    {k::channel, "/channel", "NAME [TEXT]", "show what arrives on an App channel, and send text on it to all peers",
      {a::channel, a::text}, 1},
    {k::join, "/join", "TOPIC", "join a topic and make it the room that plain text goes to", {a::topic}, 1},
    {k::leave, "/leave", "[TOPIC]", "leave a topic, or this room", {a::topic}, 0},
    {k::publish, "/publish", "TOPIC TEXT", "publish text, as it is, to a topic", {a::topic, a::text}, 2},
    {k::topics, "/topics", "", "list the topics of this node", {}, 0},
    {k::nick, "/nick", "[NAME]", "call yourself so in rooms and chat, or by your id again", {a::name}, 0},
    {k::set_value, "/set", "KEY TEXT", "put a text into the store, for all peers", {a::key, a::text}, 2},
    {k::show_value, "/show", "KEY", "show what is in the store under a key", {a::key}, 1},
    {k::remove_value, "/del", "KEY", "remove it from the store, for all peers", {a::key}, 1},
    {k::list_values, "/keys", "[PREFIX]", "list the keys in the store that begin so", {a::key}, 0},
    {k::store, "/store", "", "show how the store is", {}, 0},
    {k::import_file, "/import", "FILE", "merge a file rats_storage.dat into the store", {a::text}, 1},
    {k::export_file, "/export", "FILE", "write the store into such a file", {a::text}, 1},
    {k::give, "/give", "ID PATH", "offer a file or directory to a peer", {a::peer, a::text}, 2},
    {k::fetch, "/fetch", "ID PATH [TO]", "ask a peer for a file, or for a directory when PATH ends with a slash",
      {a::peer, a::key, a::text}, 2},
    {k::take, "/take", "NUMBER [TO]", "take an offer, as that file or into that folder", {a::key, a::text}, 1},
    {k::refuse, "/refuse", "NUMBER [REASON]", "refuse an offer", {a::key, a::text}, 1},
    {k::files, "/files", "", "list what is sent and received", {}, 0},
    {k::pause, "/pause", "NUMBER", "let a transfer rest", {a::key}, 1},
    {k::resume, "/resume", "NUMBER", "let it go on", {a::key}, 1},
    {k::cancel, "/cancel", "NUMBER", "end it at both ends", {a::key}, 1},
    {k::status, "/status", "", "show this node", {}, 0},
    {k::reconnect, "/reconnect", "[on|off|clear]", "list who is dialed again, switch that, or forget who was lost",
      {a::change}, 0},
    {k::history, "/history", "", "list the addresses at which peers were met", {}, 0},
    {k::dht, "/dht", "[start [HOST:PORT]|stop]",
      "show how this node takes part in the DHT, join it (a private one, at that node), or leave it",
      {a::action, a::key}, 0},
    {k::find, "/find", "KEY", "list who announced themselves in the DHT under a key: 40 hex digits, or any other word",
      {a::key}, 1},
    {k::announce, "/announce", "KEY [PORT]", "announce this node in the DHT under a key", {a::key, a::port}, 1},
    {k::put, "/put", "TEXT", "leave a text in the DHT, and show the target to get it by", {a::text}, 1},
    {k::get, "/get", "TARGET", "show what lies in the DHT under a target", {a::key}, 1},
    {k::mdns, "/mdns", "[start [NAME]|stop]", "list the nodes on this network, look for them and be seen, or stop that",
      {a::action, a::key}, 0},
    {k::address, "/address", "[HOST:PORT]", "ask a STUN server how others see this node", {a::key}, 0},
    {k::tree, "/tree", "", "draw the actors of this node", {}, 0},
    {k::id, "/id", "", "show the id of this node", {}, 0},
    {k::log, "/log", "LEVEL", "log from this level on: trace, debug, info, warn, error or off", {a::level}, 1},
    {k::quit, "/quit", "", "leave", {}, 0},
  };
  return out;
}

const command_info* find_command(std::string_view name) {
  if (!name.empty() && name.front() == '/')
    name.remove_prefix(1);
  const auto& all = all_commands();
  const auto found = std::find_if(all.begin(), all.end(), [&](const command_info& x) {
    return std::equal(name.begin(), name.end(), x.name.begin() + 1, x.name.end(),
      [](char p, char q) { return std::tolower(static_cast<unsigned char>(p)) == q; });
  });
  return found != all.end() ? &*found : nullptr;
}

result<command, std::string> parse_command(std::string_view line) {
  line = trimmed(line);
  command out;
  if (line.empty())
    return out;
  if (line.front() != '/' || line.substr(0, 2) == "//") {
    out.kind = command_kind::chat;
    out.arguments.emplace_back(line.front() == '/' ? line.substr(1) : line);
    return out;
  }
  auto rest = line.substr(1);
  const auto name = take_word(rest);
  const auto* info = find_command(name);
  if (info == nullptr || name.empty())
    return unknown(name);
  out.kind = info->kind;
  for (const auto kind : info->arguments) {
    if (rest.empty())
      break;
    out.arguments.emplace_back(takes_rest(kind) ? std::exchange(rest, {}) : take_word(rest));
  }
  if (out.arguments.size() < info->required || !rest.empty())
    return std::string{rest.empty() ? "something is missing" : "that is too much"} + "; usage: " + usage_of(*info);
  return out;
}

std::string help_text(std::string_view name) {
  if (!name.empty()) {
    const auto* info = find_command(name);
    if (info == nullptr)
      return unknown(name.front() == '/' ? name.substr(1) : name) + "\n";
    return usage_of(*info) + ": " + std::string{info->help} + "\n";
  }
  std::vector<std::vector<std::string>> rows{
    {"TEXT", "send a line of chat to this room, or to all peers when there is none (// sends a slash)"}};
  for (const auto& one : all_commands())
    rows.push_back({usage_of(one), std::string{one.help}});
  return columns(rows) + "ID is the beginning of a peer id, as much as makes it clear. The Tab key completes.\n"
                         "In a room, \"anna?: \" is what a peer passed on and nobody has proved to be anna's.\n";
}

} // namespace librats::apps
