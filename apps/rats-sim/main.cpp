// SPDX-License-Identifier: MIT
#include "apps/rats-sim/sim_app.hpp"

#include <csignal>
#include <iostream>

namespace {

volatile std::sig_atomic_t signals_seen = 0;

/// The first one lets the run end in order, with what it has; the second one ends the program.
extern "C" void note_signal(int number) {
  signals_seen = 1;
  std::signal(number, SIG_DFL);
}

} // namespace

int main(int argc, char** argv) {
  std::signal(SIGINT, note_signal);
  std::signal(SIGTERM, note_signal);
  return librats::apps::run_rats_sim(
    argv[0], {argv + 1, argv + argc}, [] { return signals_seen != 0; }, std::cout, std::cerr);
}
