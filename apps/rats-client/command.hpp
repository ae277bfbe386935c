// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace librats::apps {

/// What a person can ask of the client.
enum class command_kind : std::uint8_t {
  nothing,  ///< An empty line.
  chat,     ///< Plain text for the current room, or for everybody.
  help,
  peers,
  connect,
  disconnect,
  message,
  send,
  broadcast,
  on,
  off,
  channel,
  status,
  reconnect,
  history,
  dht,
  join,
  leave,
  publish,
  topics,
  nick,
  set_value,
  show_value,
  remove_value,
  list_values,
  store,
  import_file,
  export_file,
  give,
  fetch,
  take,
  refuse,
  files,
  pause,
  resume,
  cancel,
  find,
  announce,
  put,
  get,
  mdns,
  address,
  tree,
  id,
  log,
  quit,
};

/// What an argument is, for completion.
enum class argument_kind : std::uint8_t {
  text,
  command,
  host,
  port,
  peer,
  type,
  channel,
  topic,
  name,
  level,
  json,
  change,
  action,
  key,
};

/// One command, as `/help` shows it and as lines are read.
struct command_info {
  command_kind kind = command_kind::nothing;
  std::string_view name;                 ///< With its slash.
  std::string_view usage;                ///< The arguments, in words.
  std::string_view help;                 ///< One sentence.
  std::vector<argument_kind> arguments;  ///< The last one takes the rest of the line when it is text or JSON.
  std::size_t required = 0;              ///< How many of them must be there.
};

/// All commands, in the order of `/help`.
const std::vector<command_info>& all_commands();

/// A command by its name, with or without the slash, in any case; null when there is none.
const command_info* find_command(std::string_view name);

/// A line, understood.
struct command {
  command_kind kind = command_kind::nothing;
  std::vector<std::string> arguments;
};

/// Reads a line. A line of chat that begins with `//` is sent with one slash. The error is a sentence for the person
/// who typed it.
result<command, std::string> parse_command(std::string_view line);

/// The text of `/help`, or of `/help NAME`; a sentence when there is no such command.
std::string help_text(std::string_view name = {});

} // namespace librats::apps
