// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace librats::apps {

/// What files were sent, and what became of them. A file is known by its name, which both ends have, whatever process
/// of theirs is running.
class transfer_books {
public:
  explicit transfer_books(std::uint64_t seed) : seed_(seed) {}

  struct file {
    std::size_t workload = 0;
    std::uint64_t number = 0; ///< In the ledger of the workload.
    std::size_t from = 0;
    std::size_t to = 0;
    std::size_t size = 0;
    duration began{};
    bool agreed = false;       ///< The sender's node knows that the receiver takes it.
    bool refused = false;      ///< Its node would not offer it, or either end ended it for good.
    bool arrived = false;      ///< All of it, as the receiver says.
    bool acknowledged = false; ///< As the sender says.
    bool damaged = false;
    std::uint32_t interrupted = 0; ///< How often either end waited.
  };

  /// A new file, under a name that nobody else has.
  const std::string& open(file what);
  [[nodiscard]] file* find(const std::string& name);
  /// What is in it, by its seed, number and size.
  [[nodiscard]] bytes content_of(const std::string& name) const;
  [[nodiscard]] const std::map<std::string, file>& files() const noexcept { return files_; }

  struct figures {
    std::uint64_t begun = 0;
    std::uint64_t refused = 0;
    std::uint64_t arrived = 0;
    std::uint64_t damaged = 0;
    std::uint64_t interrupted = 0;
    std::uint64_t bytes_arrived = 0;
  };
  [[nodiscard]] figures count(std::size_t workload) const;

private:
  std::uint64_t seed_;
  std::map<std::string, file> files_;
};

} // namespace librats::apps
