// SPDX-License-Identifier: MIT
//
// What moving files costs: one large file over either transport beside what it cannot do without in the same run (read,
// SHA-256, AEAD, socket, write, on two bare threads), and a tree of small files beside copying it. Two nodes in one
// process, each with a loop of its own, Noise on, over loopback. Files lie in the folder for temporary files: with
// `TMPDIR` on a memory file system the figures say nothing about a disk, which is otherwise the slowest part.
#include "runtime/log/log_setup.hpp"
#include "tests/bench/files/moving.hpp"
#include "tests/bench/support/arguments.hpp"
#include "tests/bench/support/bare.hpp"
#include "tests/bench/support/process.hpp"
#include "tests/bench/support/temporary_folder.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <vector>

using namespace librats;
using namespace librats::bench;

namespace fs = std::filesystem;

namespace {

constexpr std::size_t piece_size = 64 * 1024;
constexpr std::size_t files_per_folder = 100;

/// Bytes that no two pieces of a file share.
class content {
public:
  void fill(std::vector<std::uint64_t>& out) {
    for (auto& one : out)
      one = random_();
  }

private:
  std::mt19937_64 random_{7};
};

void make_file(const fs::path& where, std::size_t size, content& with) {
  std::ofstream file{where, std::ios::binary};
  std::vector<std::uint64_t> words(piece_size / sizeof(std::uint64_t));
  for (std::size_t at = 0; at < size; at += piece_size) {
    with.fill(words);
    file.write(
      reinterpret_cast<const char*>(words.data()), static_cast<std::streamsize>(std::min(piece_size, size - at)));
  }
}

bool equal_files(const fs::path& left, const fs::path& right) {
  std::ifstream a{left, std::ios::binary};
  std::ifstream b{right, std::ios::binary};
  std::vector<char> x(1u << 20);
  std::vector<char> y(x.size());
  while (a && b) {
    a.read(x.data(), static_cast<std::streamsize>(x.size()));
    b.read(y.data(), static_cast<std::streamsize>(y.size()));
    if (a.gcount() != b.gcount() || !std::equal(x.begin(), x.begin() + a.gcount(), y.begin()))
      return false;
  }
  return a.eof() && b.eof();
}

/// Whether everything below `from` is below `to` as well.
bool equal_trees(const fs::path& from, const fs::path& to) {
  for (const auto& one : fs::recursive_directory_iterator{from})
    if (one.is_regular_file() && !equal_files(one.path(), to / fs::relative(one.path(), from)))
      return false;
  return true;
}

bool one_file(std::size_t size) {
  const temporary_folder room;
  const auto source = room.path() + "/source";
  content random;
  make_file(source, size, random);
  const auto moved = static_cast<double>(size);
  const auto bare = bare_file(source, room.path() + "/bare", piece_size);
  fs::remove(room.path() + "/bare");
  std::printf("a file of %zu MiB; bare threads: %.0f MB/s, CPU %.2f s per GB, both ends\n", size >> 20,
    bare.megabytes_per_second, bare.cpu_seconds_per_gigabyte);
  bool ok = true;
  for (const auto over : {transport::tcp, transport::udp}) {
    const auto target = room.path() + "/target";
    const auto x = move_files(source, target, room.path() + "/partial", over);
    const bool same = x.error.empty() && equal_files(source, target);
    ok = ok && same;
    const auto speed = moved / 1e6 / x.seconds;
    std::printf("  %s: %.0f MB/s, %.2f of the bare figure, CPU %.2f s per GB, %.1f MB above idle, %s\n",
      over == transport::tcp ? "TCP" : "UDP", speed, speed / bare.megabytes_per_second, x.cpu_seconds / (moved / 1e9),
      static_cast<double>(x.memory) / 1e6, same ? "equal" : ("NOT equal " + x.error).c_str());
    std::fflush(stdout);
    fs::remove(target);
  }
  return ok;
}

bool tree(std::size_t count) {
  const temporary_folder room;
  const fs::path source = room.path() + "/source";
  content random;
  for (std::size_t i = 0; i < count; ++i) {
    const auto folder = source / ("folder " + std::to_string(i / files_per_folder));
    fs::create_directories(folder);
    make_file(folder / ("file " + std::to_string(i)), 1 + i % 8192, random);
  }
  auto start = seconds();
  fs::copy(source, room.path() + "/copied", fs::copy_options::recursive);
  const auto copied = seconds() - start;
  const auto x = move_files(source.string(), room.path() + "/target", room.path() + "/partial", transport::tcp);
  const bool same = x.error.empty() && equal_trees(source, room.path() + "/target");
  std::printf(
    "a tree of %zu files of up to 8 KiB over TCP: %.0f files/s (%.2f s), CPU %.0f us each, %.1f MB above idle, "
    "%s; copying it with nothing made durable: %.0f files/s\n",
    count, static_cast<double>(count) / x.seconds, x.seconds, x.cpu_seconds / static_cast<double>(count) * 1e6,
    static_cast<double>(x.memory) / 1e6, same ? "equal" : ("NOT equal " + x.error).c_str(),
    static_cast<double>(count) / copied);
  return same;
}

} // namespace

int main(int argc, char** argv) {
  runtime::log_options quiet;
  quiet.level = runtime::log_level::warn;
  (void)runtime::configure_logging(quiet);
  const std::string mode = argc > 1 ? argv[1] : "";
  const auto amount = argc > 2 ? number(argv[2], 1) : std::size_t{0};
  if ((!mode.empty() && mode != "file" && mode != "tree") || (argc > 2 && amount == 0)) {
    std::fprintf(stderr, "usage: %s [file [MIB] | tree [FILES]]\n", argv[0]);
    return 2;
  }
  bool ok = true;
  if (mode.empty() || mode == "file")
    ok = one_file((amount != 0 ? amount : 512) << 20);
  if (mode.empty() || mode == "tree")
    ok = tree(amount != 0 ? amount : 10'000) && ok;
  return ok ? 0 : 1;
}
