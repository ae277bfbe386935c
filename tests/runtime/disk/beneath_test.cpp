// SPDX-License-Identifier: MIT
#include "runtime/disk/disk.hpp"

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

/// A folder `top`, and beside it a folder `outside` with a file that nobody may reach.
struct fenced {
  fenced() {
    auto pattern = (fs::temp_directory_path() / "rats-beneath-XXXXXX").string();
    BOOST_REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    top = pattern;
    root = top + "/top";
    fs::create_directories(root + "/sub");
    fs::create_directories(top + "/outside");
    write(top + "/outside/secret", "secret");
    write(root + "/plain", "plain");
    fs::create_directory_symlink(top + "/outside", root + "/way");
    fs::create_symlink(top + "/outside/secret", root + "/link");
  }
  ~fenced() {
    std::error_code ignored;
    fs::remove_all(top, ignored);
  }

  static void write(const std::string& path, const std::string& text) { std::ofstream{path} << text; }
  static std::string read(const std::string& path) {
    std::ifstream in{path};
    return {std::istreambuf_iterator<char>{in}, {}};
  }
  std::string content(const std::string& path) {
    const auto file = files.open({root, path}, open_mode::read);
    if (!file)
      return "(" + file.error().message() + ")";
    std::uint8_t buffer[100];
    const auto count = (*file)->read_at(0, buffer);
    return std::string{as_text(bytes_view{buffer, *count})};
  }

  std::string top;
  std::string root;
  disk& files = system_disk();
};

} // namespace

BOOST_AUTO_TEST_SUITE(beneath)

BOOST_FIXTURE_TEST_CASE(a_file_is_written_in_pieces_and_read_again, fenced) {
  auto file = files.open({root, "sub/new"}, open_mode::write);
  BOOST_TEST_REQUIRE(file.ok());
  BOOST_TEST(!(*file)->write_at(10, as_bytes("world")));
  BOOST_TEST(!(*file)->write_at(0, as_bytes("hello")));
  BOOST_TEST(!(*file)->resize(20));
  BOOST_TEST(!(*file)->set_attributes(1'500'000'000'000'000'000, std::uint16_t{0640}));
  BOOST_TEST(!(*file)->sync());
  const auto info = (*file)->info();
  BOOST_TEST(info->size == 20u);
  BOOST_TEST(info->modified_ns == 1'500'000'000'000'000'000);
  BOOST_TEST(info->mode == 0640);
  const auto text = read(root + "/sub/new");
  BOOST_TEST((text == std::string("hello\0\0\0\0\0world\0\0\0\0\0", 20)));
  std::uint8_t buffer[8];
  BOOST_TEST(*(*file)->read_at(16, buffer) == 4u);
  BOOST_TEST(*(*file)->read_at(99, buffer) == 0u);
  BOOST_TEST(!files.rename({root, "sub/new"}, {root, "plain"}));
  BOOST_TEST(read(root + "/plain") == text);
  BOOST_TEST(!files.sync_folder({root, "sub"}));
  BOOST_TEST(!files.sync_folder({root, {}}));
}

BOOST_FIXTURE_TEST_CASE(a_file_of_more_than_four_gib_costs_no_room_where_it_is_empty, fenced) {
  constexpr std::uint64_t far = (std::uint64_t{5} << 30) + 3;
  auto file = files.open({root, "vast"}, open_mode::write);
  BOOST_TEST_REQUIRE(file.ok());
  BOOST_TEST(!(*file)->write_at(far, as_bytes("end")));
  BOOST_TEST((*file)->info()->size == far + 3);
  std::uint8_t buffer[3];
  BOOST_TEST(*(*file)->read_at(far, buffer) == 3u);
  BOOST_TEST(std::string(as_text(bytes_view{buffer, 3})) == "end");
  struct stat real {};
  BOOST_TEST(::stat((root + "/vast").c_str(), &real) == 0);
  BOOST_TEST(real.st_blocks < 2048);
}

