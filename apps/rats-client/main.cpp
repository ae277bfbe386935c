// SPDX-License-Identifier: MIT
#include "apps/rats-client/client_app.hpp"

#include <iostream>

int main(int argc, char** argv) {
  return librats::apps::run_client({argv + 1, argv + argc}, std::cout, std::cerr);
}
