// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace librats::apps {

/// A scenario as sections with keys and values, without comments: for programs that change one and write it down again.
/// Knows nothing about what makes sense.
class scenario_text {
public:
  struct entry {
    std::string key;
    std::string value;
  };
  struct section {
    std::string name; ///< `scenario`, or `group all`.
    std::vector<entry> entries;
  };

  /// Reads a text whose mistakes, if any, were reported before, and puts `settings` (`group.all.count=5`) in the place
  /// of what it says there.
  scenario_text(std::string_view text, const std::vector<std::string>& settings);

  [[nodiscard]] const std::vector<section>& sections() const noexcept { return sections_; }
  [[nodiscard]] std::string to_string() const;

  /// Instead of everything that the section says about the key.
  void set(const std::string& where, const std::string& key, const std::string& value);
  void remove(const std::string& where);
  /// The entry with this number.
  void remove(const std::string& where, std::size_t number);

private:
  section& at(const std::string& name);
  void drop(const std::string& where, const std::string& key);

  std::vector<section> sections_;
};

} // namespace librats::apps
