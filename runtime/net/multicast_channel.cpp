// SPDX-License-Identifier: MIT
#ifdef __APPLE__
#  define __APPLE_USE_RFC_3542 1  // Or its headers hide IPV6_RECVPKTINFO.
#endif

#include "runtime/net/multicast_channel.hpp"

#include "runtime/io/io_loop.hpp"
#include "runtime/net/asio_address.hpp"
#include "runtime/net/silent_datagram_events.hpp"
#include "runtime/net/udp_channel.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/multicast.hpp>
#include <boost/asio/ip/unicast.hpp>

#if !defined(_WIN32) && defined(IP_PKTINFO) && defined(IPV6_RECVPKTINFO)
#  define LIBRATS_PACKET_INFO 1
#  include "runtime/net/control_message.hpp"

#  include <netinet/in.h>

#  include <cerrno>
#endif

#include <algorithm>
#include <cstring>

namespace librats::runtime {

namespace asio = boost::asio;
using asio::ip::udp;

namespace {

class multicast_channel final : private silent_datagram_events, public udp_channel {
public:
  multicast_channel(io_loop& loop, const multicast_options& options, std::uint64_t token, multicast_events& events)
    : udp_channel(loop, *this), options_(options), token_(token), listener_(events) {}

  boost::system::error_code join() {
    const auto& here = options_.interface;
    boost::system::error_code error;
    // By its index, as addresses need not be unique (RFC 3678 section 5.1).
    group_req request{};
    request.gr_interface = here.index;
    const udp::endpoint group{to_asio(options_.group), options_.port};
    std::memcpy(&request.gr_group, group.data(), group.size());
    if (!set(v6() ? IPPROTO_IPV6 : IPPROTO_IP, MCAST_JOIN_GROUP, request))
      return last_error();
    if (v6())
      socket().set_option(asio::ip::multicast::outbound_interface(here.index), error);
    else
      socket().set_option(asio::ip::multicast::outbound_interface(to_asio(here.address).to_v4()), error);
    if (!error)
      socket().set_option(asio::ip::multicast::hops(options_.hops), error);
    if (!error)
      socket().set_option(asio::ip::multicast::enable_loopback(options_.loopback), error);
    if (!error)
      socket().set_option(asio::ip::unicast::hops(options_.hops), error);
    return error;
  }

private:
  [[nodiscard]] bool v6() const noexcept { return options_.group.is_v6(); }

  template <class T>
  bool set(int level, int name, const T& value) {
    return ::setsockopt(socket().native_handle(), level, name, reinterpret_cast<const char*>(&value), sizeof(value))
           == 0;
  }

  static boost::system::error_code last_error() {
#ifdef _WIN32
    return {::WSAGetLastError(), boost::system::system_category()};
#else
    return {errno, boost::system::system_category()};
#endif
  }

  /// Responders share the port (RFC 6762 section 15). BSD shares a group with SO_REUSEPORT, Windows with SO_REUSEADDR,
  /// and Linux asks for whichever the others set.
  boost::system::error_code before_bind() override {
    boost::system::error_code error;
    socket().set_option(udp::socket::reuse_address(true), error);
#ifdef SO_REUSEPORT
    if (!error && !set(SOL_SOCKET, SO_REUSEPORT, int{1}))
      error = last_error();
#endif
    return error;
  }

  void configure() override {
    // Options that a system lacks leave their part of an arrival empty.
#ifdef LIBRATS_PACKET_INFO
    set(v6() ? IPPROTO_IPV6 : IPPROTO_IP, v6() ? IPV6_RECVPKTINFO : IP_PKTINFO, int{1});
    set(v6() ? IPPROTO_IPV6 : IPPROTO_IP, v6() ? IPV6_RECVHOPLIMIT : IP_RECVTTL, int{1});
#endif
  }

  /// As the system wants a destination named: link-local ones with their zone, which is ours.
  [[nodiscard]] udp::endpoint destination(const endpoint& to) const {
    auto out = native(to);
    if (to.address.is_v6() && (to.address.is_link_local() || to.address.is_multicast())) {
      auto address = out.address().to_v6();
      address.scope_id(options_.interface.index);
      out.address(address);
    }
    return out;
  }

  // -- receiving

  bool read() override {
    const auto buffer = loop().read_buffer();
    bool any = false;
    for (std::size_t i = 0; i < datagrams_per_event && open_for_events(); ++i) {
      multicast_arrival how;
      how.interface = options_.interface.index;
      boost::system::error_code error;
      const auto count = receive(buffer, how, error);
      if (error == asio::error::would_block || error == asio::error::try_again)
        break;
      if (error || !is_for_us(how))
        continue;
      any = true;
      listener_.multicast_received(token_, how, buffer.first(count));
    }
    return any;
  }

  /// Each socket gets its own copy of what was sent to a group; only one gets what was sent to an address.
  [[nodiscard]] bool is_for_us(const multicast_arrival& how) const {
    if (!how.to || !how.to->is_multicast())
      return true;
    return *how.to == options_.group && how.interface == options_.interface.index;
  }

#ifdef LIBRATS_PACKET_INFO

