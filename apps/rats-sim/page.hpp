// SPDX-License-Identifier: MIT
#pragma once

#include "apps/rats-sim/film.hpp"
#include "apps/rats-sim/report.hpp"

#include <string>

namespace librats::apps {

/// What `--html` writes: one page that shows a run and needs nothing but a browser. It contains the report, and so
/// shows its figures.
[[nodiscard]] std::string page_html(simulation& of, const run_record& run, const film& filmed);

// The files in `page/`, as they are.
extern const char* const page_document;
extern const char* const page_style;
extern const char* const page_script;

} // namespace librats::apps
