// SPDX-License-Identifier: MIT
#include "runtime/disk/disk.hpp"

#include "runtime/sim/sim_disk.hpp"

#include <boost/test/unit_test.hpp>

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace librats::runtime {
namespace {

namespace fs = std::filesystem;

struct folder_fixture {
  folder_fixture() {
    auto pattern = (fs::temp_directory_path() / "rats-disk-XXXXXX").string();
    BOOST_REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    folder = pattern;
  }
  ~folder_fixture() {
    std::error_code ignored;
    fs::remove_all(folder, ignored);
  }

  [[nodiscard]] std::string path(const std::string& name) const { return (folder / name).string(); }
  [[nodiscard]] std::string read(const std::string& name) const {
    const auto content = files.read_file(path(name), 1'000'000);
    return content ? std::string{as_text(*content)} : "(" + content.error().message() + ")";
  }
  [[nodiscard]] static unsigned mode(const std::string& at) {
    struct stat info {};
    BOOST_REQUIRE(::stat(at.c_str(), &info) == 0);
    return info.st_mode & 0777u;
  }
  [[nodiscard]] std::size_t entries() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator{folder}, fs::directory_iterator{}));
  }

  fs::path folder;
  disk& files = system_disk();
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(system_disk_tests, folder_fixture)

