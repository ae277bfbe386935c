// SPDX-License-Identifier: MIT
#include "apps/rats-sim/sim_options.hpp"

#include <boost/test/unit_test.hpp>

#include <initializer_list>
#include <utility>

namespace librats::apps {

namespace {

using namespace std::chrono_literals;
using words = std::vector<std::string>;

} // namespace

BOOST_AUTO_TEST_SUITE(sim_options)

BOOST_AUTO_TEST_CASE(every_option_is_understood) {
  const auto x =
    parse_sim_options({"--config", "a.ini", "--seed=7", "--set", "group.a.count=5", "--set", "scenario.duration=10s",
      "--report", "r.json", "--trace", "t.txt", "--until", "90s", "--log-node", "a/3", "--log", "debug", "--quiet"});
  BOOST_TEST(x.mistake == "");
  BOOST_TEST(x.config == "a.ini");
  BOOST_TEST(x.seed.value() == 7u);
  BOOST_TEST(x.settings == (words{"group.a.count=5", "scenario.duration=10s"}), boost::test_tools::per_element());
  BOOST_TEST((x.until == duration{90s}));
  BOOST_TEST(x.followed == "a/3");
  BOOST_TEST(x.quiet);
  const auto many = parse_sim_options({"--config", "a.ini", "--seeds", "3..20", "--jobs", "4"});
  BOOST_TEST(many.mistake == "");
  BOOST_TEST(many.seeds->first == 3u);
  BOOST_TEST(many.seeds->second == 20u);
  BOOST_TEST(many.jobs == 4u);
  const auto page = parse_sim_options({"--config", "a.ini", "--html", "p.html"});
  BOOST_TEST(page.mistake == "");
  BOOST_TEST(page.html == "p.html");
  const auto boss = parse_sim_options({"--config", "a.ini", "--seeds", "1..2", "--workers", "a:1,[::1]:2"});
  BOOST_TEST(boss.mistake == "");
  BOOST_TEST(boss.workers.size() == 2u);
  BOOST_TEST(boss.workers.back().host == "::1");
  const auto worker = parse_sim_options({"--worker", "--port", "9", "--listen", "0.0.0.0", "--jobs", "3"});
  BOOST_TEST(worker.mistake == "");
  BOOST_TEST(worker.worker);
  BOOST_TEST(worker.port == 9u);
  BOOST_TEST(worker.listen == "0.0.0.0");
  BOOST_TEST(worker.jobs == 3u);
  BOOST_TEST(parse_sim_options({"--worker"}).listen == "127.0.0.1");
}

BOOST_AUTO_TEST_CASE(every_mistake_has_a_sentence) {
  const std::initializer_list<std::pair<words, const char*>> cases{
    {{}, "--config FILE"},
    {{"--seed", "x"}, "no scenario"},
    {{"--config", "a", "--seed", "x"}, "--seed: \"x\" is not accepted"},
    {{"--config", "a", "--seed", "-1"}, "--seed"},
    {{"--config", "a", "--seeds", "5..1"}, "the smaller one first"},
    {{"--config", "a", "--seeds", "1.."}, "two whole numbers"},
    {{"--config", "a", "--jobs", "2"}, "--jobs goes with --seeds"},
    {{"--config", "a", "--seeds", "1..2", "--jobs", "0"}, "--jobs: \"0\""},
    {{"--config", "a", "--until", "soon"}, "--until: \"soon\""},
    {{"--config", "a", "--log", "loud"}, "--log: \"loud\""},
    {{"--config", "a", "--seeds", "1..2", "--trace", "t"}, "--seeds goes with none"},
    {{"--config", "a", "--seeds", "1..2", "--html", "p"}, "--seeds goes with none"},
    {{"--config", "a", "--shrink", "s", "--until", "1s"}, "--shrink goes with none"},
    {{"--config", "a", "--workers", "h:1"}, "--workers goes with --seeds"},
    {{"--config", "a", "--seeds", "1..2", "--workers", "h"}, "--workers: \"h\""},
    {{"--config", "a", "--seeds", "1..2", "--jobs", "2", "--workers", "h:1"}, "without --jobs"},
    {{"--worker", "--seed", "1"}, "--worker does not go with --seed"},
    {{"--worker", "--port", "70000"}, "--port: \"70000\""},
    {{"--config", "a", "--listen", "::"}, "go with --worker alone"},
    {{"--confg", "a"}, "--confg"},
    {{"--config", "a", "stray"}, "positional"},
  };
  for (const auto& [arguments, part] : cases) {
    const auto x = parse_sim_options(arguments);
    BOOST_TEST(x.mistake.find(part) != std::string::npos, "\"" << x.mistake << "\" lacks " << part);
  }
}

BOOST_AUTO_TEST_CASE(a_command_survives_the_shell) {
  BOOST_TEST(shell_command({"rats-sim", "--config", "a b.ini", "it's"}) == "rats-sim --config 'a b.ini' 'it'\\''s'");
  sim_options_given given;
  given.config = "x.ini";
  given.settings = {"group.a.lan=the office"};
  given.report = "r.json";
  BOOST_TEST(shell_command(replay_arguments(given, 9)) == "--config x.ini --seed 9 --set 'group.a.lan=the office'");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::apps
