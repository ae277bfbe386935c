// SPDX-License-Identifier: MIT
#pragma once

#include "apps/rats-sim/scenario.hpp"
#include "runtime/config/config_document.hpp"
#include "runtime/config/edit_distance.hpp"
#include "runtime/log/escape.hpp"
#include "runtime/log/log.hpp"

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace librats::apps {

/// What is wrong with a scenario, each mistake with the line that is to blame.
class scenario_mistakes {
public:
  explicit scenario_mistakes(std::string its_file) : file(std::move(its_file)) {}

  std::string file; ///< That is being read, as it was named.
  std::vector<runtime::config_error> errors;

  static bool is_set(const runtime::named_section& x, const char* key) {
    return x.values.origin(x.kind, key).from != runtime::config_origin::source::builtin;
  }

  /// Blames a key, or its section when nobody set the key.
  void complain(const runtime::named_section& x, const char* key, std::string sentence);

  /// The place of a name in a list; `none` for an empty name, and after a complaint for an unknown one.
  template <class List>
  std::size_t find(
    const runtime::named_section& x, const char* key, const List& list, const std::string& name, const char* what) {
    if (name.empty())
      return scenario::none;
    const auto found = std::find_if(list.begin(), list.end(), [&](const auto& one) { return one.name == name; });
    if (found != list.end())
      return static_cast<std::size_t>(found - list.begin());
    std::vector<std::string> known;
    for (const auto& one : list)
      known.push_back(one.name);
    unknown(x, key, name, known, what);
    return scenario::none;
  }

private:
  void unknown(const runtime::named_section& x, const char* key, const std::string& name,
    const std::vector<std::string>& known, const char* what);
};

} // namespace librats::apps
