// SPDX-License-Identifier: MIT
#include "librats.h"

int main() {
  librats::RatsClient client{0};  // Not started, so it needs neither a port nor a file.
  std::cout << client.get_peer_count() << " peers\n";
}
