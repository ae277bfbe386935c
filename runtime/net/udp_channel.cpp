// SPDX-License-Identifier: MIT
#include "runtime/net/udp_channel.hpp"

#include "runtime/io/io_loop.hpp"
#include "runtime/net/asio_address.hpp"
#include "runtime/net/shared_datagram_socket.hpp"

#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>

namespace librats::runtime {

namespace asio = boost::asio;
using asio::ip::udp;

namespace {

/// Refusals between two looks at the loop that are worth telling: a storm of ICMP shall not become a storm of work.
constexpr std::size_t refusals_max = 64;

/// Errors that say that `to` cannot be reached, or not from here.
bool means_unreachable(const std::error_code& why) {
  return why == std::errc::connection_refused || why == std::errc::host_unreachable
         || why == std::errc::network_unreachable || why == std::errc::network_down
         || why == std::errc::address_family_not_supported || why == std::errc::permission_denied
         || why == std::errc::operation_not_permitted;
}

} // namespace

udp_channel::udp_channel(io_loop& loop, datagram_events& events)
  : loop_(loop), socket_(loop.context()), events_(&events) {}

boost::system::error_code udp_channel::open(const endpoint& local, bool dual_stack) {
  const auto bind_to = to_asio<udp>(local);
  boost::system::error_code error;
  socket_.open(bind_to.protocol(), error);
  if (!error && local.address.is_v6())
    socket_.set_option(asio::ip::v6_only(!(dual_stack && local.address.is_unspecified())), error);
  if (!error)
    error = before_bind();
  if (!error)
    socket_.bind(bind_to, error);
  if (!error)
    socket_.non_blocking(true, error);
  if (!error)
    local_ = from_asio(socket_.local_endpoint(error));
  if (error)
    return error;
  v6_ = local.address.is_v6();
  boost::system::error_code ignored;  // A system that grants less still works.
  socket_.set_option(asio::socket_base::receive_buffer_size(datagram_kernel_buffer), ignored);
  socket_.set_option(asio::socket_base::send_buffer_size(datagram_kernel_buffer), ignored);
  configure();
  return error;
}

void udp_channel::wait_readable() {
  socket_.async_wait(udp::socket::wait_read, [self = shared_from_this()](const boost::system::error_code& error) {
    if (error || self->events_ == nullptr)
      return;
    if (self->read() && self->events_ != nullptr)
      self->events_->datagrams_drained();
    if (self->events_ != nullptr)
      self->wait_readable();
  });
}

void udp_channel::close() {
  flush();
  events_ = nullptr;
  loop_.withdraw(*this);
  boost::system::error_code ignored;
  socket_.close(ignored);
}

// -- sending ---------------------------------------------------------------------------------------------------------

mutable_bytes_view udp_channel::prepare(std::size_t size) {
  if (size > datagram_size_max)
    return {};
  auto room = batch_.prepare(size);
  if (room.empty()) {
    flush();
    room = batch_.prepare(size);
    if (room.empty())
      promised_room_ = true;
  }
  return room;
}

void udp_channel::commit(const endpoint& to, std::size_t size) {
  batch_.commit(to, size);
  loop_.call_at_turn_end(*this);
}

void udp_channel::flush() {
  while (!blocked_ && !batch_.empty()) {
    if (send_some() == progress::blocked) {
      blocked_ = true;
      wait_writable();
    }
  }
}

void udp_channel::wait_writable() {
  socket_.async_wait(udp::socket::wait_write, [self = shared_from_this()](const boost::system::error_code& error) {
    if (error || self->events_ == nullptr)
      return;
    self->blocked_ = false;
    self->flush();
    // Room is told of when all has left, not at every datagram: its user shall fill whole batches.
    if (!self->blocked_ && std::exchange(self->promised_room_, false))
      self->events_->datagrams_writable();
  });
}

udp::endpoint udp_channel::native(const endpoint& to) const {
  auto out = to_asio<udp>(to);
  if (v6_ && to.address.is_v4())
    out.address(asio::ip::make_address_v6(asio::ip::v4_mapped, out.address().to_v4()));
  return out;
}

void udp_channel::drop(std::size_t count, std::error_code why) {
  dropped_ += count;
  note_error(*batch_.run_at(0, 1, 0).to, why);
  batch_.pop(count);
}

// -- refusals --------------------------------------------------------------------------------------------------------

void udp_channel::note_error(const endpoint& to, std::error_code why) {
  if (!means_unreachable(why) || refusals_.size() >= refusals_max)
    return;
  if (refusals_.empty())
    asio::post(loop_.context(), [self = shared_from_this()] { self->tell_refusals(); });
  refusals_.emplace_back(to, why);
}

void udp_channel::tell_refusals() {
  for (const auto& [to, why] : std::exchange(refusals_, {}))
    if (events_ != nullptr)
      events_->datagram_refused(to, why);
}

std::unique_ptr<datagram_socket> own_udp_channel(std::shared_ptr<udp_channel> channel) {
  return std::make_unique<shared_datagram_socket<udp_channel>>(std::move(channel));
}

} // namespace librats::runtime
