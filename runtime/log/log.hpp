// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace librats::runtime {

// What code that logs needs, and nothing more: level, sentence, macro. Sinks and formats: runtime/log/log_setup.hpp.
//
// A log line is a sentence with its subject first: `liveness lost peer 4f1a after 3 pings` is
//
//     LIBRATS_LOG(log_level::info, "liveness", "lost peer ", id.short_string(), " after ", count, " pings");
//
// Text that came from a peer may be logged as it is: everything that could forge a line or drive a terminal is escaped
// on the way out (runtime/log/escape.hpp). Secrets are never logged; `redacted` says that there was one.

/// From chatty to silent. `off` is a threshold only; a line cannot have it.
enum class log_level : std::uint8_t { trace, debug, info, warn, error, off };

/// Bytes of one line after escaping, its time and level not counted. The rest is cut and replaced by `...`, so that a
/// peer cannot fill the disk with one long name.
constexpr std::size_t log_line_bytes_max = 4096;

/// True when a line of this level would go anywhere. One relaxed load; any thread.
[[nodiscard]] bool log_enabled(log_level level) noexcept;

/// Writes one line: time, level, subject, sentence. Lines of `warn` and above are flushed at once. Never throws: a line
/// that cannot be written is lost. Any thread; blocks for the write itself.
void log_write(log_level level, std::string_view subject, std::string_view sentence) noexcept;

/// Stands in a log line for a secret and tells only its length.
class redacted {
public:
  explicit redacted(std::size_t size) noexcept : size_(size) {}
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
  std::size_t size_;
};

/// One piece of a sentence: text is borrowed until the end of the full expression, numbers are printed in decimal.
class log_part {
public:
  log_part(std::string_view text) noexcept : text_(text) {}
  log_part(const std::string& text) noexcept : text_(text) {}
  log_part(const char* text) noexcept : text_(text == nullptr ? std::string_view{"(null)"} : std::string_view{text}) {}
  log_part(bool x) noexcept : text_(x ? "true" : "false") {}
  log_part(char x) noexcept;
  log_part(int x) noexcept : log_part(static_cast<long long>(x)) {}
  log_part(long x) noexcept : log_part(static_cast<long long>(x)) {}
  log_part(long long x) noexcept;
  log_part(unsigned x) noexcept : log_part(static_cast<unsigned long long>(x)) {}
  log_part(unsigned long x) noexcept : log_part(static_cast<unsigned long long>(x)) {}
  log_part(unsigned long long x) noexcept;
  log_part(double x) noexcept; ///< At most six significant digits.
  log_part(redacted x) noexcept;
  log_part(const void*) = delete; ///< An address says nothing and differs in every run.

  log_part(const log_part&) = delete;
  log_part& operator=(const log_part&) = delete;

  [[nodiscard]] std::string_view text() const noexcept { return text_; }

private:
  char digits_[40] = {};
  std::string_view text_;
};

/// Joins the pieces.
[[nodiscard]] std::string concat_parts(std::initializer_list<log_part> parts);

/// Joins strings, characters, numbers and booleans: `concat("lost ", count, " of ", total)`.
template <class... Parts>
[[nodiscard]] std::string concat(const Parts&... parts) {
  return concat_parts({log_part{parts}...});
}

} // namespace librats::runtime

/// Logs the sentence `subject parts...` at `level`. Nothing after `level` is evaluated when that level is off.
#define LIBRATS_LOG(level, subject, ...)                                                                               \
  do {                                                                                                                 \
    const ::librats::runtime::log_level librats_log_level_ = (level);                                                  \
    if (::librats::runtime::log_enabled(librats_log_level_))                                                           \
      ::librats::runtime::log_write(librats_log_level_, (subject), ::librats::runtime::concat(__VA_ARGS__));           \
  } while (false)
