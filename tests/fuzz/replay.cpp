// SPDX-License-Identifier: MIT
// Feeds one fuzz target every file named on the command line or lying in a folder named there, and every truncated
// length of each. With any compiler; libFuzzer's own main is not needed.
#include "tests/fuzz/fuzz_target.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <vector>

namespace fs = std::filesystem;

int main(int argc, char** argv) {
  std::vector<fs::path> files;
  for (int i = 1; i < argc; ++i) {
    if (!fs::is_directory(argv[i]))
      files.emplace_back(argv[i]);
    else
      for (const auto& entry : fs::directory_iterator{argv[i]})
        files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  constexpr std::size_t truncations_max = 512; // Of a long file the first lengths and the whole are enough.
  for (const auto& file : files) {
    std::ifstream in{file, std::ios::binary};
    const librats::bytes content{std::istreambuf_iterator<char>{in}, {}};
    for (std::size_t n = 0; n < std::min(content.size(), truncations_max); ++n) {
      const auto cut = librats::to_bytes(librats::bytes_view{content}.first(n)); // So that a sanitizer sees its end.
      LLVMFuzzerTestOneInput(cut.data(), cut.size());
    }
    LLVMFuzzerTestOneInput(content.data(), content.size());
  }
  std::cout << files.size() << " files replayed\n";
  return files.empty() ? 1 : 0;
}
