// SPDX-License-Identifier: MIT
#include "runtime/net/linux_datagram.hpp"

#include "runtime/io/io_loop.hpp"
#include "runtime/net/asio_address.hpp"
#include "runtime/net/control_message.hpp"
#include "runtime/net/udp_channel.hpp"

#include <linux/errqueue.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <numeric>
#include <utility>

namespace librats::runtime {

using boost::asio::ip::udp;

namespace {

/// A train of coalesced datagrams has less than 64 KiB, a single one less still.
constexpr std::size_t slot_size = 64 * 1024;
/// Datagrams or trains of one call of `recvmmsg`.
constexpr std::size_t slots = io_loop::datagram_buffer_size / slot_size;
/// Messages that one call of `sendmmsg` takes from us.
constexpr std::size_t messages_per_call = 32;
/// What one message may carry in all: an IPv6 packet's 65535 bytes less 40 of IP header and 8 of UDP header, as the
/// kernel counts.
constexpr std::size_t run_bytes_max = 65'487;
/// Runs that the kernel refuses before we believe that it always will. One alone may be due to a path whose MTU is
/// smaller than the segments; then the datagrams go one by one, as IP fragments.
constexpr int run_refusals_max = 16;
/// Reports read from the error queue at a time.
constexpr int reports_per_look = 64;

/// Tries of one wake-up that bring errors instead of datagrams.
constexpr int read_errors_max = 8;

bool would_block(int error) { return error == EAGAIN || error == EWOULDBLOCK; }

/// What `recvmmsg` fills.
struct incoming {
  std::array<mmsghdr, slots> messages;
  std::array<iovec, slots> contents;
  std::array<udp::endpoint, slots> names;
  std::array<control_room<sizeof(int)>, slots> controls;
};

/// What `sendmmsg` is given.
struct outgoing {
  std::array<mmsghdr, messages_per_call> messages;
  std::array<iovec, messages_per_call> contents;
  std::array<udp::endpoint, messages_per_call> names;
  std::array<control_room<sizeof(std::uint16_t)>, messages_per_call> controls;
  std::array<std::size_t, messages_per_call> counts;  // Datagrams in each message.
};

class linux_udp_channel final : public udp_channel {
public:
  linux_udp_channel(io_loop& loop, datagram_events& events, const linux_datagram_options& options)
    : udp_channel(loop, events), options_(options) {}

private:
  void configure() override {
    set(IPPROTO_IP, IP_RECVERR, 1);  // On an IPv6 socket: for mapped addresses.
    if (is_v6())
      set(IPPROTO_IPV6, IPV6_RECVERR, 1);
    if (options_.coalesce)
      set(IPPROTO_UDP, UDP_GRO, 1);
    // A kernel that does not know the option would ignore the control message and send the run as one large datagram.
    if (!set(IPPROTO_UDP, UDP_SEGMENT, 0))
      options_.segments_max = 1;
  }

  bool set(int level, int name, int value) {
    return ::setsockopt(socket().native_handle(), level, name, &value, sizeof(value)) == 0;
  }

  // -- receiving

  bool read() override {
    incoming in;
    std::size_t total = 0;
    for (int errors = 0; total < datagrams_per_event && errors < read_errors_max && open_for_events();) {
      const auto got = receive(in);
      if (got < 0) {
        const auto error = errno;
        // The socket shows an ICMP error once as its own. And who is woken for nothing may have been for a report.
        if (!would_block(error) || total == 0)
          read_reports();
        if (would_block(error))
          break;
        ++errors;
        continue;
      }
      for (std::size_t i = 0; i < static_cast<std::size_t>(got) && open_for_events(); ++i)
        total += hand_over(in, i);
      if (static_cast<std::size_t>(got) < slots)
        break;  // The socket is empty; asking again would only cost a system call.
    }
    return total != 0;
  }

  int receive(incoming& in) {
    const auto buffer = loop().datagram_buffer();
    for (std::size_t i = 0; i < slots; ++i) {
      in.contents[i] = {buffer.data() + i * slot_size, slot_size};
      auto& header = in.messages[i].msg_hdr;
      header = {};
      header.msg_name = in.names[i].data();
      header.msg_namelen = static_cast<socklen_t>(in.names[i].capacity());
      header.msg_iov = &in.contents[i];
      header.msg_iovlen = 1;
      header.msg_control = in.controls[i].bytes;
      header.msg_controllen = sizeof(in.controls[i].bytes);
    }
    return ::recvmmsg(socket().native_handle(), in.messages.data(), static_cast<unsigned>(slots), 0, nullptr);
  }

