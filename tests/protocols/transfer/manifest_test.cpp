// SPDX-License-Identifier: MIT
#include "protocols/transfer/manifest.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <string>
#include <vector>

using namespace librats;
using namespace librats::protocols;

namespace {

transfer_offer directory_of(std::vector<manifest_entry> files) {
  transfer_offer out;
  out.id = 1;
  out.directory = true;
  out.name = "d";
  out.files = std::move(files);
  for (const auto& x : out.files)
    out.total += x.size;
  return out;
}

result<transfer_offer, manifest_fault> checked(const transfer_offer& x, name_rules rules = name_rules::posix) {
  const auto raw = encode_offer(x);
  BOOST_TEST_REQUIRE(raw.ok());
  const auto message = decode_transfer(*raw);
  BOOST_TEST_REQUIRE(message.ok());
  return check_offer(std::get<offer_message>(*message), rules);
}

void refused(const transfer_offer& x, const std::string& why) {
  const auto out = checked(x);
  BOOST_TEST_REQUIRE(!out.ok());
  BOOST_TEST(out.error().to_text() == why);
}

} // namespace

BOOST_AUTO_TEST_SUITE(transfer_manifest)

BOOST_AUTO_TEST_CASE(a_tree_passes_with_its_paths_made_ours) {
  const auto x = checked(directory_of({{"a", 1}, {"b\\c", 2}, {"b/d", 0}, {"e/f/g", 4}}));
  BOOST_TEST_REQUIRE(x.ok());
  BOOST_TEST(x->files[1].path == "b/c");
  BOOST_TEST(total_size(x->files) == 7u);
  BOOST_TEST(bytes_before(x->files, 0) == 0u);
  BOOST_TEST(bytes_before(x->files, 3) == 3u);
  BOOST_TEST(checked(directory_of({})).ok()); // A directory with nothing in it.
}

BOOST_AUTO_TEST_CASE(a_lone_file_is_called_by_the_offers_name) {
  transfer_offer x;
  x.name = "a.txt";
  x.files = {{"../../etc/passwd", 3}};
  x.total = 3;
  const auto out = checked(x);
  BOOST_TEST_REQUIRE(out.ok());
  BOOST_TEST(out->files[0].path == "a.txt");
  x.name = "../a.txt";
  refused(x, "entry 0: path through . or ..");
  x.name = "b/a.txt";
  refused(x, "entry 0: path instead of a name");
  x.name.clear();
  refused(x, "entry 0: empty name");
  x.name = "a.txt";
  x.files.push_back(x.files.front());
  refused(x, "offer of one file that does not have one");
}

BOOST_AUTO_TEST_CASE(a_directory_may_be_nameless) {
  auto x = directory_of({{"a", 1}});
  for (const auto* name : {"", ".", ".."}) {
    x.name = name;
    const auto out = checked(x);
    BOOST_TEST_REQUIRE(out.ok());
    BOOST_TEST(out->name.empty());
  }
  x.name = "/tmp/d";
  refused(x, "entry 0: absolute path");
}

BOOST_AUTO_TEST_CASE(paths_that_get_into_each_others_way_are_refused) {
  refused(directory_of({{"a", 1}, {"b", 1}, {"a", 1}}), "entry 2: same path twice");
  refused(directory_of({{"a/b", 1}, {"a\\b", 1}}), "entry 1: same path twice");
  refused(directory_of({{"a/B", 1}, {"a/b", 1}}), "entry 1: paths that differ only in case");
  refused(directory_of({{"A/b", 1}, {"a/c", 1}}), "entry 1: paths that differ only in case");
  refused(directory_of({{"a", 1}, {"a/b", 1}}), "entry 1: path that is both a file and a directory");
  refused(directory_of({{"a/b/c", 1}, {"a/b", 1}}), "entry 1: path that is both a file and a directory");
  BOOST_TEST(checked(directory_of({{"a/b", 1}, {"c/b", 1}, {"ab", 1}, {"a/bc", 1}})).ok());
}

BOOST_AUTO_TEST_CASE(sizes_that_lie_are_refused) {
  auto x = directory_of({{"a", 1}, {"b", 2}});
  x.total = 4;
  refused(x, "sizes that do not add up");
  refused(directory_of({{"a", manifest_bytes_max}, {"b", 1}}), "entry 1: more bytes than a disk can hold");
  refused(directory_of({{"a", ~std::uint64_t{0}}, {"b", 1}}), "entry 0: more bytes than a disk can hold");
  BOOST_TEST(checked(directory_of({{"a", manifest_bytes_max}})).ok());
}

BOOST_AUTO_TEST_CASE(one_bad_path_refuses_the_offer_and_is_named) {
  refused(directory_of({{"a", 1}, {"b/../../c", 1}}), "entry 1: path through . or ..");
  refused(directory_of({{"a", 1}, {std::string{"b\0c", 3}, 1}}), "entry 1: control character in a name");
  const auto x = directory_of({{"a", 1}, {"nul", 1}});
  BOOST_TEST(checked(x).ok());
  BOOST_TEST((checked(x, name_rules::windows).error().name == name_errc::reserved));
}

BOOST_AUTO_TEST_CASE(empty_directories_are_checked_as_files_are) {
  auto x = directory_of({{"a/b", 1}});
  auto& details = x.details.emplace();
  details.files.resize(1);
  details.directories = {"c\\d", "a", "e"};
  const auto out = checked(x);
  BOOST_TEST_REQUIRE(out.ok());
  BOOST_TEST(out->details->directories[0] == "c/d");
  details.directories = {"a/b"};
  refused(x, "entry 1: path that is both a file and a directory");
  details.directories = {"e", "E"};
  refused(x, "entry 2: paths that differ only in case");
  details.directories = {"../x"};
  refused(x, "entry 1: path through . or ..");
}

BOOST_AUTO_TEST_CASE(a_million_entries_are_refused_before_they_are_copied) {
  std::vector<manifest_entry> files(manifest_files_max);
  for (std::size_t i = 0; i < files.size(); ++i)
    files[i].path = std::to_string(i);
  BOOST_TEST(checked(directory_of(files)).ok());
  files.push_back({"x", 0});
  refused(directory_of(files), "too many files");
}

BOOST_AUTO_TEST_SUITE_END()