  std::size_t receive(mutable_bytes_view buffer, multicast_arrival& how, boost::system::error_code& error) {
    udp::endpoint from;
    iovec content{buffer.data(), buffer.size()};
    control_room<sizeof(in6_pktinfo), sizeof(int)> control;
    msghdr header{};
    header.msg_name = from.data();
    header.msg_namelen = static_cast<socklen_t>(from.capacity());
    header.msg_iov = &content;
    header.msg_iovlen = 1;
    header.msg_control = control.bytes;
    header.msg_controllen = sizeof(control.bytes);
    const auto count = ::recvmsg(socket().native_handle(), &header, 0);
    if (count < 0) {
      error = last_error();
      return 0;
    }
    from.resize(header.msg_namelen);
    how.from = from_asio(from);
    if (const auto info = find_control<in6_pktinfo>(header, IPPROTO_IPV6, IPV6_PKTINFO); info && v6()) {
      how.to = ip_address::from_bytes({reinterpret_cast<const std::uint8_t*>(&info->ipi6_addr), 16});
      how.interface = static_cast<std::uint32_t>(info->ipi6_ifindex);
    }
    if (const auto info = find_control<in_pktinfo>(header, IPPROTO_IP, IP_PKTINFO); info && !v6()) {
      how.to = ip_address::from_bytes({reinterpret_cast<const std::uint8_t*>(&info->ipi_addr), 4});
      how.interface = static_cast<std::uint32_t>(info->ipi_ifindex);
    }
    auto hops = find_control<int>(header, v6() ? IPPROTO_IPV6 : IPPROTO_IP, v6() ? IPV6_HOPLIMIT : hops_control);
    if (hops && *hops >= 0 && *hops <= 255)
      how.hops = static_cast<std::uint8_t>(*hops);
    return static_cast<std::size_t>(count);
  }

  /// Names the interface and the address to send from: a route might choose others for a single destination.
  progress send_some() override {
    const auto one = batch().run_at(0, 1, 0);
    const auto to = destination(*one.to);
    iovec content{const_cast<std::uint8_t*>(one.content.data()), one.content.size()};
    control_room<sizeof(in6_pktinfo)> control{};
    msghdr header{};
    header.msg_name = const_cast<void*>(static_cast<const void*>(to.data()));
    header.msg_namelen = static_cast<socklen_t>(to.size());
    header.msg_iov = &content;
    header.msg_iovlen = 1;
    header.msg_control = control.bytes;
    const auto raw = options_.interface.address.raw();
    if (v6()) {
      in6_pktinfo info{};
      std::memcpy(&info.ipi6_addr, raw.data(), raw.size());
      info.ipi6_ifindex = options_.interface.index;
      header.msg_controllen = CMSG_SPACE(sizeof(info));
      put_control(header, IPPROTO_IPV6, IPV6_PKTINFO, info);
    } else {
      in_pktinfo info{};
      std::memcpy(&info.ipi_spec_dst, raw.data(), raw.size());
      info.ipi_ifindex = static_cast<decltype(info.ipi_ifindex)>(options_.interface.index);
      header.msg_controllen = CMSG_SPACE(sizeof(info));
      put_control(header, IPPROTO_IP, IP_PKTINFO, info);
    }
    if (::sendmsg(socket().native_handle(), &header, 0) < 0)
      return failed(last_error());
    batch().pop(1);
    return progress::some;
  }

#else

  std::size_t receive(mutable_bytes_view buffer, multicast_arrival& how, boost::system::error_code& error) {
    udp::endpoint from;
    const auto count = socket().receive_from(asio::buffer(buffer.data(), buffer.size()), from, 0, error);
    if (!error)
      how.from = from_asio(from);
    return count;
  }

  progress send_some() override {
    const auto one = batch().run_at(0, 1, 0);
    boost::system::error_code error;
    socket().send_to(asio::buffer(one.content.data(), one.content.size()), destination(*one.to), 0, error);
    if (error)
      return failed(error);
    batch().pop(1);
    return progress::some;
  }

#endif

  progress failed(const boost::system::error_code& error) {
    if (error == asio::error::would_block || error == asio::error::try_again)
      return progress::blocked;
    if (error != asio::error::interrupted)
      drop(1, error);
    return progress::some;
  }

#ifdef LIBRATS_PACKET_INFO
#  ifdef __APPLE__
  static constexpr int hops_control = IP_RECVTTL;
#  else
  static constexpr int hops_control = IP_TTL;
#  endif
#endif

  multicast_options options_;
  std::uint64_t token_;
  multicast_events& listener_;
};

} // namespace

result<std::unique_ptr<datagram_socket>, std::error_code> make_multicast_socket(io_loop& loop,
  const multicast_options& options, std::uint64_t token, multicast_events& events) {
  if (const auto wrong = check_multicast_options(options))
    return wrong;
  auto channel = std::make_shared<multicast_channel>(loop, options, token, events);
  auto error = channel->open({options.group.is_v6() ? ip_address::v6_any() : ip_address{}, options.port}, false);
  if (!error)
    error = channel->join();
  if (error)
    return std::error_code{error};
  channel->wait_readable();
  return own_udp_channel(std::move(channel));
}

} // namespace librats::runtime
