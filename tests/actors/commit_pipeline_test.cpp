// SPDX-License-Identifier: MIT
#include "actors/commit_pipeline.hpp"
#include "runtime/caf/actor_core.hpp"

#include <boost/test/unit_test.hpp>

#include <string>
#include <vector>

namespace librats::actors {
namespace {

protocols::storage_record record(const std::string& text) {
  protocols::storage_record out;
  out.data = byte_slice::copy_of(text);
  return out;
}

struct fixture {
  commit_pipeline uut{2};
  std::vector<std::string> heard;

  void add(std::size_t shard, const std::string& key, const std::string& text) {
    protocols::storage_change change{key, std::nullopt, record(text), false};
    uut.add(shard, {key, record(text)}, &change,
      [this, key, text](const caf::error* why) { heard.push_back(key + "=" + text + (why ? " failed" : "")); });
  }

  void answer(std::vector<commit_pipeline::waiter> all, bool well) {
    const auto why = runtime::failure("no");
    for (auto& one : all)
      one(well ? nullptr : &why);
  }

  static std::string texts(const std::vector<protocols::storage_change>& all) {
    std::string out;
    for (const auto& one : all)
      out += one.key + "=" + std::string{one.after.data.text()} + " ";
    return out;
  }

  static std::string texts(const commit_pipeline::batch& all) {
    std::string out;
    for (const auto& one : *all)
      out += one.key + "=" + (one.record ? std::string{one.record->data.text()} : "") + " ";
    return out;
  }
};

BOOST_FIXTURE_TEST_SUITE(commit_pipelines, fixture)

BOOST_AUTO_TEST_CASE(what_comes_while_a_batch_is_on_its_way_is_the_next_batch) {
  add(0, "b", "1");
  const auto first = uut.begin(0);
  BOOST_TEST(texts(first) == "b=1 ");
  add(0, "b", "2");
  add(0, "a", "3");
  add(0, "b", "4");
  BOOST_TEST(uut.begin(0) == nullptr);
  BOOST_TEST(uut.durable() == 0u);
  BOOST_TEST(uut.uncommitted() == 3u);
  auto done = uut.committed(0);
  BOOST_TEST(texts(done.changes) == "b=1 ");
  BOOST_TEST(uut.durable() == 1u);
  answer(std::move(done.waiters), true);
  BOOST_TEST(texts(uut.begin(0)) == "a=3 b=4 ");
  done = uut.committed(0);
  BOOST_TEST(texts(done.changes) == "b=2 a=3 b=4 "); // All of them, in order.
  answer(std::move(done.waiters), true);
  BOOST_TEST(heard == (std::vector<std::string>{"b=1", "b=2", "a=3", "b=4"}), boost::test_tools::per_element());
  BOOST_TEST(uut.durable() == 4u);
  BOOST_TEST(uut.uncommitted() == 0u);
}

BOOST_AUTO_TEST_CASE(a_number_is_durable_when_no_shard_has_an_older_write_open) {
  add(0, "a", "1");
  add(1, "b", "2");
  add(0, "c", "3");
  BOOST_TEST(uut.last() == 3u);
  static_cast<void>(uut.begin(1));
  static_cast<void>(uut.committed(1));
  BOOST_TEST(uut.durable() == 0u);
  static_cast<void>(uut.begin(0));
  add(1, "d", "4");
  static_cast<void>(uut.committed(0));
  BOOST_TEST(uut.durable() == 3u);
}

BOOST_AUTO_TEST_CASE(a_batch_that_was_lost_with_its_shard_goes_first_and_unchanged) {
  add(0, "a", "1");
  const auto lost = uut.begin(0);
  add(0, "a", "2");
  uut.lost(0);
  BOOST_TEST(!uut.awaits(0, lost));
  const auto again = uut.begin(0);
  BOOST_TEST((again == lost));
  BOOST_TEST(uut.awaits(0, again));
  static_cast<void>(uut.committed(0));
  BOOST_TEST(!uut.awaits(0, again)); // A second answer about it is about nothing.
  BOOST_TEST(texts(uut.begin(0)) == "a=2 ");
}

BOOST_AUTO_TEST_CASE(what_the_disk_did_not_take_waits_and_nobody_waits_for_it) {
  add(0, "a", "1");
  add(0, "b", "1");
  static_cast<void>(uut.begin(0));
  add(0, "a", "2");
  answer(uut.failed(0, "full"), false);
  BOOST_TEST(
    heard == (std::vector<std::string>{"a=1 failed", "b=1 failed", "a=2 failed"}), boost::test_tools::per_element());
  BOOST_TEST(uut.trouble(0) == "full");
  BOOST_TEST(uut.begin(0) == nullptr); // Until the time for it.
  BOOST_TEST(uut.durable() == 0u);
  for (int i = 0; i < 1000; ++i)
    uut.add(0, {"a", record(std::to_string(i))}, nullptr, {});
  add(0, "a", "3");
  uut.retry(0);
  BOOST_TEST(texts(uut.begin(0)) == "a=3 b=1 ");
  const auto done = uut.committed(0);
  BOOST_TEST(texts(done.changes) == "a=3 b=1 "); // One for each key.
  BOOST_TEST(uut.trouble(0) == "");
  BOOST_TEST(uut.durable() == uut.last());
}

BOOST_AUTO_TEST_CASE(an_end_leaves_nobody_without_an_answer) {
  add(0, "a", "1");
  static_cast<void>(uut.begin(0));
  add(0, "b", "2");
  add(1, "c", "3");
  answer(uut.abandon(), false);
  BOOST_TEST(heard.size() == 3u);
  BOOST_TEST(uut.abandon().empty());
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace
} // namespace librats::actors
