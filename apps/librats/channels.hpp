// SPDX-License-Identifier: MIT
#pragma once

namespace librats::apps {

// The App channels of raw data (wire/03 section 1). The payload is the text, the bytes, or one JSON document as text.
constexpr auto text_channel = "librats.text";
constexpr auto binary_channel = "librats.binary";
constexpr auto json_channel = "librats.json";

} // namespace librats::apps
