// SPDX-License-Identifier: MIT
#include "runtime/net/netlink_watch.hpp"

#include "runtime/io/io_loop.hpp"
#include "runtime/net/change_coalescer.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>
#include <utility>

namespace librats::runtime {

namespace asio = boost::asio;

namespace {

/// What the kernel sends at most in one message: a page, or 8 KiB where pages are larger (netlink(7)).
constexpr std::size_t netlink_message_max = 8 * 1024;
/// Messages read before the loop looks at its other work; the rest is news of the same storm.
constexpr int messages_per_event = 64;

/// Memory of an aligned structure at the front of `in`.
template <class T>
std::optional<T> front_as(bytes_view in) noexcept {
  if (in.size() < sizeof(T))
    return std::nullopt;
  T out;
  std::memcpy(&out, in.data(), sizeof(out));
  return out;
}

void read_one(std::uint16_t type, bytes_view body, route_news& out) noexcept {
  if (type == RTM_NEWADDR || type == RTM_DELADDR) {
    out.addresses = true;
  } else if (type == RTM_DELLINK) {
    out.certain = true;
  } else if (type == RTM_NEWLINK) {
    // Counters and radio signals are news of a link too, but not ours.
    constexpr unsigned worth_knowing = IFF_UP | IFF_RUNNING;
    const auto link = front_as<ifinfomsg>(body);
    out.certain = out.certain || (link && (link->ifi_change & worth_knowing) != 0);
  } else if (type == RTM_NEWROUTE || type == RTM_DELROUTE) {
    // A cloned route is an entry of a cache.
    const auto route = front_as<rtmsg>(body);
    out.certain = out.certain || (route && (route->rtm_flags & RTM_F_CLONED) == 0);
  }
}

/// The part that Asio's handlers refer to.
class netlink_core : public std::enable_shared_from_this<netlink_core> {
public:
  netlink_core(io_loop& loop, network_change_events& events)
    : loop_(loop), events_(&events), socket_(loop.context()), known_(loop.net().interfaces()) {
    storm_.emplace(loop, [this] { settled(); });
  }

  bool open() {
    const int handle = ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
    if (handle < 0)
      return false;
    boost::system::error_code error;
    socket_.assign(handle, error);
    sockaddr_nl local{};
    local.nl_family = AF_NETLINK;
    local.nl_groups
      = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE;
    return !error && ::bind(handle, reinterpret_cast<const sockaddr*>(&local), sizeof(local)) == 0;
  }

  void wait_readable() {
    socket_.async_wait(asio::posix::stream_descriptor::wait_read,
      [self = shared_from_this()](const boost::system::error_code& error) {
        if (error || self->events_ == nullptr)
          return;
        self->read();
        self->wait_readable();
      });
  }

  void close() {
    events_ = nullptr;
    storm_.reset();
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

private:
  void read() {
    std::array<std::uint8_t, netlink_message_max> buffer;
    route_news news;
    for (int i = 0; i < messages_per_event; ++i) {
      sockaddr_nl from{};
      socklen_t from_size = sizeof(from);
      const auto count = ::recvfrom(socket_.native_handle(), buffer.data(), buffer.size(), 0,
        reinterpret_cast<sockaddr*>(&from), &from_size);
      if (count < 0 && errno == ENOBUFS) {
        news.certain = true;  // More happened than the socket can hold.
        continue;
      }
      if (count < 0)
        break;
      if (from.nl_pid != 0)
        continue;  // Only the kernel's word counts.
      const auto more = read_route_messages(bytes_view{buffer}.first(static_cast<std::size_t>(count)));
      news = {news.addresses || more.addresses, news.certain || more.certain};
    }
    if (!news.addresses && !news.certain)
      return;
    certain_ = certain_ || news.certain;
    storm_->changed();
  }

  void settled() {
    auto found = loop_.net().interfaces();
    const bool changed = std::exchange(certain_, false) || !same_interfaces(found, known_);
    known_ = std::move(found);
    if (changed)
      events_->network_changed();  // May end this object.
  }

  io_loop& loop_;
  network_change_events* events_;
  asio::posix::stream_descriptor socket_;
  std::vector<interface_address> known_;
  std::optional<change_coalescer> storm_;
  bool certain_ = false;
};

class netlink_watch final : public network_watch {
public:
  explicit netlink_watch(std::shared_ptr<netlink_core> core) : core_(std::move(core)) {}
  ~netlink_watch() override { core_->close(); }

private:
  std::shared_ptr<netlink_core> core_;
};

} // namespace

route_news read_route_messages(bytes_view in) noexcept {
  route_news out;
  while (const auto header = front_as<nlmsghdr>(in)) {
    if (header->nlmsg_len < sizeof(nlmsghdr) || header->nlmsg_len > in.size())
      break;
    read_one(header->nlmsg_type, in.first(header->nlmsg_len).subspan(sizeof(nlmsghdr)), out);
    // Messages begin at multiples of four; nobody pads the last one.
    in = in.subspan(std::min<std::size_t>(NLMSG_ALIGN(header->nlmsg_len), in.size()));
  }
  return out;
}

std::unique_ptr<network_watch> make_netlink_watch(io_loop& loop, network_change_events& events) {
  auto core = std::make_shared<netlink_core>(loop, events);
  if (!core->open())
    return nullptr;
  core->wait_readable();
  return std::make_unique<netlink_watch>(std::move(core));
}

} // namespace librats::runtime
