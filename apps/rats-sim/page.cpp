// SPDX-License-Identifier: MIT
#include "apps/rats-sim/page.hpp"

#include <nlohmann/json.hpp>

#include <string_view>

namespace librats::apps {

namespace {

void replace_once(std::string& in, std::string_view mark, std::string_view by) {
  if (const auto at = in.find(mark); at != std::string::npos)
    in.replace(at, mark.size(), by);
}

/// JSON that may stand inside an element of a page: nothing in it can end the element.
std::string embeddable(const nlohmann::json& what) {
  const auto text = what.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  std::string out;
  out.reserve(text.size() + text.size() / 16);
  for (const char c : text)
    if (c == '<')
      out += "\\u003c";
    else
      out += c;
  return out;
}

} // namespace

std::string page_html(simulation& of, const run_record& run, const film& filmed) {
  std::string out = page_document;
  replace_once(out, "%STYLE%", page_style);
  replace_once(out, "%SCRIPT%", page_script);
  // Last, because it holds foreign text.
  replace_once(out, "%RUN%", embeddable({{"report", report_json(of, run)}, {"film", filmed.to_json()}}));
  return out;
}

} // namespace librats::apps
