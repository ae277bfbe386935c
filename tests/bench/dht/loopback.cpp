// SPDX-License-Identifier: MIT
#include "tests/bench/dht/loopback.hpp"

#include "protocols/core/small_random.hpp"
#include "protocols/dht/dht_core.hpp"
#include "tests/bench/support/process.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <list>
#include <map>
#include <string>
#include <system_error>

#include <poll.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/wait.h>

namespace librats::bench {

using namespace librats::protocols;

namespace {

[[noreturn]] void fail(const char* what) {
  std::perror(what);
  std::exit(1);
}

endpoint endpoint_of(const sockaddr_in& x) noexcept {
  const auto raw = ntohl(x.sin_addr.s_addr);
  const auto byte = [raw](int shift) { return static_cast<std::uint8_t>(raw >> shift); };
  return {ip_address::v4(byte(24), byte(16), byte(8), byte(0)), ntohs(x.sin_port)};
}

node_id draw_id(small_random& random) {
  node_id out;
  for (auto& x : out.raw)
    x = static_cast<std::uint8_t>(random.next());
  return out;
}

time_point clock_now() {
  return time_point{std::chrono::duration_cast<duration>(std::chrono::steady_clock::now().time_since_epoch())};
}

} // namespace

// -- sockets and processes --------------------------------------------------------------------------------------------

sockaddr_in loopback_address(std::uint16_t port) noexcept {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(port);
  out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return out;
}

loopback_socket::loopback_socket(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
  constexpr int room = 4 << 20;
  auto at = loopback_address(port);
  socklen_t size = sizeof(at);
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room));
  ::setsockopt(fd_, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
  if (::bind(fd_, reinterpret_cast<const sockaddr*>(&at), sizeof(at)) != 0
    || ::getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &size) != 0)
    fail("bind");
  port_ = ntohs(at.sin_port);
}

void loopback_socket::close() noexcept {
  if (fd_ >= 0)
    ::close(fd_);
  fd_ = -1;
}

datagram_batch::datagram_batch() : buffers_(size_max) {}

std::size_t datagram_batch::receive(int fd, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    parts_[i] = {buffers_[i].data(), datagram_max};
    messages_[i].msg_hdr = {&addresses_[i], sizeof(sockaddr_in), &parts_[i], 1, nullptr, 0, 0};
  }
  const auto got = ::recvmmsg(fd, messages_.data(), static_cast<unsigned>(count), MSG_DONTWAIT, nullptr);
  return got > 0 ? static_cast<std::size_t>(got) : 0;
}

void datagram_batch::queue(const sockaddr_in& to, bytes_view datagram) {
  const auto i = queued_++;
  const auto size = std::min(datagram.size(), datagram_max);
  std::copy_n(datagram.begin(), size, buffers_[i].begin());
  addresses_[i] = to;
  parts_[i] = {buffers_[i].data(), size};
  messages_[i].msg_hdr = {&addresses_[i], sizeof(sockaddr_in), &parts_[i], 1, nullptr, 0, 0};
}

void datagram_batch::send(int fd) {
  if (queued_ != 0)
    static_cast<void>(::sendmmsg(fd, messages_.data(), static_cast<unsigned>(queued_), MSG_DONTWAIT));
  queued_ = 0;
}

void child_process::command(const char* line) const {
  if (::write(commands_, line, std::strlen(line)) < 0)
    std::perror("write");
}

double child_process::cpu_seconds() const {
  double out = 0;
  std::error_code ignored;
  for (const auto& x : std::filesystem::directory_iterator{"/proc/" + std::to_string(id_) + "/task", ignored}) {
    std::ifstream file{x.path() / "schedstat"};
    double nanoseconds = 0;
    file >> nanoseconds;
    out += 1e-9 * nanoseconds;
  }
  return out;
}

