// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace librats::protocols {

/// What kind of content a file has, by the ending of its name and nothing else: "image/png" (names of IANA's registry);
/// "application/octet-stream" when the ending says nothing. The name may be a path.
const char* media_type_of(std::string_view name) noexcept;

} // namespace librats::protocols
