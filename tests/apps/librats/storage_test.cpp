// SPDX-License-Identifier: MIT
#include "tests/apps/librats/support/client_pair.hpp"
#include "tests/apps/librats/support/test_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>

namespace librats::test {

using nlohmann::json;

namespace {

using lines = std::vector<std::string>;
using raw = std::vector<uint8_t>;

StorageConfig stored_in(const test_folder& where, const std::string& name) {
  StorageConfig out;
  out.data_directory = where.path;
  out.database_name = name;
  return out;
}

/// A client of which only the store is of interest.
struct storing_client {
  explicit storing_client(const StorageConfig& config) : client(0, 10, "127.0.0.1") {
    client.set_storage_config(config);
    BOOST_REQUIRE(client.start());
  }
  RatsClient client;
};

/// Two connected clients whose stores are equal, in memory.
struct storing_pair : client_pair {
  storing_pair() {
    StorageConfig config;
    config.persist_to_disk = false;
    for (auto* one : {&a, &b}) {
      one->client.set_storage_config(config);
      one->client.on_storage_sync_complete([this](bool ok, const std::string&) { synced.push(ok); });
    }
    b.client.on_storage_change([this](const StorageChangeEvent& x) { changes.push(x); });
    connect();
    BOOST_TEST(synced.pop());
    BOOST_TEST(synced.pop());
  }
  ~storing_pair() {
    a.client.stop();
    b.client.stop();
  }

