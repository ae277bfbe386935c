// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/bytes.hpp"
#include "protocols/dht/node_id.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

namespace librats::bench {

// Sockets and processes on 127.0.0.1 for measure_dht_serving.

sockaddr_in loopback_address(std::uint16_t port) noexcept;

/// A UDP socket on 127.0.0.1 with large buffers. Ends the program when there is none to be had.
class loopback_socket {
public:
  explicit loopback_socket(std::uint16_t port = 0);
  ~loopback_socket() { close(); }
  loopback_socket(loopback_socket&& other) noexcept : fd_(other.fd_), port_(other.port_) { other.fd_ = -1; }
  loopback_socket& operator=(loopback_socket&&) = delete;

  [[nodiscard]] int fd() const noexcept { return fd_; }
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  void close() noexcept;

private:
  int fd_ = -1;
  std::uint16_t port_ = 0;
};

/// Datagrams that are received or sent in one system call, at most `size_max` of them.
class datagram_batch {
public:
  static constexpr std::size_t size_max = 64;

  datagram_batch();

  /// Without waiting; how many came, at most `count`.
  std::size_t receive(int fd, std::size_t count = size_max);
  [[nodiscard]] bytes_view data(std::size_t i) const noexcept { return {buffers_[i].data(), messages_[i].msg_len}; }
  [[nodiscard]] const sockaddr_in& address(std::size_t i) const noexcept { return addresses_[i]; }

  /// The batch is full: send first.
  [[nodiscard]] bool full() const noexcept { return queued_ == size_max; }
  void queue(const sockaddr_in& to, bytes_view datagram);
  /// Sends what is queued; what the socket does not take is lost.
  void send(int fd);

private:
  static constexpr std::size_t datagram_max = 2048;

  std::vector<std::array<std::uint8_t, datagram_max>> buffers_;
  std::array<sockaddr_in, size_max> addresses_{};
  std::array<iovec, size_max> parts_{};
  std::array<mmsghdr, size_max> messages_{};
  std::size_t queued_ = 0;
};

/// A process of ours. Ended, and waited for, with the object.
class child_process {
public:
  child_process() = default;
  explicit child_process(pid_t id, int commands) : id_(id), commands_(commands) {}
  ~child_process() { end(); }
  child_process(child_process&& other) noexcept : id_(other.id_), commands_(other.commands_) { other.id_ = -1; }
  child_process& operator=(child_process&&) = delete;

  [[nodiscard]] pid_t id() const noexcept { return id_; }
  /// Writes a line to its standard input.
  void command(const char* line) const;
  /// CPU seconds of all its threads so far.
  [[nodiscard]] double cpu_seconds() const;
  void end() noexcept;

private:
  pid_t id_ = -1;
  int commands_ = -1;
};

/// Runs `body` in a process of its own, whose standard input takes the commands.
template <class Body>
child_process start_process(const Body& body) {
  int ends[2];
  if (::pipe(ends) != 0)
    return {};
  const auto id = ::fork();
  if (id == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(ends[0], 0);
    ::close(ends[0]);
    ::close(ends[1]);
    body();
    ::_exit(0);
  }
  ::close(ends[0]);
  return child_process{id, ends[1]};
}

/// A network of nodes on 127.0.0.1 that know each other and answer everything rightly, in a process of its own.
struct robots {
  struct node {
    protocols::node_id id;
    std::uint16_t port = 0;
  };
  explicit robots(std::size_t count);

  std::vector<node> nodes;
  std::atomic<std::uint64_t>* asked; ///< Queries that they were asked in all.

private:
  child_process process_;
};

// What a server does in its process, until it is ended.

/// Answers each datagram with `size` bytes.
void serve_bare(const loopback_socket& at, std::size_t size);
/// A `dht_core` that knows the robots, without its limits on traffic, and takes `batch` datagrams at a time. It
/// understands the command "look N": N walks towards random keys, twenty a second.
void serve_core(const loopback_socket& at, const std::vector<robots::node>& known, std::size_t batch);

} // namespace librats::bench