void child_process::end() noexcept {
  if (id_ <= 0)
    return;
  ::kill(id_, SIGKILL);
  ::waitpid(id_, nullptr, 0);
  ::close(commands_);
  id_ = -1;
}

// -- robots -----------------------------------------------------------------------------------------------------------

namespace {

void play_robots(const std::vector<robots::node>& nodes, const std::vector<loopback_socket>& sockets,
  std::atomic<std::uint64_t>& asked) {
  const auto set = ::epoll_create1(0);
  for (std::size_t i = 0; i < sockets.size(); ++i) {
    epoll_event what{};
    what.events = EPOLLIN;
    what.data.u64 = i;
    ::epoll_ctl(set, EPOLL_CTL_ADD, sockets[i].fd(), &what);
  }
  datagram_batch in;
  datagram_batch out;
  std::array<epoll_event, 64> ready{};
  const auto closest = [&nodes](const node_id& target) {
    std::vector<robots::node> all = nodes;
    std::partial_sort(all.begin(), all.begin() + 8, all.end(),
      [&](const auto& a, const auto& b) { return closer(target, a.id, b.id); });
    std::vector<node_contact> near;
    for (std::size_t i = 0; i < 8; ++i)
      near.push_back({all[i].id, {ip_address::v4_loopback(), all[i].port}});
    return near;
  };
  const auto answer = [&](std::size_t who, const endpoint& from, const krpc::query& what) {
    krpc::response x;
    x.sender = nodes[who].id;
    x.requester = from;
    if (const auto* find = std::get_if<krpc::find_node>(&what)) {
      x.nodes = closest(find->target);
    } else if (const auto* get = std::get_if<krpc::get_peers>(&what)) {
      x.nodes = closest(get->target);
      x.token = {1, 2, 3, 4};
    }
    return x;
  };
  while (true) {
    const auto count = ::epoll_wait(set, ready.data(), static_cast<int>(ready.size()), -1);
    for (int e = 0; e < count; ++e) {
      const auto who = static_cast<std::size_t>(ready[static_cast<std::size_t>(e)].data.u64);
      const auto got = in.receive(sockets[who].fd());
      for (std::size_t i = 0; i < got; ++i) {
        const auto decoded = krpc::decode(in.data(i));
        const auto* message = std::get_if<krpc::message>(&decoded);
        const auto* query = message == nullptr ? nullptr : std::get_if<krpc::request>(&message->body);
        if (query == nullptr)
          continue;
        ++asked;
        const auto reply = answer(who, endpoint_of(in.address(i)), query->what);
        out.queue(in.address(i), krpc::encode({message->transaction, {}, reply}));
      }
      out.send(sockets[who].fd());
    }
  }
}

} // namespace

robots::robots(std::size_t count)
  : asked(static_cast<std::atomic<std::uint64_t>*>(
    ::mmap(nullptr, sizeof(*asked), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))),
    process_([&] {
      std::vector<loopback_socket> sockets;
      small_random random{11};
      for (std::size_t i = 0; i < count; ++i) {
        sockets.emplace_back();
        nodes.push_back({draw_id(random), sockets.back().port()});
      }
      return start_process([&] { play_robots(nodes, sockets, *asked); });
    }()) {}

// -- servers ----------------------------------------------------------------------------------------------------------

void serve_bare(const loopback_socket& at, std::size_t size) {
  const bytes reply(size, 'x');
  datagram_batch in;
  datagram_batch out;
  pollfd wait{at.fd(), POLLIN, 0};
  while (true) {
    const auto got = in.receive(at.fd());
    if (got == 0) {
      ::poll(&wait, 1, -1);
      continue;
    }
    for (std::size_t i = 0; i < got; ++i)
      out.queue(in.address(i), reply);
    out.send(at.fd());
  }
}

namespace {

/// A core, its socket and its walks.
class core_server {
public:
  core_server(const loopback_socket& at, const std::vector<robots::node>& known, std::size_t batch)
    : at_(at), batch_(batch), core_(configuration(random_), clock_now()) {
    for (const auto& x : known)
      core_.query({ip_address::v4_loopback(), x.port}, x.id, krpc::ping{}, clock_now());
  }

