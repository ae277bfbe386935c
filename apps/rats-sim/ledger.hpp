// SPDX-License-Identifier: MIT
#pragma once

#include "apps/rats-sim/latencies.hpp"
#include "apps/rats-sim/scenario.hpp"
#include "protocols/core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

namespace librats::apps {

/// Who is up, and since when: what decides whether something was owed.
class presence {
public:
  virtual ~presence() = default;
  /// Whether it is up now and has been without a break since `since`, a time of the world.
  [[nodiscard]] virtual bool up_since(std::size_t member, duration since) const = 0;
};

/// The books of one workload: what was sent, to whom it was owed, what came and how late. A message is owed to a member
/// that was up for the settling time before it was sent and is until its grace is over, if the same holds for the
/// sender: what a machine had not sent when it lost its power is nobody's fault.
class ledger {
public:
  ledger(const scenario::workload& what, std::size_t members, std::vector<std::size_t> receivers)
    : what_(what), members_(members), receivers_(std::move(receivers)) {}

  /// Notes a message to all receivers, or to `to` alone, and returns its number.
  std::uint64_t sent(duration now, std::size_t sender, std::size_t to = scenario::none);
  /// A sender had nobody to send to.
  void not_sent() noexcept { ++counted_.not_sent; }
  void arrived(duration now, std::uint64_t number, std::size_t at);
  /// Who sent a message; `none` when it is not remembered any more.
  [[nodiscard]] std::size_t publisher_of(std::uint64_t number) const noexcept;
  void corrupted(std::size_t at);
  /// A member begins a new life and may get again what it had before.
  void forget(std::size_t member);
  /// Judges everything whose grace is over.
  void judge(duration now, const presence& who);

  struct figures {
    std::uint64_t sent = 0;
    std::uint64_t not_sent = 0;
    std::uint64_t owed = 0;
    std::uint64_t delivered = 0; ///< Of what was owed, in time.
    std::uint64_t arrivals = 0;  ///< All of them, owed or not, each once.
    std::uint64_t late = 0;      ///< After the grace.
    std::uint64_t duplicates = 0;
    std::uint64_t corrupted = 0;
    std::uint64_t unknown = 0; ///< So late that nothing is known of it any more.
  };
  [[nodiscard]] const figures& counted() const noexcept { return counted_; }
  [[nodiscard]] const latencies& times() const noexcept { return times_; }
  [[nodiscard]] const scenario::workload& what() const noexcept { return what_; }
  /// Who missed something, got it twice or damaged: the first few, each once.
  [[nodiscard]] const std::vector<std::size_t>& victims() const noexcept { return victims_; }
  [[nodiscard]] std::optional<duration> first_missed_at() const noexcept { return first_missed_; }

  static constexpr std::size_t victims_max = 10;
  /// How long after its grace a message is remembered, so that a duplicate is known as one.
  static constexpr auto remembered = std::chrono::minutes{3};

private:
  struct record {
    duration sent_at;
    std::size_t sender;
    std::size_t to;
    bool judged = false;
    std::vector<std::uint64_t> had; ///< A bit for each member; with one receiver a single word.
  };

  [[nodiscard]] bool had(const record& x, std::size_t member) const noexcept;
  void set_had(record& x, std::size_t member, bool value) noexcept;
  void note_victim(std::size_t member);

  const scenario::workload& what_;
  std::size_t members_;
  std::vector<std::size_t> receivers_;
  std::deque<record> records_;
  std::uint64_t first_ = 0;  ///< The number of the first record.
  std::size_t unjudged_ = 0; ///< The place of the first record that was not judged.
  figures counted_;
  latencies times_;
  std::vector<std::size_t> victims_;
  std::optional<duration> first_missed_;
};

} // namespace librats::apps
