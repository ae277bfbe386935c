// SPDX-License-Identifier: MIT
#include "tests/apps/librats/support/client_pair.hpp"
#include "tests/apps/librats/support/test_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace librats::test {

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// A folder with settings in it.
struct folder : test_folder {
  using test_folder::test_folder;
  [[nodiscard]] json config() const { return json::parse(read("config.json")); }
};

constexpr auto some_key = "0101010101010101010101010101010101010101010101010101010101010101";
constexpr auto other_key = "0202020202020202020202020202020202020202020202020202020202020202";

} // namespace

BOOST_AUTO_TEST_SUITE(files)

BOOST_AUTO_TEST_CASE(a_saved_configuration_comes_back) {
  const folder where{"round_trip"};
  std::string id;
  {
    RatsClient client{0, 7};
    BOOST_TEST(client.get_data_directory() == ".");
    BOOST_TEST(client.set_data_directory(where.path));
    BOOST_TEST(client.get_data_directory() == where.path);
    client.set_protocol_name("chess");
    client.set_protocol_version("3");
    client.set_encryption_enabled(false);
    id = client.get_our_peer_id();
    BOOST_TEST(client.save_configuration());
  }
  struct stat info {};
  BOOST_REQUIRE(::stat((where.path + "/config.json").c_str(), &info) == 0);
  BOOST_TEST((info.st_mode & 0777) == 0600u);
  const auto saved = where.config();
  BOOST_TEST(saved["protocol_name"] == "chess");
  BOOST_TEST(saved["peer_id"] == id);
  BOOST_TEST(saved["max_peers"] == 7);
  RatsClient client{0};
  BOOST_TEST(client.set_data_directory(where.path));
  BOOST_TEST(client.load_configuration());
  BOOST_TEST(client.get_our_peer_id() == id);
  BOOST_TEST(client.get_protocol_name() == "chess");
  BOOST_TEST(client.get_protocol_version() == "3");
  BOOST_TEST(!client.is_encryption_enabled());
  BOOST_TEST(client.get_max_peers() == 10);  // The program's own.
}

BOOST_AUTO_TEST_CASE(what_the_program_has_set_stays_set) {
  const folder where{"chosen"};
  where.write("config.json", json{{"protocol_name", "file"}, {"protocol_version", "9"}, {"encryption_enabled", false},
                               {"encryption_key", some_key}, {"mine", "kept"}}.dump());
  RatsClient client{0};
  client.set_data_directory(where.path);
  client.set_protocol_name("program");
  client.initialize_encryption();
  BOOST_TEST(client.load_configuration());
  BOOST_TEST(client.get_protocol_name() == "program");
  BOOST_TEST(client.get_protocol_version() == "9");
  BOOST_TEST(client.is_encryption_enabled());
  BOOST_TEST(client.get_encryption_key() == some_key);
  BOOST_TEST(client.save_configuration());
  BOOST_TEST(where.config()["mine"] == "kept");
  BOOST_TEST(where.config()["protocol_name"] == "program");
}

BOOST_AUTO_TEST_CASE(a_missing_configuration_is_made) {
  const folder where{"missing"};
  RatsClient client{0};
  client.set_data_directory(where.path);
  BOOST_TEST(client.load_configuration());
  BOOST_TEST(where.config()["encryption_key"] == client.get_encryption_key());
}

BOOST_AUTO_TEST_CASE(a_bad_configuration_is_refused_and_never_lost) {
  const folder where{"bad"};
  RatsClient client{0, 10, "127.0.0.1"};
  client.set_data_directory(where.path);
  const auto id = client.get_our_peer_id();
  for (const auto* text : {"", "{", "[]", "{} trailing", R"({"encryption_key": "12"})", R"({"encryption_key": 12})",
         R"({"protocol_name": 1})", R"({"encryption_enabled": "yes"})"}) {
    where.write("config.json", text);
    BOOST_TEST(!client.load_configuration());
    BOOST_TEST(client.get_our_peer_id() == id);
    BOOST_TEST(where.read("config.json") == text);
  }
  where.write("config.json", "{ broken");
  BOOST_REQUIRE(client.start());
  client.stop();
  BOOST_TEST(where.read("config.json") == "{ broken");
  BOOST_TEST(client.save_configuration());
  BOOST_TEST(where.config()["peer_id"] == id);
  BOOST_TEST(where.read("config.json.bad") == "{ broken");
}

