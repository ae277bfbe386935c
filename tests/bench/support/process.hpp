// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include <sys/types.h>

namespace librats::bench {

/// CPU time of this process, user and system, in seconds.
double cpu_seconds();

/// Memory that belongs to a process alone (Private_Dirty of smaps_rollup), in bytes; 0 where the system does not say.
std::size_t private_bytes(pid_t process);

/// Resident memory of a process in bytes.
std::size_t resident_bytes(pid_t process);

/// The most memory that this process had resident since `forget_peak`, in bytes.
std::size_t peak_resident_bytes();
void forget_peak();

/// Threads of this process.
int thread_count();

/// Seconds on a steady clock.
double seconds();

/// Limits the calling thread, and those that it starts from now on, to one CPU. False when the system refuses.
bool pin_to_cpu(int cpu);

} // namespace librats::bench
