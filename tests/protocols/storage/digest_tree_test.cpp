// SPDX-License-Identifier: MIT
#include "protocols/storage/digest_tree.hpp"

#include "protocols/core/small_random.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <deque>
#include <string>

using namespace librats;
using namespace librats::protocols;

namespace {

/// Keys that stay where they are.
std::deque<std::string> some_keys(int count) {
  std::deque<std::string> out;
  for (int i = 0; i < count; ++i)
    out.push_back("key " + std::to_string(i));
  return out;
}

void insert(digest_tree& tree, const std::string& key, std::uint64_t time) {
  tree.insert(key, make_range_item(key, {time, std::nullopt}));
}

} // namespace

BOOST_AUTO_TEST_SUITE(digest_tree_ranges)

BOOST_AUTO_TEST_CASE(a_digest_depends_on_the_set_alone) {
  auto keys = some_keys(2000);
  digest_tree one;
  digest_tree two;
  for (const auto& key : keys)
    insert(one, key, 5);
  small_random random{3};
  random.shuffle_front(keys, keys.size());
  const std::string extra = "extra";
  insert(two, extra, 1);
  for (const auto& key : keys) {
    insert(two, key, 4);
    if (random.below(10) == 0)
      BOOST_TEST((two.digest({}) != one.digest({}))); // Also leaves digests behind that must be forgotten.
    insert(two, key, 5);
  }
  BOOST_TEST((two.digest({}) != one.digest({})));
  two.erase(extra, storage_key_hash(extra));
  BOOST_TEST((two.digest({}) == one.digest({})));
  BOOST_TEST(one.size() == 2000u);
}

BOOST_AUTO_TEST_CASE(a_shrinking_tree_forgets_what_it_was) {
  const auto keys = some_keys(300);
  digest_tree tree;
  digest_tree few;
  for (const auto& key : keys)
    insert(tree, key, 1);
  auto before = tree.digest({});
  for (std::size_t i = 10; i < keys.size(); ++i) {
    tree.erase(keys[i], storage_key_hash(keys[i]));
    const auto after = tree.digest({});
    BOOST_TEST((after != before));
    before = after;
  }
  for (std::size_t i = 0; i < 10; ++i)
    insert(few, keys[i], 1);
  BOOST_TEST((tree.digest({}) == few.digest({})));
  for (unsigned digit = 0; digit < 16; ++digit)
    BOOST_TEST((tree.digest(hash_range{}.child(digit)) == few.digest(hash_range{}.child(digit))));
}

BOOST_AUTO_TEST_CASE(a_part_that_was_asked_for_alone_is_forgotten_too) {
  const auto keys = some_keys(3000);
  digest_tree tree;
  for (const auto& key : keys)
    insert(tree, key, 1);
  const auto part = hash_range{}.child(5).child(5);
  BOOST_TEST(!tree.is_leaf(hash_range{}.child(5)));
  const auto before = tree.digest(hash_range{}.child(5));
  const auto page = tree.keys_from(part, 0, {}, 1);
  BOOST_TEST_REQUIRE(page.size() == 1u);
  insert(tree, *std::find(keys.begin(), keys.end(), page[0].key), 2);
  BOOST_TEST((tree.digest(hash_range{}.child(5)) != before));
}

BOOST_AUTO_TEST_CASE(one_difference_shows_on_one_path_only) {
  const auto keys = some_keys(5000);
  digest_tree one;
  digest_tree two;
  for (const auto& key : keys) {
    insert(one, key, 1);
    insert(two, key, 1);
  }
  insert(two, keys[77], 2);
  const auto hash = storage_key_hash(keys[77]);
  hash_range at;
  while (!one.is_leaf(at)) {
    BOOST_TEST((one.digest(at) != two.digest(at)));
    for (unsigned digit = 0; digit < 16; ++digit)
      BOOST_TEST((one.digest(at.child(digit)) != two.digest(at.child(digit))) == at.child(digit).contains(hash));
    at = at.child(static_cast<unsigned>(hash >> (60 - 4 * at.depth) & 15));
  }
  BOOST_TEST(at.depth >= 2);
}

BOOST_AUTO_TEST_CASE(the_parts_of_a_range_share_it_without_a_gap) {
  hash_range x;
  for (int depth = 0; depth < hash_range::depth_max; ++depth) {
    BOOST_TEST(x.child(0).prefix == x.prefix);
    BOOST_TEST(x.child(15).last() == x.last());
    for (unsigned digit = 0; digit < 15; ++digit)
      BOOST_TEST(x.child(digit).last() + 1 == x.child(digit + 1).prefix);
    BOOST_TEST(x.valid());
    x = x.child(static_cast<unsigned>(depth * 7 % 16));
  }
  BOOST_TEST(x.last() == x.prefix);
  BOOST_TEST(x.valid());
  BOOST_TEST(!(hash_range{1, 0}.valid()));
  BOOST_TEST(!(hash_range{0x1800000000000000, 1}.valid()));
  BOOST_TEST(!(hash_range{0, 17}.valid()));
}

BOOST_AUTO_TEST_CASE(keys_are_walked_page_by_page) {
  const auto keys = some_keys(500);
  digest_tree tree;
  for (const auto& key : keys)
    insert(tree, key, 1);
  const auto range = hash_range{}.child(3);
  std::vector<std::string> seen;
  std::uint64_t hash = 0;
  std::string after;
  for (;;) {
    const auto page = tree.keys_from(range, hash, after, 7);
    for (const auto& x : page) {
      BOOST_TEST(range.contains(x.hash));
      seen.emplace_back(x.key);
    }
    if (page.size() < 7)
      break;
    hash = page.back().hash;
    after = std::string{page.back().key} + '\0';
  }
  const auto inside =
    std::count_if(keys.begin(), keys.end(), [&](const auto& key) { return range.contains(storage_key_hash(key)); });
  BOOST_TEST(seen.size() == static_cast<std::size_t>(inside));
  std::sort(seen.begin(), seen.end());
  BOOST_TEST((std::adjacent_find(seen.begin(), seen.end()) == seen.end()));
}

BOOST_AUTO_TEST_SUITE_END()