BOOST_AUTO_TEST_CASE(what_was_written_is_read_back) {
  bytes content(100'000);
  for (std::size_t i = 0; i < content.size(); ++i)
    content[i] = static_cast<std::uint8_t>(i * 7);
  BOOST_TEST(!files.write_file(path("x"), content, file_access::everybody));
  const auto back = files.read_file(path("x"), content.size());
  BOOST_REQUIRE(back.ok());
  BOOST_TEST((*back == content));
  BOOST_TEST(!files.write_file(path("empty"), {}, file_access::everybody));
  BOOST_TEST(read("empty").empty());
}

BOOST_AUTO_TEST_CASE(a_file_is_replaced_as_a_whole_and_nothing_else_is_left) {
  BOOST_TEST(!files.write_file(path("x"), as_bytes("a long first version"), file_access::everybody));
  const std::string first = path("x");
  std::ifstream reader{first};  // Has the old file open: a new one takes its name.
  BOOST_TEST(!files.write_file(path("x"), as_bytes("short"), file_access::everybody));
  BOOST_TEST(read("x") == "short");
  std::string seen;
  std::getline(reader, seen);
  BOOST_TEST(seen == "a long first version");
  BOOST_TEST(entries() == 1u);
}

BOOST_AUTO_TEST_CASE(a_file_for_its_owner_is_closed_to_all_others) {
  const auto former = ::umask(0);
  BOOST_TEST(!files.write_file(path("secret"), as_bytes("s"), file_access::owner_only));
  BOOST_TEST(!files.write_file(path("public"), as_bytes("p"), file_access::everybody));
  ::umask(former);
  BOOST_TEST(mode(path("secret")) == 0600u);
  BOOST_TEST(mode(path("public")) == 0644u);
  BOOST_TEST((files.open_to_others(path("secret")) == false));
  BOOST_TEST((files.open_to_others(path("public")) == true));
  BOOST_TEST(!files.open_to_others(path("nothing")).has_value());
  BOOST_TEST(!files.restrict_to_owner(path("public")));
  BOOST_TEST(mode(path("public")) == 0600u);
  BOOST_TEST(!!files.restrict_to_owner(path("nothing")));
}

BOOST_AUTO_TEST_CASE(rewriting_a_public_file_as_a_secret_closes_it) {
  BOOST_TEST(!files.write_file(path("x"), as_bytes("p"), file_access::everybody));
  BOOST_TEST(!files.write_file(path("x"), as_bytes("s"), file_access::owner_only));
  BOOST_TEST(mode(path("x")) == 0600u);
}

BOOST_AUTO_TEST_CASE(the_leftover_of_a_crash_does_not_decide_who_may_read) {
  std::ofstream{path("x.tmp")} << "half of something";
  fs::permissions(path("x.tmp"), fs::perms::all);
  BOOST_TEST(!files.write_file(path("x"), as_bytes("s"), file_access::owner_only));
  BOOST_TEST(mode(path("x")) == 0600u);
  BOOST_TEST(read("x") == "s");
}

BOOST_AUTO_TEST_CASE(a_link_in_the_way_is_not_followed) {
  std::ofstream{path("victim")} << "precious";
  fs::create_symlink(path("victim"), path("x.tmp"));
  BOOST_TEST(!files.write_file(path("x"), as_bytes("s"), file_access::owner_only));
  BOOST_TEST(read("victim") == "precious");
  BOOST_TEST(read("x") == "s");
}

BOOST_AUTO_TEST_CASE(a_missing_file_says_so) {
  const auto found = files.read_file(path("nothing"), 10);
  BOOST_REQUIRE(!found.ok());
  BOOST_TEST((found.error() == std::errc::no_such_file_or_directory));
}

BOOST_AUTO_TEST_CASE(a_file_above_the_limit_is_not_read) {
  BOOST_TEST(!files.write_file(path("x"), bytes(1'000), file_access::everybody));
  BOOST_TEST(files.read_file(path("x"), 1'000).ok());
  const auto found = files.read_file(path("x"), 999);
  BOOST_REQUIRE(!found.ok());
  BOOST_TEST((found.error() == std::errc::file_too_large));
}

BOOST_AUTO_TEST_CASE(a_file_without_end_is_not_read_either) {
  const auto found = files.read_file("/dev/zero", 1'000'000);
  BOOST_REQUIRE(!found.ok());
  BOOST_TEST((found.error() == std::errc::file_too_large));
}

BOOST_AUTO_TEST_CASE(a_folder_is_no_file) {
  const auto found = files.read_file(folder.string(), 10);
  BOOST_REQUIRE(!found.ok());
  BOOST_TEST((found.error() == std::errc::is_a_directory));
  fs::create_directories(path("taken/inside"));
  BOOST_TEST(!!files.write_file(path("taken"), as_bytes("s"), file_access::everybody));
  BOOST_TEST(entries() == 1u);  // No temporary file stays behind.
}

BOOST_AUTO_TEST_CASE(nothing_can_be_written_below_a_file) {
  std::ofstream{path("file")} << "x";
  BOOST_TEST((files.write_file(path("file/x"), as_bytes("s"), file_access::everybody) == std::errc::not_a_directory));
  BOOST_TEST(!!files.make_folder(path("file/x")));
  BOOST_TEST((files.make_folder(path("file")) == std::errc::not_a_directory));
  BOOST_TEST(read("file") == "x");
}

BOOST_AUTO_TEST_CASE(nothing_can_be_written_into_a_missing_folder) {
  const auto why = files.write_file(path("missing/x"), as_bytes("s"), file_access::everybody);
  BOOST_TEST((why == std::errc::no_such_file_or_directory));
}

BOOST_AUTO_TEST_CASE(folders_are_made_with_those_above_them) {
  BOOST_TEST(!files.make_folder(path("a/b/c")));
  BOOST_TEST(!files.make_folder(path("a/b/c")));
  BOOST_TEST(fs::is_directory(path("a/b/c")));
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(sim_disk_tests)

BOOST_AUTO_TEST_CASE(a_simulated_disk_keeps_files_and_their_access) {
  sim_disk files;
  BOOST_TEST(!files.write_file("/x", as_bytes("one"), file_access::everybody));
  BOOST_TEST(!files.write_file("/x", as_bytes("two"), file_access::owner_only));
  BOOST_TEST(as_text(*files.read_file("/x", 3)) == "two");
  BOOST_TEST((files.read_file("/x", 2).error() == std::errc::file_too_large));
  BOOST_TEST((files.read_file("/y", 2).error() == std::errc::no_such_file_or_directory));
  BOOST_TEST((files.open_to_others("/x") == false));
  BOOST_TEST(!files.open_to_others("/y").has_value());
}

BOOST_AUTO_TEST_CASE(a_planted_file_can_be_open_to_others_until_it_is_restricted) {
  sim_disk files;
  files.plant("/x", to_bytes(as_bytes("key")), file_access::everybody);
  BOOST_TEST((files.open_to_others("/x") == true));
  BOOST_TEST(!files.restrict_to_owner("/x"));
  BOOST_TEST((files.open_to_others("/x") == false));
  BOOST_TEST(!!files.restrict_to_owner("/y"));
}

BOOST_AUTO_TEST_CASE(a_full_or_unwritable_disk_keeps_the_old_content) {
  sim_disk files;
  BOOST_TEST(!files.write_file("/x", as_bytes("old"), file_access::everybody));
  files.set_full(true);
  BOOST_TEST((files.write_file("/x", as_bytes("new"), file_access::everybody) == std::errc::no_space_on_device));
  BOOST_TEST((files.make_folder("/f") == std::errc::no_space_on_device));
  files.set_unwritable(true);
  BOOST_TEST((files.write_file("/x", as_bytes("new"), file_access::everybody) == std::errc::permission_denied));
  BOOST_TEST(as_text(*files.read_file("/x", 10)) == "old");
  files.set_full(false);
  files.set_unwritable(false);
  BOOST_TEST(!files.write_file("/x", as_bytes("new"), file_access::everybody));
  BOOST_TEST(as_text(*files.read_file("/x", 10)) == "new");
}

BOOST_AUTO_TEST_CASE(a_loss_of_power_at_any_step_leaves_the_old_file_or_the_new_one) {
  const std::string before = "the old content";
  const std::string after = "something new, and longer than that";
  // A file made, every byte, a sync, a rename, a sync of the folder; and the power that holds.
  const auto steps_in_all = 1 + after.size() + 1 + 1 + 1;
  int old_ones = 0;
  int new_ones = 0;
  for (std::size_t steps = 0; steps <= steps_in_all; ++steps)
    for (const bool renames_survive : {false, true})
      for (const bool bytes_survive : {false, true}) {
        sim_disk files;
        BOOST_TEST(!files.write_file("/x", as_bytes(before), file_access::owner_only));
        files.lose_power_after(steps);
        const auto error = files.write_file("/x", as_bytes(after), file_access::owner_only);
        BOOST_TEST(files.has_power() == false);
        BOOST_TEST((files.read_file("/x", 100).error() == std::errc::io_error));
        files.restore_power({renames_survive, bytes_survive});
        const auto found = files.read_file("/x", 100);
        BOOST_REQUIRE(found.ok());
        const std::string content{as_text(*found)};
        BOOST_TEST((content == before || content == after), steps << " steps: " << content);
        if (steps == steps_in_all)
          BOOST_TEST((!error && content == after));  // What was acknowledged is there.
        content == before ? ++old_ones : ++new_ones;
        // A leftover does not stand in the way of the next write.
        BOOST_TEST(!files.write_file("/x", as_bytes("third"), file_access::owner_only));
        BOOST_TEST((files.names() == std::set<std::string>{"/x"}));
      }
  BOOST_TEST(old_ones > 100);
  BOOST_TEST(new_ones >= 6);  // After the rename, as far as it survives, and after everything.
}

BOOST_AUTO_TEST_CASE(what_was_not_synced_may_be_lost_with_the_power) {
  for (const bool bytes_survive : {false, true}) {
    sim_disk files;
    files.lose_power_after(3);  // A file made, and two bytes in it.
    BOOST_TEST((files.write_file("/x", as_bytes("four"), file_access::owner_only) == std::errc::io_error));
    files.restore_power({true, bytes_survive});
    BOOST_TEST(as_text(*files.read_file("/x.tmp", 10)) == (bytes_survive ? "fo" : ""));
    BOOST_TEST(!files.read_file("/x", 10).ok());
  }
}

BOOST_AUTO_TEST_CASE(a_simulated_folder_is_no_file) {
  sim_disk files;
  BOOST_TEST(!files.make_folder("/f"));
  BOOST_TEST(!files.make_folder("/f"));
  BOOST_TEST((files.read_file("/f", 10).error() == std::errc::is_a_directory));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::runtime
