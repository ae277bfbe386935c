// SPDX-License-Identifier: MIT
#include "apps/rats-sim/sim_options.hpp"

#include "apps/support/command_line.hpp"
#include "apps/support/numbers.hpp"
#include "runtime/config/config_value.hpp"
#include "runtime/log/escape.hpp"
#include "runtime/log/log.hpp"
#include "runtime/log/log_setup.hpp"

#include <boost/program_options.hpp>

#include <sstream>

namespace librats::apps {

namespace po = boost::program_options;
using runtime::concat;
using runtime::escaped;

namespace {

using texts = std::vector<std::string>;

constexpr std::size_t jobs_max = 1024;

po::options_description declare() {
  const auto text = [](const char* name) { return po::value<std::string>()->value_name(name); };
  po::options_description out{"Options", 100};
  out.add_options()                                                               //
    ("config", text("FILE"), "the scenario, an INI file")                         //
    ("seed", text("N"), "decides every random choice, instead of the scenario's") //
    ("set", po::value<texts>()->composing()->value_name("KEY=VALUE"),
      "another value for section.key or kind.name.key, as group.all.count=5; may be repeated")                  //
    ("report", text("FILE"), "write all figures as JSON")                                                       //
    ("html", text("FILE"), "write a page that shows the run: figures and topology at any time, in a browser")   //
    ("trace", text("FILE"), "write a line for each event of the network")                                       //
    ("until", text("TIME"), "stop at this virtual time, as 90s, and judge only what holds all along")           //
    ("log-node", text("NODE"), "show what happens to one node, group/number or a number over all groups")       //
    ("log", text("LEVEL"), "show what the nodes log, with the virtual time: trace, debug, info, warn or error") //
    ("seeds", text("A..B"), "run every seed from A to B, each in a process of its own")                         //
    ("jobs", text("N"), "how many of them at once, 1 by default")                                               //
    ("shrink", text("FILE"),
      "look for a smaller scenario that fails in the same way, by at most 200 runs, and write it")       //
    ("workers", text("HOST:PORT,..."), "have the seeds run by these workers, on this machine or others") //
    ("worker", po::bool_switch(),
      "run seeds for others until a signal comes, so many at once as --jobs says; whoever "
      "reaches its port can make it simulate anything, so let only those who trust each other do so") //
    ("port", text("N"), "where a worker listens; without it the system picks one, which is printed")  //
    ("listen", text("ADDRESS"), "at which address of this machine, 127.0.0.1 by default")             //
    ("check", po::bool_switch(), "look for mistakes in the scenario, and do not run it")              //
    ("quiet", po::bool_switch(), "no progress and no table, only what is broken and the event hash")  //
    ("help,h", "this text and every key of a scenario")                                               //
    ("version", "the version");
  return out;
}

std::optional<std::uint64_t> parse_number(std::string_view text) {
  return parse_whole_number(text, INT64_MAX);
}

std::string not_accepted(const char* option, const std::string& text, const char* accepted) {
  return concat(option, ": \"", escaped(text, 80), "\" is not accepted; accepted: ", accepted);
}

std::string read_seeds(const std::string& text, sim_options_given& out) {
  const auto dots = text.find("..");
  const auto first = parse_number(std::string_view{text}.substr(0, dots));
  const auto last = dots == std::string::npos ? first : parse_number(std::string_view{text}.substr(dots + 2));
  if (!first || !last || *first > *last)
    return not_accepted("--seeds", text, "two whole numbers, as 1..100, the smaller one first");
  out.seeds = {*first, *last};
  return {};
}

std::string read_workers(const std::string& text, sim_options_given& out) {
  std::istringstream in{text};
  for (std::string one; std::getline(in, one, ',');) {
    const auto address = parse_worker_address(one);
    if (!address)
      return not_accepted("--workers", one, "host:port, as 192.168.1.7:5000, several with commas between them");
    out.workers.push_back(*address);
  }
  return out.workers.empty() ? not_accepted("--workers", text, "at least one host:port") : std::string{};
}

std::string read_jobs(const po::variables_map& given, sim_options_given& out) {
  if (given.count("jobs") == 0)
    return {};
  const auto& text = given["jobs"].as<std::string>();
  const auto jobs = parse_whole_number(text, jobs_max);
  if (!jobs || *jobs == 0)
    return not_accepted("--jobs", text, "a whole number from 1 to 1024");
  out.jobs = static_cast<std::size_t>(*jobs);
  return {};
}

/// All that a worker needs to be told; the rest comes with its work.
std::string read_worker(const po::variables_map& given, sim_options_given& out) {
  for (const auto& [name, value] : given)
    if (!value.defaulted() && name != "worker" && name != "port" && name != "listen" && name != "jobs")
      return concat("--worker does not go with --", name, "; the work of a worker comes from others");
  if (given.count("port") != 0) {
    const auto& text = given["port"].as<std::string>();
    const auto port = parse_port(text);
    if (!port)
      return not_accepted("--port", text, "a whole number from 0 to 65535");
    out.port = *port;
  }
  if (given.count("listen") != 0)
    out.listen = given["listen"].as<std::string>();
  return {};
}

std::string read(const po::variables_map& given, sim_options_given& out) {
  const auto text = [&](const char* name, std::string& to) {
    if (given.count(name) != 0)
      to = given[name].as<std::string>();
    return given.count(name) != 0;
  };
  std::string one;
  if (auto mistake = read_jobs(given, out); !mistake.empty())
    return mistake;
  out.worker = given["worker"].as<bool>();
  if (out.worker)
    return read_worker(given, out);
  if (given.count("port") + given.count("listen") != 0)
    return "--port and --listen go with --worker alone";
  if (!text("config", out.config) || out.config.empty())
    return "there is no scenario; name one with --config FILE (config/scenarios has some)";
  if (text("seed", one) && !(out.seed = parse_number(one)))
    return not_accepted("--seed", one, "a whole number from 0 to 9223372036854775807");
  if (text("seeds", one))
    if (auto mistake = read_seeds(one, out); !mistake.empty())
      return mistake;
  if (given.count("jobs") != 0 && !out.seeds)
    return "--jobs goes with --seeds and --worker alone: one seed runs in one thread";
  if (text("workers", one)) {
    if (auto mistake = read_workers(one, out); !mistake.empty())
      return mistake;
    if (!out.seeds || given.count("jobs") != 0)
      return "--workers goes with --seeds, and without --jobs: each worker was told how many it runs at once";
  }
  if (text("until", one)) {
    const runtime::config_rule rule{runtime::config_kind::span, 1, INT64_MAX, {}};
    const auto parsed = runtime::parse_value(rule, one);
    if (!parsed.problem.empty())
      return not_accepted("--until", one, "a time, as 1500ms, 90s or 5min");
    out.until = std::get<duration>(parsed.value);
  }
  if (given.count("set") != 0)
    out.settings = given["set"].as<texts>();
  text("report", out.report);
  text("html", out.html);
  text("shrink", out.shrink);
  text("trace", out.trace);
  text("log-node", out.followed);
  if (text("log", out.log_level) && !runtime::parse_log_level(out.log_level))
    return not_accepted("--log", out.log_level, "trace, debug, info, warn or error");
  out.check = given["check"].as<bool>();
  out.quiet = given["quiet"].as<bool>();
  const bool single =
    out.seed || !out.html.empty() || !out.trace.empty() || !out.followed.empty() || !out.log_level.empty() || out.until;
  const bool shows = !out.trace.empty() || !out.followed.empty() || !out.log_level.empty() || out.until
    || !out.html.empty() || !out.report.empty() || out.seeds;
  if (!out.shrink.empty() && shows)
    return "--shrink goes with none of --seeds, --report, --html, --trace, --until, --log and --log-node: replay what "
           "it "
           "writes with them";
  if (out.seeds && single)
    return "--seeds goes with none of --seed, --html, --trace, --until, --log and --log-node, which are about one run";
  return {};
}

} // namespace

sim_options_given parse_sim_options(const std::vector<std::string>& arguments) {
  sim_options_given out;
  const auto line = read_command_line(declare(), arguments, false);
  out.mistake = line.mistake;
  out.help = line.given.count("help") != 0;
  out.version = line.given.count("version") != 0;
  if (out.mistake.empty() && !out.help && !out.version)
    out.mistake = read(line.given, out);
  return out;
}

std::string sim_usage() {
  std::ostringstream out;
  out << "rats-sim: a network in one process, on virtual time, the same again for the same seed\n\n"
         "Usage: rats-sim --config SCENARIO.ini [OPTION]...\n"
         "       rats-sim --worker [--port N] [--listen ADDRESS] [--jobs N]\n\n"
      << declare()
      << "\nExit codes: 0 all that was expected held, 1 something did not or the run was interrupted, 2 a mistake in "
         "the\n"
         "scenario or on the command line.\n";
  return out.str();
}

std::string shell_command(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) {
    const bool plain = !word.empty()
      && word.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./=:,%+@")
        == std::string::npos;
    out += out.empty() ? "" : " ";
    if (plain) {
      out += word;
      continue;
    }
    out += '\'';
    for (const char c : word)
      out += c == '\'' ? std::string{"'\\''"} : std::string(1, c);
    out += '\'';
  }
  return out;
}

std::vector<std::string> replay_arguments(const sim_options_given& given, std::uint64_t seed) {
  std::vector<std::string> out{"--config", given.config, "--seed", std::to_string(seed)};
  for (const auto& one : given.settings) {
    out.emplace_back("--set");
    out.push_back(one);
  }
  return out;
}

} // namespace librats::apps