  /// Cuts a train into its datagrams; returns how many were handed over.
  std::size_t hand_over(incoming& in, std::size_t slot) {
    auto& header = in.messages[slot].msg_hdr;
    in.names[slot].resize(header.msg_namelen);
    const auto from = from_asio(in.names[slot]);
    auto rest = loop().datagram_buffer().subspan(slot * slot_size, in.messages[slot].msg_len);
    const auto train = find_control<int>(header, IPPROTO_UDP, UDP_GRO);
    const auto segment = train && *train > 0 ? static_cast<std::size_t>(*train) : rest.size();
    std::size_t count = 0;
    do {
      const auto one = rest.first(std::min(segment, rest.size()));
      rest = rest.subspan(one.size());
      events().datagram_received(from, one);
      ++count;
    } while (!rest.empty() && open_for_events());
    return count;
  }

  void read_reports() {
    for (int i = 0; i < reports_per_look; ++i) {
      udp::endpoint about;
      control_room<sizeof(sock_extended_err) + sizeof(sockaddr_in6)> control;  // The error, and who complains.
      msghdr header{};
      header.msg_name = about.data();
      header.msg_namelen = static_cast<socklen_t>(about.capacity());
      header.msg_control = control.bytes;
      header.msg_controllen = sizeof(control.bytes);
      if (::recvmsg(socket().native_handle(), &header, MSG_ERRQUEUE) < 0)
        return;
      auto report = find_control<sock_extended_err>(header, IPPROTO_IP, IP_RECVERR);
      if (!report)
        report = find_control<sock_extended_err>(header, IPPROTO_IPV6, IPV6_RECVERR);
      if (!report || header.msg_namelen == 0)
        continue;
      about.resize(header.msg_namelen);
      note_error(from_asio(about), {static_cast<int>(report->ee_errno), std::system_category()});
    }
  }

  // -- sending

  progress send_some() override {
    outgoing out;
    const auto count = collect(out);
    const auto sent = ::sendmmsg(socket().native_handle(), out.messages.data(), static_cast<unsigned>(count), 0);
    if (sent > 0) {
      const auto gone = std::accumulate(out.counts.begin(), out.counts.begin() + sent, std::size_t{0});
      batch().pop(gone);
      one_by_one_ -= std::min(one_by_one_, gone);
      failed_ = false;
      return progress::some;
    }
    const auto error = errno;
    if (would_block(error))
      return progress::blocked;
    if (error == EINTR)
      return progress::some;
    read_reports();
    if (out.counts[0] > 1 && (error == EINVAL || error == EIO || error == EMSGSIZE)) {
      one_by_one_ = out.counts[0];
      if (++run_refusals_ >= run_refusals_max)
        options_.segments_max = 1;
      return progress::some;
    }
    // The error may be an ICMP report about an earlier datagram, which is gone now; this one gets a second try.
    if (std::exchange(failed_, !failed_)) {
      drop(out.counts[0], {error, std::system_category()});
      one_by_one_ -= std::min(one_by_one_, out.counts[0]);
    }
    return progress::some;
  }

  /// Lays out the oldest datagrams; returns the number of messages.
  std::size_t collect(outgoing& out) {
    std::size_t covered = 0;
    std::size_t i = 0;
    for (; i < messages_per_call && covered < batch().size(); ++i) {
      const auto run = batch().run_at(covered, covered < one_by_one_ ? 1 : options_.segments_max, run_bytes_max);
      out.contents[i] = {const_cast<std::uint8_t*>(run.content.data()), run.content.size()};
      out.names[i] = native(*run.to);
      out.counts[i] = run.count;
      auto& header = out.messages[i].msg_hdr;
      header = {};
      header.msg_name = out.names[i].data();
      header.msg_namelen = static_cast<socklen_t>(out.names[i].size());
      header.msg_iov = &out.contents[i];
      header.msg_iovlen = 1;
      if (run.count > 1) {
        header.msg_control = out.controls[i].bytes;
        header.msg_controllen = sizeof(out.controls[i].bytes);
        put_control(header, IPPROTO_UDP, UDP_SEGMENT, static_cast<std::uint16_t>(run.segment));
      }
      covered += run.count;
    }
    return i;
  }

  linux_datagram_options options_;
  int run_refusals_ = 0;
  std::size_t one_by_one_ = 0;  // The oldest so many, whose run was refused.
  bool failed_ = false;         // The oldest one was tried once.
};

} // namespace

result<std::unique_ptr<datagram_socket>, std::error_code> make_linux_datagram_socket(io_loop& loop,
  const endpoint& local, bool dual_stack, datagram_events& events, const linux_datagram_options& options) {
  auto channel = std::make_shared<linux_udp_channel>(loop, events, options);
  if (const auto error = channel->open(local, dual_stack))
    return std::error_code{error};
  channel->wait_readable();
  return own_udp_channel(std::move(channel));
}

} // namespace librats::runtime
