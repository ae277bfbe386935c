// SPDX-License-Identifier: MIT
#include "tests/protocols/support/allocations.hpp"

#include <algorithm>
#include <cstdlib>
#include <new>

namespace {

std::size_t held = 0;
std::size_t peak = 0;

/// Every block carries its size in front, in as many bytes as keep it aligned.
constexpr std::size_t front = alignof(std::max_align_t);

} // namespace

namespace librats::test {

std::size_t allocated_bytes() noexcept {
  return held;
}
std::size_t peak_bytes() noexcept {
  return peak;
}
void reset_peak() noexcept {
  peak = held;
}

} // namespace librats::test

void* operator new(std::size_t size) {
  auto* raw = static_cast<unsigned char*>(std::malloc(size + front));
  if (!raw)
    throw std::bad_alloc{};
  *reinterpret_cast<std::size_t*>(raw) = size;
  held += size;
  peak = std::max(peak, held);
  return raw + front;
}

void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  try {
    return operator new(size);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

void operator delete(void* block) noexcept {
  if (!block)
    return;
  auto* raw = static_cast<unsigned char*>(block) - front;
  held -= *reinterpret_cast<std::size_t*>(raw);
  std::free(raw);
}

void operator delete(void* block, std::size_t) noexcept {
  operator delete(block);
}

void operator delete(void* block, const std::nothrow_t&) noexcept {
  operator delete(block);
}
