// SPDX-License-Identifier: MIT
#pragma once

#include <sched.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

namespace librats::runtime {

/// The exit code of a test that was not run.
constexpr int test_skipped = 77;

inline bool shell(const std::string& command) { return std::system(command.c_str()) == 0; }

/// Moves the process into a network of its own. Must come before the first thread. Root needs no user namespace; others
/// become root inside one.
inline bool enter_network_namespace() {
  const auto user = std::to_string(::getuid());
  const auto group = std::to_string(::getgid());
  if (::unshare(CLONE_NEWNET) == 0)
    return true;
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
    return false;
  const auto write = [](const char* path, const std::string& text) { std::ofstream{path} << text; };
  write("/proc/self/setgroups", "deny");
  write("/proc/self/uid_map", "0 " + user + " 1");
  write("/proc/self/gid_map", "0 " + group + " 1");
  return true;
}

/// Two interfaces, `left` and `right`, with a cable between them. One machine at both ends means that it gets packets
/// with its own address as source, which it has to be told to accept; and duplicate address detection would hold the
/// IPv6 addresses back.
inline bool make_cable() {
  return shell("set -e; ip link add left type veth peer name right; "
               "for x in all left right; do "
               "  echo 0 > /proc/sys/net/ipv4/conf/$x/rp_filter; echo 1 > /proc/sys/net/ipv4/conf/$x/accept_local; "
               "  echo 0 > /proc/sys/net/ipv6/conf/$x/accept_dad; "
               "done; "
               "ip addr add 10.9.0.1/24 dev left; ip addr add 10.9.0.2/24 dev right; "
               "ip link set left up; ip link set right up");
}

} // namespace librats::runtime
