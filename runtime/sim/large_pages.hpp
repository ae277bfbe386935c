// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

namespace librats::runtime {

/// Lets the heap begin with room for `expected_bytes` more, in large pages where the system has them (Linux with
/// glibc, and unless `/sys/kernel/mm/transparent_hugepage/enabled` is `never`). A large simulated world touches
/// thousands of small objects all over its memory, and a page table of 4 KiB pages for hundreds of MiB fits no cache: a
/// fifth of the time goes into looking up addresses. Takes address space, not memory; call it once, from the main
/// thread, before the world is made. False when nothing was changed.
bool prefer_large_pages(std::size_t expected_bytes);

} // namespace librats::runtime