  inbox<bool> synced;
  inbox<StorageChangeEvent> changes;
};

} // namespace

BOOST_AUTO_TEST_SUITE(storage)

BOOST_AUTO_TEST_CASE(values_come_back_with_their_types_also_after_a_restart) {
  const test_folder folder{"storage_types"};
  const auto config = stored_in(folder, "values");
  for (const bool first : {true, false}) {
    storing_client one{config};
    auto& x = one.client;
    if (first) {
      BOOST_TEST(x.storage_put("name", "Alice"));
      BOOST_TEST(x.storage_put("bytes in text", std::string("\0\xff", 2)));
      BOOST_TEST(x.storage_put("age", 25));
      BOOST_TEST(x.storage_put("least", std::numeric_limits<int64_t>::min()));
      BOOST_TEST(x.storage_put("score", -0.25));
      BOOST_TEST(x.storage_put("raw", raw{0x89, 0x50}));
      BOOST_TEST(x.storage_put_json("settings", {{"theme", "dark"}, {"notifications", true}}));
      BOOST_TEST(x.storage_put("gone", "soon"));
      BOOST_TEST(x.storage_delete("gone"));
      BOOST_TEST(!x.storage_delete("gone"));
    }
    BOOST_TEST((x.storage_get_string("name") == "Alice"));
    BOOST_TEST((x.storage_get_string("bytes in text") == std::string("\0\xff", 2)));
    BOOST_TEST((x.storage_get_int("age") == 25));
    BOOST_TEST((x.storage_get_int("least") == std::numeric_limits<int64_t>::min()));
    BOOST_TEST((x.storage_get_double("score") == -0.25));
    BOOST_TEST((x.storage_get_binary("raw") == raw{0x89, 0x50}));
    BOOST_TEST((x.storage_get_json("settings") == json{{"theme", "dark"}, {"notifications", true}}));
    BOOST_TEST(!x.storage_get_string("gone"));
    BOOST_TEST(!x.storage_has("gone"));
    BOOST_TEST(!x.storage_get_int("name")); // Of another type.
    BOOST_TEST(x.storage_size() == 7u);
    BOOST_TEST(x.storage_keys_with_prefix("s") == (lines{"score", "settings"}), boost::test_tools::per_element());
    BOOST_TEST(x.storage_keys().size() == 7u);
    const auto figures = x.get_storage_statistics();
    BOOST_TEST(figures["total_entries"] == 7);
    BOOST_TEST(figures["deleted_entries"] == 1);
    BOOST_TEST(figures["disk_usage_bytes"].get<std::size_t>() > 0u);
  }
}

BOOST_AUTO_TEST_CASE(what_cannot_be_stored_is_refused_and_changes_nothing) {
  RatsClient x{0, 10, "127.0.0.1"};
  StorageConfig config;
  config.persist_to_disk = false;
  config.max_value_size = 1000;
  x.set_storage_config(config);
  BOOST_TEST(x.get_storage_config().max_value_size == 1000u);
  BOOST_TEST(!x.storage_put("early", "the client does not run"));
  BOOST_TEST(!x.storage_has("early"));
  BOOST_TEST(x.storage_keys().empty());
  BOOST_TEST(x.get_storage_statistics()["total_entries"] == 0);
  BOOST_REQUIRE(x.start());
  BOOST_TEST(!x.storage_put("", "no key"));
  BOOST_TEST(!x.storage_put(std::string(65537, 'k'), "a key that is too long"));
  BOOST_TEST(!x.storage_put("large", std::string(1001, 'x')));
  BOOST_TEST(!x.storage_put_json("no JSON", json::binary({1})));
  BOOST_TEST(!x.storage_delete("nothing"));
  BOOST_TEST(!x.storage_request_sync());
  BOOST_TEST(!x.is_storage_synced());
  BOOST_TEST(x.storage_size() == 0u);
  BOOST_TEST(x.storage_put("exact", std::string(1000, 'x')));
}

BOOST_AUTO_TEST_CASE(no_folder_is_made_for_a_program_that_stores_nothing) {
  const test_folder folder{"storage_unused"};
  {
    RatsClient x{0, 10, "127.0.0.1"};
    BOOST_TEST(x.get_storage_config().data_directory == "./storage");
    BOOST_REQUIRE(x.start());
    BOOST_TEST(x.get_storage_statistics()["total_entries"] == 0);
    BOOST_TEST(x.get_storage_statistics()["sync_status"] == "not_started");
    x.set_storage_config(stored_in(folder, "used"));
    BOOST_TEST(x.storage_put("first", "use"));
  }
  BOOST_TEST(!std::filesystem::exists("storage"));
  BOOST_TEST(folder.has("used"));
}

BOOST_FIXTURE_TEST_CASE(what_one_writes_the_other_reads_and_is_told, storing_pair) {
  BOOST_TEST(a.client.storage_put("color", "blue"));
  const auto put = changes.pop();
  BOOST_TEST((put.operation == StorageOperation::OP_PUT));
  BOOST_TEST(put.key == "color");
  BOOST_TEST((put.type == StorageValueType::STRING));
  BOOST_TEST(put.old_data.empty());
  BOOST_TEST((put.new_data == raw{'b', 'l', 'u', 'e'}));
  BOOST_TEST(put.origin_peer_id == a.client.get_our_peer_id());
  BOOST_TEST(put.is_remote);
  BOOST_TEST((b.client.storage_get_string("color") == "blue"));
  BOOST_TEST(b.client.storage_put("color", "red"));
  const auto own = changes.pop();
  BOOST_TEST(!own.is_remote);
  BOOST_TEST((own.old_data == raw{'b', 'l', 'u', 'e'}));
  BOOST_TEST(own.timestamp_ms >= put.timestamp_ms);
  const auto entry = b.client.get_storage_manager().get_entry("color");
  BOOST_REQUIRE(entry.has_value());
  BOOST_TEST(entry->origin_peer_id == b.client.get_our_peer_id());
  BOOST_TEST(entry->timestamp_ms == own.timestamp_ms);
  BOOST_TEST(entry->checksum != 0u);
  BOOST_TEST(b.client.storage_delete("color"));
  const auto removed = changes.pop();
  BOOST_TEST((removed.operation == StorageOperation::OP_DELETE));
  BOOST_TEST((removed.old_data == raw{'r', 'e', 'd'}));
  BOOST_TEST(removed.new_data.empty());
  BOOST_TEST(a.client.is_storage_synced());
  BOOST_TEST(a.client.storage_request_sync());
  BOOST_TEST((a.client.get_storage_manager().get_sync_status() == StorageSyncStatus::COMPLETED));
}

BOOST_FIXTURE_TEST_CASE(a_callback_may_use_the_store, storing_pair) {
  inbox<bool> done;
  b.client.on_storage_change([&](const StorageChangeEvent& x) {
    if (x.is_remote)
      done.push(b.client.storage_put("copy of " + x.key, b.client.storage_get_string(x.key).value_or("none")));
  });
  BOOST_TEST(a.client.storage_put("first", "1"));
  BOOST_TEST(done.pop());
  BOOST_TEST((b.client.storage_get_string("copy of first") == "1"));
}

BOOST_AUTO_TEST_CASE(a_store_moves_by_a_file_of_the_other_edition) {
  const test_folder folder{"storage_file"};
  storing_client one{stored_in(folder, "one")};
  storing_client two{stored_in(folder, "two")};
  auto& from = one.client.get_storage_manager();
  auto& to = two.client.get_storage_manager();
  for (int i = 0; i < 10; ++i)
    BOOST_TEST(from.put("key " + std::to_string(i), i));
  for (int i = 0; i < 100; ++i) // Each is a millisecond later than the one before, at least.
    BOOST_TEST(to.put("key 3", "newer"));
  BOOST_TEST(from.remove("key 9"));
  BOOST_TEST((from.export_file(folder.of("rats_storage.dat")) == 10u));
  BOOST_TEST(folder.read("rats_storage.dat").substr(0, 4) == "RATS");
  BOOST_TEST((to.import_file(folder.of("rats_storage.dat")) == 9u));
  BOOST_TEST((to.get_string("key 3") == "newer"));
  BOOST_TEST((to.get_int("key 8") == 8));
  BOOST_TEST(!to.has("key 9"));
  BOOST_TEST(!to.import_file(folder.of("nothing.dat")).has_value());
  folder.write("rubbish.dat", "this is no store at all");
  BOOST_TEST(!to.import_file(folder.of("rubbish.dat")).has_value());
  BOOST_TEST(to.size() == 9u);
  BOOST_TEST(to.clear());
  BOOST_TEST(to.empty());
  BOOST_TEST(to.compact() == 0u);
}

BOOST_AUTO_TEST_CASE(what_was_acknowledged_is_there_after_the_client_was_stopped_and_started) {
  const test_folder folder{"storage_restart"};
  storing_client one{stored_in(folder, "restart")};
  for (int round = 0; round < 3; ++round) {
    BOOST_TEST(one.client.storage_put("round " + std::to_string(round), round));
    one.client.stop();
    BOOST_TEST(!one.client.storage_has("round 0"));
    BOOST_REQUIRE(one.client.start());
    BOOST_TEST(one.client.storage_size() == static_cast<std::size_t>(round) + 1);
  }
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