BOOST_AUTO_TEST_CASE(an_older_peer_id_is_kept_as_the_own_name) {
  const folder where{"uuid"};
  const auto* uuid = "550e8400-e29b-41d4-a716-446655440000";
  where.write("config.json", json{{"peer_id", uuid}, {"encryption_key", some_key}}.dump());
  RatsClient client{0};
  client.set_data_directory(where.path);
  BOOST_TEST(client.load_configuration());
  BOOST_TEST(client.get_our_peer_id() == uuid);
  BOOST_TEST(client.save_configuration());
  BOOST_TEST(where.config()["peer_id"] == uuid);
  BOOST_TEST(client.set_encryption_key(other_key));
  BOOST_TEST(client.get_our_peer_id().size() == 64u);
}

BOOST_AUTO_TEST_CASE(a_stop_saves_but_not_over_the_key_of_another_client) {
  const folder where{"stop"};
  const auto run = [&](auto prepare) {
    RatsClient client{0, 10, "127.0.0.1"};
    client.set_data_directory(where.path);
    prepare(client);
    BOOST_REQUIRE(client.start());
    client.stop();
    return client.get_encryption_key();
  };
  { RatsClient never_started{0}; }
  BOOST_TEST(!where.has("config.json"));
  const auto first = run([](auto&) {});
  BOOST_TEST(where.config()["encryption_key"] == first);
  run([](auto&) {});
  BOOST_TEST(where.config()["encryption_key"] == first);
  BOOST_TEST(run([](auto& client) { client.load_configuration(); }) == first);
  run([](auto& client) { client.set_encryption_key(other_key); });  // The program wants this one.
  BOOST_TEST(where.config()["encryption_key"] == other_key);
}

BOOST_AUTO_TEST_CASE(a_data_directory_is_made_if_that_is_possible) {
  const folder where{"made"};
  where.write("file", "");
  RatsClient client{0};
  BOOST_TEST(client.set_data_directory(where.path + "/a/b"));
  BOOST_TEST(fs::is_directory(where.path + "/a/b"));
  BOOST_TEST(!client.set_data_directory(where.path + "/file"));
  BOOST_TEST(!client.set_data_directory(where.path + "/file/below"));
  BOOST_TEST(!client.set_data_directory(""));
  BOOST_TEST(client.get_data_directory() == where.path + "/a/b");
}

BOOST_FIXTURE_TEST_CASE(saved_peers_are_dialed_again, client_pair) {
  const folder where{"peers"};
  a.client.set_data_directory(where.path);
  BOOST_TEST(a.client.load_and_reconnect_peers() == 0);
  connect();
  a.client.stop();
  a.left.pop();
  b.left.pop();
  const auto saved = json::parse(where.read("peers.rats"));
  BOOST_REQUIRE(saved.size() == 1u);
  BOOST_TEST(saved[0]["ip"] == "127.0.0.1");
  BOOST_TEST(saved[0]["port"] == b.client.get_listen_port());
  BOOST_TEST(saved[0]["peer_id"] == at_a.second);
  BOOST_TEST(saved[0]["is_outgoing"] == true);
  BOOST_TEST(a.client.load_and_reconnect_peers() == 0);  // It does not run.
  BOOST_REQUIRE(a.client.start());
  BOOST_TEST(a.client.load_and_reconnect_peers() == 1);
  BOOST_TEST(a.came.pop().second == at_a.second);
  BOOST_TEST(a.client.load_and_reconnect_peers() == 0);  // It is connected.
}

