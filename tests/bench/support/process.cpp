// SPDX-License-Identifier: MIT
#include "tests/bench/support/process.hpp"

#include <chrono>
#include <fstream>
#include <string>

#include <sched.h>
#include <sys/resource.h>

namespace librats::bench {

namespace {

/// The number behind `key` in a file of `/proc`.
std::size_t proc_number(const std::string& path, const std::string& key) {
  std::ifstream file{path};
  std::string word;
  while (file >> word)
    if (word == key) {
      std::size_t out = 0;
      file >> out;
      return out;
    }
  return 0;
}

} // namespace

double cpu_seconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto in_seconds = [](const timeval& x) {
    return static_cast<double>(x.tv_sec) + static_cast<double>(x.tv_usec) * 1e-6;
  };
  return in_seconds(used.ru_utime) + in_seconds(used.ru_stime);
}

std::size_t private_bytes(pid_t process) {
  return proc_number("/proc/" + std::to_string(process) + "/smaps_rollup", "Private_Dirty:") * 1024;
}

std::size_t resident_bytes(pid_t process) {
  return proc_number("/proc/" + std::to_string(process) + "/status", "VmRSS:") * 1024;
}

std::size_t peak_resident_bytes() { return proc_number("/proc/self/status", "VmHWM:") * 1024; }

void forget_peak() { std::ofstream{"/proc/self/clear_refs"} << 5; }

int thread_count() { return static_cast<int>(proc_number("/proc/self/status", "Threads:")); }

double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

bool pin_to_cpu(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<unsigned>(cpu), &set);
  return ::sched_setaffinity(0, sizeof(set), &set) == 0;
}

} // namespace librats::bench
