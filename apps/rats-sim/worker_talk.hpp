// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace librats::apps {

// What workers and those who give them work say to each other, as JSON texts: plain strings are all that crosses
// machines, so that the actors of a node need no types for it.

/// Asks a worker who it is.
struct worker_hello {};
/// Its answer.
struct worker_here {
  std::string build; ///< See `own_build`.
  std::string version;
  std::size_t jobs = 1; ///< Runs at once.
};
/// Asks for a run. The answer is `worker_done`.
struct worker_run {
  std::string build; ///< Of whoever asks; the worker refuses another one than its own.
  std::string scenario;
  std::uint64_t seed = 0;
};
/// How a run ended.
struct worker_done {
  std::uint64_t seed = 0;
  int code = -1;
  std::string said;
  std::string refused; ///< Why it was not run; empty when it was.
};

[[nodiscard]] std::string to_text(const worker_hello& x);
[[nodiscard]] std::string to_text(const worker_here& x);
[[nodiscard]] std::string to_text(const worker_run& x);
[[nodiscard]] std::string to_text(const worker_done& x);

/// One of the above; all are empty when the text is none of them.
struct worker_word {
  std::optional<worker_hello> hello;
  std::optional<worker_here> here;
  std::optional<worker_run> run;
  std::optional<worker_done> done;
};
[[nodiscard]] worker_word parse_worker_word(std::string_view text);

/// The SHA-256 of the program's file, in hex digits: the same scenario and seed are the same run only in the same
/// build. Empty when the file cannot be read.
[[nodiscard]] std::string own_build(const std::string& program);

/// A worker's address as people write it: `host:port`, or `[v6]:port`.
struct worker_address {
  std::string host;
  std::uint16_t port = 0;
};
[[nodiscard]] std::optional<worker_address> parse_worker_address(std::string_view text);

} // namespace librats::apps
