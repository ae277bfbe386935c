// SPDX-License-Identifier: MIT
#include "apps/ratsd/ratsd_app.hpp"

#include <iostream>

int main(int argc, char** argv) {
  return librats::apps::run_ratsd({argv + 1, argv + argc}, std::cout, std::cerr);
}
