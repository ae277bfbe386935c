// SPDX-License-Identifier: MIT
#pragma once

#include <cassert>
#include <cstdint>
#include <utility>
#include <variant>

namespace librats {

/// Why foreign bytes were refused. Zero is "no error" and never stored.
enum class wire_errc : std::uint8_t {
  truncated = 1,      ///< Fewer bytes than the format needs.
  trailing_bytes,     ///< More bytes than an exact format allows.
  too_large,          ///< A declared size is above its limit.
  unknown_version,    ///< A version byte that we do not speak.
  unknown_kind,       ///< A tag or operation that does not exist.
  bad_address,        ///< An address element whose length is neither 4 nor 16.
  bad_text,           ///< Text that is not what its format demands (JSON, UTF-8, hex).
  protocol_mismatch,  ///< The other side belongs to another application.
  bad_key,            ///< A key of the wrong size, or one that yields an all-zero shared secret.
  not_authentic,      ///< An AEAD tag did not verify.
  nonce_exhausted,    ///< The 64-bit counter of a key is used up.
  out_of_order,       ///< A call or block that does not belong to this state.
};

/// A short lowercase sentence without a full stop, fit for a log line.
const char* to_string(wire_errc code) noexcept;

/// A value, or the reason why there is none. Foreign input never throws: it ends here.
template <class T, class E = wire_errc>
class [[nodiscard]] result {
public:
  result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  result(E error) noexcept : state_(std::in_place_index<1>, error) {}

  [[nodiscard]] bool ok() const noexcept { return state_.index() == 0; }
  explicit operator bool() const noexcept { return ok(); }

  [[nodiscard]] T& value() noexcept {
    assert(ok());
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] const T& value() const noexcept {
    assert(ok());
    return *std::get_if<0>(&state_);
  }
  [[nodiscard]] E error() const noexcept {
    assert(!ok());
    return *std::get_if<1>(&state_);
  }

  T& operator*() noexcept { return value(); }
  const T& operator*() const noexcept { return value(); }
  T* operator->() noexcept { return &value(); }
  const T* operator->() const noexcept { return &value(); }

private:
  std::variant<T, E> state_;
};

} // namespace librats
