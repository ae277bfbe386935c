// SPDX-License-Identifier: MIT
#include "runtime/sim/large_pages.hpp"

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#ifdef __GLIBC__
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>
#endif

namespace librats::runtime {

#if defined(__GLIBC__) && defined(MADV_HUGEPAGE)

bool prefer_large_pages(std::size_t expected_bytes) {
  constexpr std::uintptr_t large_page = 2 * 1024 * 1024;
  // An `int` is what glibc takes.
  constexpr std::size_t pad_max = 2'000'000'000;
  const auto pad = static_cast<int>(std::min(expected_bytes + large_page, pad_max));
  if (mallopt(M_TOP_PAD, pad) == 0)
    return false;
  mallopt(M_TRIM_THRESHOLD, static_cast<int>(pad_max));    // Else the first `free` gives it all back.
  mallopt(M_MMAP_THRESHOLD, static_cast<int>(large_page)); // And below that blocks come from the heap.
  // More than the heap has to spare now, so that it grows.
  auto* probe = std::malloc(large_page - 4096);
  if (probe == nullptr)
    return false;
  const auto begin = (reinterpret_cast<std::uintptr_t>(probe) + large_page - 1) / large_page * large_page;
  const auto end = reinterpret_cast<std::uintptr_t>(sbrk(0)) / large_page * large_page;
  std::free(probe);
  return begin < end && madvise(reinterpret_cast<void*>(begin), end - begin, MADV_HUGEPAGE) == 0;
}

#else

bool prefer_large_pages(std::size_t) {
  return false;
}

#endif

} // namespace librats::runtime
