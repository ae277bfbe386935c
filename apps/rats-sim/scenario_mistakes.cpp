// SPDX-License-Identifier: MIT
#include "apps/rats-sim/scenario_mistakes.hpp"

namespace librats::apps {

using runtime::concat;

void scenario_mistakes::complain(const runtime::named_section& x, const char* key, std::string sentence) {
  const auto& origin = x.values.origin(x.kind, key);
  const bool on_line = origin.from == runtime::config_origin::source::file;
  const bool set = origin.from != runtime::config_origin::source::builtin;
  errors.push_back({set && !on_line ? origin.to_string() : file,
    on_line ? origin.line
      : set ? 0
            : x.line,
    concat(x.title(), ".", key), std::move(sentence)});
}

void scenario_mistakes::unknown(const runtime::named_section& x, const char* key, const std::string& name,
  const std::vector<std::string>& known, const char* what) {
  const auto sentence = concat("there is no ", what, " \"", runtime::escaped(name, 60), "\"");
  std::string all;
  for (const auto& one : known) {
    if (runtime::is_slip(runtime::edit_distance(name, one), name))
      return complain(x, key, concat(sentence, "; did you mean \"", one, "\"?"));
    all += concat(all.empty() ? "" : ", ", one);
  }
  complain(x, key, concat(sentence, "; accepted: ", all.empty() ? "none, as the file has no such section" : all));
}

} // namespace librats::apps