BOOST_AUTO_TEST_CASE(saved_peers_that_were_not_seen_for_a_week_are_not_dialed) {
  const folder where{"old_peers"};
  RatsClient client{0, 10, "127.0.0.1"};
  client.set_data_directory(where.path);
  BOOST_REQUIRE(client.start());
  where.write("peers.rats", R"([{"ip": "127.0.0.1", "port": 9, "peer_id": "x", "last_seen": 1600000000}])");
  BOOST_TEST(client.load_and_reconnect_peers() == 0);
  where.write("peers.rats", R"([{"ip": "127.0.0.1", "port": 9, "peer_id": "x"}])");  // Nobody knows when.
  BOOST_TEST(client.load_and_reconnect_peers() == 1);
}

BOOST_FIXTURE_TEST_CASE(everybody_who_was_met_is_remembered_across_runs, client_pair) {
  const folder where{"history"};
  a.client.set_data_directory(where.path);
  BOOST_TEST(a.client.load_historical_peers());  // No file is no mistake.
  BOOST_TEST(a.client.get_historical_peers().empty());
  connect();
  const auto met = a.client.get_historical_peers();
  BOOST_REQUIRE(met.size() == 1u);
  BOOST_TEST(met[0].peer_id == at_a.second);
  BOOST_TEST(met[0].port == b.client.get_listen_port());
  BOOST_TEST(met[0].is_outgoing);
  BOOST_TEST(!met[0].is_handshake_completed());
  a.client.stop();
  const auto saved = json::parse(where.read("peers_ever.rats"));
  BOOST_REQUIRE(saved.size() == 1u);
  BOOST_TEST(saved[0]["peer_id"] == at_a.second);
  BOOST_TEST(saved[0]["last_seen"].get<std::int64_t>() > 1'700'000'000);

  RatsClient next{0, 10, "127.0.0.1"};
  next.set_data_directory(where.path);
  BOOST_TEST(next.get_historical_peers().empty());
  BOOST_TEST(next.load_historical_peers());
  BOOST_TEST(next.get_historical_peers().size() == 1u);
  next.clear_historical_peers();
  BOOST_TEST(next.get_historical_peers().empty());
  BOOST_TEST(json::parse(where.read("peers_ever.rats")).empty());
}

BOOST_AUTO_TEST_CASE(saving_the_history_keeps_whom_the_file_names) {
  const folder where{"history_merge"};
  where.write("peers_ever.rats", R"([{"ip": "10.0.0.1", "port": 9, "peer_id": "somebody", "last_seen": 7}])");
  RatsClient client{0, 10, "127.0.0.1"};
  client.set_data_directory(where.path);
  BOOST_TEST(client.save_historical_peers());
  const auto saved = json::parse(where.read("peers_ever.rats"));
  BOOST_REQUIRE(saved.size() == 1u);
  BOOST_TEST(saved[0]["peer_id"] == "somebody");
}

BOOST_AUTO_TEST_CASE(a_history_that_makes_no_sense_is_kept_aside) {
  const folder where{"bad_history"};
  where.write("peers_ever.rats", "{not a list");
  RatsClient client{0, 10, "127.0.0.1"};
  client.set_data_directory(where.path);
  BOOST_TEST(!client.load_historical_peers());
  BOOST_TEST(client.save_historical_peers());
  BOOST_TEST(where.read("peers_ever.rats.bad") == "{not a list");
  BOOST_TEST(client.load_historical_peers());
}

BOOST_AUTO_TEST_CASE(a_bad_list_of_peers_is_harmless) {
  const folder where{"bad_peers"};
  RatsClient client{0, 10, "127.0.0.1"};
  client.set_data_directory(where.path);
  BOOST_REQUIRE(client.start());
  for (const auto* text : {"", "{}", "[1, {}, null]", R"([{"ip": 1, "port": 1}])",
         R"([{"ip": "127.0.0.1", "port": 0}])",
         R"([{"ip": "127.0.0.1", "port": 99999999999}])", R"([{"ip": "", "port": 1}])"}) {
    where.write("peers.rats", text);
    BOOST_TEST(client.load_and_reconnect_peers() == 0);
  }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
