// SPDX-License-Identifier: MIT
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace librats::apps {

/// All of `rats-client`; `arguments` come without the program's name. Returns the exit code: 0 at the regular end, 1
/// when the node could not start or, with commands from a pipe or file, when one of them failed, 2 for a wrong command
/// line.
int run_client(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err);

} // namespace librats::apps
