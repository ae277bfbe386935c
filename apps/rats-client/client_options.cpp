// SPDX-License-Identifier: MIT
#include "apps/rats-client/client_options.hpp"

#include "apps/rats-client/room_text.hpp"
#include "apps/support/command_line.hpp"
#include "apps/support/numbers.hpp"
#include "runtime/log/escape.hpp"

#include <boost/program_options.hpp>

namespace librats::apps {

namespace po = boost::program_options;

namespace {

using texts = std::vector<std::string>;

po::options_description declare() {
  po::options_description out{"Options", 100};
  out.add_options()                                                                                          //
    ("connect", po::value<texts>()->multitoken()->value_name("HOST PORT"), "connect to this peer at start")  //
    ("data-dir", po::value<std::string>()->value_name("DIR"),
      "keep identity and history here; without it every start has a new peer id")                            //
    ("protocol", po::value<std::string>()->value_name("NAME"),
      "name of the application, librats/1.0 by default; both sides must have the same")                      //
    ("plaintext", po::bool_switch(), "no encryption; for tests, both sides must do the same")                //
    ("join", po::value<texts>()->composing()->value_name("TOPIC"), "join this topic at start; may be repeated") //
    ("nick", po::value<std::string>()->value_name("NAME"), "call yourself so in topics and chat")            //
    ("sign", po::bool_switch(), "sign what is published; programs that know nothing of that show 112 bytes more") //
    ("store", po::bool_switch(), "keep a store that all peers share, in DIR if there is one, else in memory") //
    ("inbox", po::value<std::string>()->value_name("DIR"), "take all files that are offered, into this folder") //
    ("share", po::value<std::string>()->value_name("DIR"), "let peers fetch what lies below this folder")     //
    ("help,h", "this text")                                                                                  //
    ("version", "the version");
  return out;
}

std::string bad_port(const std::string& text) {
  return "\"" + runtime::escaped(text, 80) + "\" is no port; accepted: a whole number from 0 to 65535";
}

/// Takes HOST PORT from the list, beginning at `first`. A sentence when they are wrong.
std::string take_peer(const texts& from, std::size_t first, client_options& into) {
  if (from.size() - first != 2)
    return "a peer to connect to is given as HOST PORT";
  const auto port = parse_port(from[first + 1]);
  if (!port || *port == 0)
    return "\"" + runtime::escaped(from[first + 1], 80) + "\" is no port of a peer; accepted: 1 to 65535";
  if (into.connect)
    return "a peer to connect to is given twice";
  into.connect = runtime::host_port{from[first], *port};
  return {};
}

std::string read(const po::variables_map& given, const texts& positional, client_options& out) {
  if (positional.empty())
    return "the port to listen on is missing (0 lets the system pick one)";
  const auto port = parse_port(positional.front());
  if (!port)
    return bad_port(positional.front());
  out.listen_port = *port;
  if (positional.size() > 1)
    if (auto mistake = take_peer(positional, 1, out); !mistake.empty())
      return mistake;
  if (given.count("connect") != 0)
    if (auto mistake = take_peer(given["connect"].as<texts>(), 0, out); !mistake.empty())
      return "--connect: " + mistake;
  if (given.count("data-dir") != 0)
    out.data_dir = given["data-dir"].as<std::string>();
  if (given.count("protocol") != 0)
    out.protocol = given["protocol"].as<std::string>();
  if (out.protocol.size() > 255)
    return "--protocol: accepted is a name of 1 to 255 bytes";
  out.plaintext = given["plaintext"].as<bool>();
  out.sign = given["sign"].as<bool>();
  out.store = given["store"].as<bool>();
  if (given.count("inbox") != 0)
    out.inbox = given["inbox"].as<std::string>();
  if (given.count("share") != 0)
    out.share = given["share"].as<std::string>();
  if (given.count("join") != 0)
    out.rooms = given["join"].as<texts>();
  for (const auto& one : out.rooms)
    if (one.empty() || one.find_first_of(" \t\r\n") != std::string::npos)
      return "--join: accepted is a name without blanks";
  if (given.count("nick") != 0)
    out.nick = given["nick"].as<std::string>();
  if (given.count("nick") != 0 && !is_nick(out.nick))
    return "--nick: " + nick_rule(out.nick);
  return {};
}

} // namespace

client_options parse_client_options(const std::vector<std::string>& arguments) {
  client_options out;
  const auto line = read_command_line(declare(), arguments, true);
  out.mistake = line.mistake;
  out.help = line.given.count("help") != 0;
  out.version = line.given.count("version") != 0;
  if (out.mistake.empty() && !out.help && !out.version)
    out.mistake = read(line.given, line.operands, out);
  return out;
}

std::string client_usage() {
  std::string out = R"(rats-client PORT [HOST PORT] [OPTION...]: talk to librats peers

Listens on PORT (0: the system picks one), connects to HOST PORT if given, and reads commands. On a
terminal there are line editing, history and completion with the Tab key; from a pipe or file, commands
run one after another, and the program ends when all has arrived at the peers.

)";
  const auto declared = declare();
  for (const auto& option : declared.options()) {
    auto left = "  " + option->canonical_display_name(po::command_line_style::allow_long);
    if (const auto value = option->format_parameter(); !value.empty())
      left += " " + value;
    left.resize(std::max<std::size_t>(left.size(), 23), ' ');
    out += left + " " + option->description() + "\n";
  }
  return out + "\n/help lists the commands.\n";
}

} // namespace librats::apps