BOOST_FIXTURE_TEST_CASE(no_link_leads_out, fenced) {
  BOOST_TEST(content("plain") == "plain");
  for (const auto* path : {"link", "way/secret", "sub/../../outside/secret", "../outside/secret", "./plain", "sub//x",
         "/plain", "sub/", "..", "."}) {
    BOOST_TEST(content(path).front() == '(', path);
    BOOST_TEST(!files.open({root, path}, open_mode::write).ok(), path);
  }
  BOOST_TEST(!files.list({root, "way"}, 10).ok());
  BOOST_TEST(bool{files.make_folders({root, "way/deeper"})});
  BOOST_TEST(bool{files.make_folders({root, "../deeper"})});
  BOOST_TEST(bool{files.rename({root, "plain"}, {root, "way/plain"})});
  BOOST_TEST(bool{files.rename({root, "way/secret"}, {root, "mine"})});
  BOOST_TEST(bool{files.remove({root, "way/secret"})});
  BOOST_TEST(bool{files.remove({root, "../outside/secret"})});
  BOOST_TEST(read(top + "/outside/secret") == "secret");
  BOOST_TEST((files.info({root, "link"})->kind == file_kind::link));
  // The link itself can be replaced and removed; what it names stays.
  BOOST_TEST(!files.rename({root, "plain"}, {root, "link"}));
  BOOST_TEST(content("link") == "plain");
  BOOST_TEST(!files.remove({root, "way"}));
  BOOST_TEST(read(top + "/outside/secret") == "secret");
}

BOOST_FIXTURE_TEST_CASE(only_files_are_opened_and_nobody_waits_for_a_pipe, fenced) {
  BOOST_TEST_REQUIRE(::mkfifo((root + "/pipe").c_str(), 0600) == 0);
  BOOST_TEST(!files.open({root, "pipe"}, open_mode::read).ok());
  BOOST_TEST((files.open({root, "sub"}, open_mode::read).error() == std::errc::is_a_directory));
  BOOST_TEST((files.open({root, {}}, open_mode::read).error() == std::errc::is_a_directory));
  BOOST_TEST((files.open({root, "missing"}, open_mode::read).error() == std::errc::no_such_file_or_directory));
  BOOST_TEST((files.open({root + "/missing", "x"}, open_mode::write).error() == std::errc::no_such_file_or_directory));
}

BOOST_FIXTURE_TEST_CASE(folders_are_listed_by_name_made_in_depth_and_removed_when_empty, fenced) {
  BOOST_TEST(!files.make_folders({root, "a/b/c"}));
  BOOST_TEST(!files.make_folders({root, "a/b/c"}));
  BOOST_TEST(!files.make_folders({root, {}}));
  BOOST_TEST(bool{files.make_folders({root, "plain/x"})});
  const auto all = files.list({root, {}}, 10);
  BOOST_TEST_REQUIRE(all.ok());
  std::string names;
  for (const auto& one : *all)
    names += one.name + " ";
  BOOST_TEST(names == "a link plain sub way ");
  BOOST_TEST((all->at(0).kind == file_kind::folder));
  BOOST_TEST((all->at(1).kind == file_kind::link));
  BOOST_TEST((files.list({root, {}}, 4).error() == std::errc::value_too_large));
  BOOST_TEST(bool{files.remove({root, "a"})});
  BOOST_TEST(!files.remove({root, "a/b/c"}));
  BOOST_TEST(!files.remove({root, "a/b"}));
  BOOST_TEST(!files.remove({root, "a"}));
  BOOST_TEST(!files.remove({root, "a"}));
  BOOST_TEST(!files.info({root, "a"}).ok());
  BOOST_TEST(files.free_space(root).value() > 0u);
  BOOST_TEST(files.real_path(root + "/sub/../way").value() == fs::canonical(top + "/outside").string());
}

BOOST_FIXTURE_TEST_CASE(another_file_system_is_told_from_this_one, fenced) {
  const std::string other = "/dev/shm";
  struct stat a {};
  struct stat b {};
  if (::stat(other.c_str(), &a) != 0 || ::stat(top.c_str(), &b) != 0 || a.st_dev == b.st_dev
    || ::access(other.c_str(), W_OK) != 0)
    return; // This machine has but one.
  const auto name = "rats-beneath-" + std::to_string(::getpid());
  BOOST_TEST((files.rename({root, "plain"}, {other, name}) == std::errc::cross_device_link));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::runtime
