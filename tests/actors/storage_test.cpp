// SPDX-License-Identifier: MIT
#include "tests/actors/storage_nodes.hpp"

namespace librats::test {

using lines = std::vector<std::string>;

BOOST_FIXTURE_TEST_SUITE(storage_basics, storage_nodes)

BOOST_AUTO_TEST_CASE(what_is_put_is_there_and_on_disk) {
  auto& a = add_store();
  BOOST_TEST(put(a, "fruit/apple", "red") == "");
  BOOST_TEST(put(a, "fruit/pear", "green") == "");
  BOOST_TEST(put(a, "wood", "brown") == "");
  BOOST_TEST(put(a, "fruit/apple", "yellow") == "");
  BOOST_TEST(remove(a, "wood") == "");
  BOOST_TEST(remove(a, "wood") == "nothing there");
  BOOST_TEST(get(a, "fruit/apple") == "yellow");
  BOOST_TEST(get(a, "wood") == "-");
  BOOST_TEST(keys(a) == (lines{"fruit/apple", "fruit/pear"}), boost::test_tools::per_element());
  const auto rows = on_disk(a.host);
  BOOST_TEST_REQUIRE(rows.size() == 3u);
  BOOST_TEST(entry_of(rows.at("fruit/apple")).record.data.text() == "yellow");
  BOOST_TEST(entry_of(rows.at("wood")).record.deleted);
  BOOST_TEST(a.heard->stored
      == (lines{"here fruit/apple: red", "here fruit/pear: green", "here wood: brown", "here fruit/apple: yellow",
        "here wood: removed"}),
    boost::test_tools::per_element());
  const auto x = storage(a);
  BOOST_TEST((x.phase == actors::storage_phase::running));
  BOOST_TEST(x.store.entries == 2u);
  BOOST_TEST(x.store.tombstones == 1u);
  BOOST_TEST(x.committed == 5u);
  BOOST_TEST(x.uncommitted == 0u);
  BOOST_TEST(x.shards == 4u);
  BOOST_TEST(x.disk_bytes > 0u);
}

BOOST_AUTO_TEST_CASE(lists_come_in_pages) {
  auto& a = add_store();
  for (const auto* key : {"a", "b1", "b2", "b3", "c"})
    BOOST_TEST(put(a, key, "x") == "");
  const auto first = ask<actors::key_list>(a, actors::list_keys{"b", {}, 2}).value.value();
  BOOST_TEST(first.keys == (lines{"b1", "b2"}), boost::test_tools::per_element());
  BOOST_TEST(first.more);
  const auto rest = ask<actors::key_list>(a, actors::list_keys{"b", "b2", 2}).value.value();
  BOOST_TEST(rest.keys == lines{"b3"}, boost::test_tools::per_element());
  BOOST_TEST(!rest.more);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_written_is_refused_with_a_sentence) {
  auto& a = add_store([](actors::node_options& x) {
    x.storage.replica.store.value_max = 1000;
    x.storage.replica.store.entries_max = 2;
  });
  BOOST_TEST(put(a, "", "x") == "cannot put: a key has 1 to 65536 bytes");
  BOOST_TEST(put(a, std::string(65'537, 'k'), "x") == "cannot put: a key has 1 to 65536 bytes");
  BOOST_TEST(put(a, "k", std::string(1001, 'v'))
    == "cannot put: the value is too large: at most 1000 bytes, and 8387558 with its key");
  BOOST_TEST(put(a, "k", std::string(1000, 'v')) == "");
  BOOST_TEST(put(a, "l", "v") == "");
  BOOST_TEST(put(a, "m", "v") == "cannot put: the store is full: it may hold 2 keys and 1073741824 bytes");
  BOOST_TEST(put(a, "l", "w") == "");
  auto& off = add();
  BOOST_TEST(put(off, "k", "v") == "storage is switched off");
  BOOST_TEST((storage(off).phase == actors::storage_phase::off));
}

BOOST_AUTO_TEST_CASE(a_restart_finds_everything) {
  auto& a = add_store();
  for (int i = 0; i < 100; ++i)
    BOOST_TEST(put(a, "key " + std::to_string(i), std::to_string(i)) == "");
  BOOST_TEST(remove(a, "key 7") == "");
  a.host.kill_processes();
  auto& again = start_store(a.host, 0);
  BOOST_TEST(get(again, "key 99") == "99"); // It waits until all is loaded.
  BOOST_TEST(get(again, "key 7") == "-");
  BOOST_TEST(keys(again).size() == 99u);
  BOOST_TEST(again.heard->stored.empty());
  stop(again);
  auto& third = start_store(a.host, 0);
  BOOST_TEST(keys(third).size() == 99u);
}

BOOST_AUTO_TEST_CASE(many_puts_share_a_commit) {
  auto& a = add_store();
  BOOST_TEST(ready(a) == "");
  std::vector<answer_ptr<actors::value_put>> all;
  for (int i = 0; i < 1000; ++i)
    all.push_back(put_later(a, "key " + std::to_string(i), "x"));
  for (const auto& one : all)
    BOOST_TEST(await(one));
  const auto x = storage(a);
  BOOST_TEST(x.committed == 1000u);
  BOOST_TEST(x.commits < 100u);
}

BOOST_AUTO_TEST_CASE(a_store_without_a_folder_is_in_memory) {
  auto& a = add_store([](actors::node_options& x) { x.storage.directory.clear(); });
  auto& b = add_store();
  BOOST_TEST(connect(a, b) == "");
  BOOST_TEST(put(a, "k", "v") == "");
  BOOST_TEST(get(a, "k") == "v");
  run(1s);
  BOOST_TEST(get(b, "k") == "v");
  BOOST_TEST(a.heard->stored == lines{"here k: v"}, boost::test_tools::per_element());
  BOOST_TEST(a.host.databases().names().empty());
}

BOOST_AUTO_TEST_CASE(a_watcher_hears_of_its_prefix_until_it_ends) {
  auto& a = add_store();
  const auto [watcher, heard] = add_recorder(a);
  tell(a, actors::watch_storage{watcher, "fruit/"});
  BOOST_TEST(put(a, "fruit/apple", "red") == "");
  BOOST_TEST(put(a, "wood", "brown") == "");
  BOOST_TEST(heard->stored == lines{"here fruit/apple: red"}, boost::test_tools::per_element());
  tell(a, actors::watch_storage{watcher, "wo"});
  BOOST_TEST(put(a, "wood", "black") == "");
  BOOST_TEST(put(a, "fruit/apple", "blue") == "");
  BOOST_TEST(heard->stored.size() == 2u);
  tell(a, actors::unwatch_storage{watcher});
  BOOST_TEST(put(a, "wood", "white") == "");
  BOOST_TEST(heard->stored.size() == 2u);
}

BOOST_AUTO_TEST_CASE(compaction_takes_old_tombstones_from_memory_and_disk) {
  auto& a = add_store([](actors::node_options& x) { x.storage.replica.store.tombstone_age_ms = 3'600'000; });
  BOOST_TEST(put(a, "k", "v") == "");
  BOOST_TEST(put(a, "l", "v") == "");
  BOOST_TEST(remove(a, "k") == "");
  BOOST_TEST(ask<actors::storage_compacted>(a, actors::compact_storage{}).value->forgotten == 0u);
  run(30min);
  BOOST_TEST(remove(a, "l") == "");
  BOOST_TEST(on_disk(a.host).size() == 2u);
  run(31min); // Once an hour by itself.
  BOOST_TEST(on_disk(a.host).count("k") == 1u);
  run(1h);
  BOOST_TEST(on_disk(a.host).empty());
  BOOST_TEST(put(a, "m", "v") == "");
  BOOST_TEST(remove(a, "m") == "");
  run(1s); // Its stamp is a moment ahead of the clock, to be later than what it removed.
  BOOST_TEST(ask<actors::storage_compacted>(a, actors::compact_storage{0s}).value->forgotten == 1u);
  run(1s);
  BOOST_TEST(on_disk(a.host).empty());
  a.host.kill_processes();
  BOOST_TEST(keys(start_store(a.host, 0)).empty());
}

BOOST_AUTO_TEST_CASE(a_file_of_upstream_goes_out_and_comes_in) {
  auto& a = add_store();
  for (int i = 0; i < 3000; ++i)
    put_later(a, "key " + std::to_string(i), std::to_string(i));
  BOOST_TEST(remove(a, "key 5") == "");
  const auto out = ask<actors::storage_exported>(a, actors::export_storage{"rats_storage.dat"});
  BOOST_TEST_REQUIRE(out.value.has_value());
  BOOST_TEST(out.value->entries == 3000u);
  const auto file = a.host.files().read_file("rats_storage.dat", 1 << 24);
  BOOST_TEST_REQUIRE(file.ok());
  BOOST_TEST(file->size() == out.value->bytes);

  auto& b = add_store();
  auto& c = add_store();
  BOOST_TEST(connect(b, c) == "");
  run(1s);
  BOOST_TEST(put(b, "key 1", "newer") == "");
  b.host.files().plant("theirs.dat", *file, runtime::file_access::everybody);
  const auto in = ask<actors::storage_imported>(b, actors::import_storage{"theirs.dat"});
  BOOST_TEST_REQUIRE(in.value.has_value());
  BOOST_TEST(in.value->taken == 2999u);
  BOOST_TEST(in.value->older == 1u);
  BOOST_TEST(on_disk(b.host).size() == 3000u);
  BOOST_TEST(get(b, "key 5") == "-");
  run(5s);
  BOOST_TEST(get(c, "key 2999") == "2999"); // Peers hear of it.
  BOOST_TEST((on_disk(b.host) == on_disk(c.host)));

  const auto twice = ask<actors::storage_imported>(b, actors::import_storage{"theirs.dat"});
  BOOST_TEST(twice.value->older == 3000u);
  BOOST_TEST(
    ask<actors::storage_imported>(b, actors::import_storage{"none.dat"}).error.find("cannot read none.dat: ") == 0u);
  b.host.files().plant("bad.dat", bytes{'R', 'A', 'T', 'Z', 0, 0, 0, 1, 0, 0, 0, 0}, runtime::file_access::everybody);
  BOOST_TEST(
    ask<actors::storage_imported>(b, actors::import_storage{"bad.dat"}).error.find("bad.dat is no file of a store")
    == 0u);
  b.host.files().set_full(true);
  BOOST_TEST(
    ask<actors::storage_exported>(b, actors::export_storage{"out.dat"}).error.find("cannot write out.dat: ") == 0u);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
