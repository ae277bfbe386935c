// SPDX-License-Identifier: MIT
#include <iostream>

int main() {
  std::cerr << "rats-client: not here yet\n";
  return 1;
}