  void run() {
    while (true) {
      const auto got = in_.receive(at_.fd(), batch_);
      const auto now = clock_now();
      for (std::size_t i = 0; i < got; ++i)
        core_.handle(endpoint_of(in_.address(i)), in_.data(i), now);
      if (now >= core_.next_wakeup())
        core_.advance(now);
      walk(now);
      send();
      if (got == 0)
        wait();
    }
  }

private:
  struct way {
    lookup what;
    std::map<dht_core::ticket, std::uint32_t> handles;
  };

  static dht_core::config configuration(small_random& random) {
    dht_core::config out;
    out.id = draw_id(random);
    for (auto& x : out.secret)
      x = static_cast<std::uint8_t>(random.next());
    out.relax_for_laboratory();
    out.replies = out.queries = {1e12, 1e12};
    return out;
  }

  void walk(time_point now) {
    if (to_look_ != 0 && now >= look_at_) {
      --to_look_;
      look_at_ = now + std::chrono::milliseconds{50};
      const auto target = draw_id(random_);
      ways_.push_back({lookup{core_.lookup_config(lookup::purpose::get_peers, target), core_.seeds(target), now}, {}});
      drive(ways_.back(), now);
    }
    while (const auto event = core_.poll_event())
      for (auto& x : ways_)
        pass_on(x, *event, now);
    ways_.remove_if([](const way& x) { return x.what.done(); });
  }

  void pass_on(way& x, const dht_core::event& event, time_point now) {
    const auto handle = [&x](dht_core::ticket query) {
      const auto found = x.handles.find(query);
      return found == x.handles.end() ? 0 : found->second;
    };
    if (const auto* answered = std::get_if<dht_core::answered>(&event))
      x.what.answered(handle(answered->query), answered->what, now);
    else if (const auto* slow = std::get_if<dht_core::slow>(&event))
      x.what.slow(handle(slow->query), now);
    else if (const auto* failed = std::get_if<dht_core::failed>(&event))
      x.what.failed(handle(failed->query), now);
    drive(x, now);
  }

  void drive(way& x, time_point now) {
    while (auto request = x.what.poll_request())
      x.handles[core_.query(request->to, request->id, std::move(request->what), now)] = request->handle;
    while (x.what.poll_event()) {
    }
  }

  void send() {
    while (const auto out = core_.poll_transmit()) {
      out_.queue(loopback_address(out->to.port), out->datagram);
      if (batch_ == 1 || out_.full())
        out_.send(at_.fd());
    }
    out_.send(at_.fd());
  }

  void wait() {
    auto due = core_.next_wakeup();
    if (to_look_ != 0)
      due = std::min(due, look_at_);
    const auto pause = std::chrono::ceil<std::chrono::milliseconds>(due - clock_now()).count();
    pollfd what[2] = {{at_.fd(), POLLIN, 0}, {0, POLLIN, 0}};
    ::poll(what, 2, static_cast<int>(std::clamp<std::int64_t>(pause, 0, 1000)));
    if ((what[1].revents & POLLIN) != 0) {
      char line[64] = {};
      const auto size = ::read(0, line, sizeof(line) - 1);
      unsigned count = 0;
      if (size > 0 && std::sscanf(line, "look %u", &count) == 1)
        to_look_ += count;
    }
  }

  const loopback_socket& at_;
  std::size_t batch_;
  small_random random_{13};
  dht_core core_;
  datagram_batch in_;
  datagram_batch out_;
  std::list<way> ways_;
  unsigned to_look_ = 0;
  time_point look_at_;
};

} // namespace

void serve_core(const loopback_socket& at, const std::vector<robots::node>& known, std::size_t batch) {
  core_server{at, known, batch}.run();
}

} // namespace librats::bench
