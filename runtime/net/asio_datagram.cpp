// SPDX-License-Identifier: MIT
#include "runtime/net/asio_datagram.hpp"

#include "runtime/io/io_loop.hpp"
#include "runtime/net/asio_address.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/ip/v6_only.hpp>

#include <utility>

namespace librats::runtime {

namespace asio = boost::asio;
using asio::ip::udp;

namespace {

/// Datagrams of one readable event before the loop looks at its other work.
constexpr int datagrams_per_event = 64;

class udp_channel : public std::enable_shared_from_this<udp_channel> {
public:
  udp_channel(io_loop& loop, datagram_events& events) : loop_(loop), socket_(loop.context()), events_(&events) {}

  boost::system::error_code open(const endpoint& local, bool dual_stack) {
    const auto bind_to = to_asio<udp>(local);
    boost::system::error_code error;
    socket_.open(bind_to.protocol(), error);
    if (!error && local.address.is_v6())
      socket_.set_option(asio::ip::v6_only(!(dual_stack && local.address.is_unspecified())), error);
    if (!error)
      socket_.bind(bind_to, error);
    if (!error)
      socket_.non_blocking(true, error);
    if (!error) {
      local_ = from_asio(socket_.local_endpoint(error));
      mapped_ = local.address.is_v6();
    }
    return error;
  }

  void wait_readable() {
    socket_.async_wait(udp::socket::wait_read, [self = shared_from_this()](const boost::system::error_code& error) {
      if (!error && self->events_ != nullptr)
        self->read();
    });
  }

  bool send(const endpoint& to, bytes_view datagram) {
    auto remote = to_asio<udp>(to);
    if (mapped_ && to.address.is_v4())  // A dual-stack socket speaks IPv4 only through mapped addresses.
      remote.address(asio::ip::make_address_v6(asio::ip::v4_mapped, remote.address().to_v4()));
    boost::system::error_code error;
    socket_.send_to(asio::buffer(datagram.data(), datagram.size()), remote, 0, error);
    if (error != asio::error::would_block && error != asio::error::try_again)
      return true;
    if (!std::exchange(waiting_for_room_, true))
      wait_writable();
    return false;
  }

  void close() {
    events_ = nullptr;
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

  [[nodiscard]] const endpoint& local() const noexcept { return local_; }

private:
  void read() {
    const auto buffer = loop_.read_buffer();
    for (int i = 0; i < datagrams_per_event && events_ != nullptr; ++i) {
      boost::system::error_code error;
      udp::endpoint from;
      const auto count = socket_.receive_from(asio::buffer(buffer.data(), buffer.size()), from, 0, error);
      if (error == asio::error::would_block || error == asio::error::try_again)
        break;
      if (!error)  // Others are ICMP reports about datagrams sent earlier.
        events_->datagram_received(from_asio(from), buffer.first(count));
    }
    if (events_ != nullptr)
      wait_readable();
  }

  void wait_writable() {
    socket_.async_wait(udp::socket::wait_write, [self = shared_from_this()](const boost::system::error_code& error) {
      self->waiting_for_room_ = false;
      if (!error && self->events_ != nullptr)
        self->events_->datagrams_writable();
    });
  }

  io_loop& loop_;
  udp::socket socket_;
  datagram_events* events_;
  endpoint local_;
  bool mapped_ = false;
  bool waiting_for_room_ = false;
};

class udp_datagram_socket final : public datagram_socket {
public:
  explicit udp_datagram_socket(std::shared_ptr<udp_channel> channel) : channel_(std::move(channel)) {}
  ~udp_datagram_socket() override { channel_->close(); }
  bool send(const endpoint& to, bytes_view datagram) override { return channel_->send(to, datagram); }
  [[nodiscard]] endpoint local() const override { return channel_->local(); }

private:
  std::shared_ptr<udp_channel> channel_;
};

} // namespace

result<std::unique_ptr<datagram_socket>, std::error_code> make_asio_datagram_socket(io_loop& loop,
  const endpoint& local, bool dual_stack, datagram_events& events) {
  auto channel = std::make_shared<udp_channel>(loop, events);
  if (const auto error = channel->open(local, dual_stack))
    return std::error_code{error};
  channel->wait_readable();
  return std::unique_ptr<datagram_socket>{std::make_unique<udp_datagram_socket>(std::move(channel))};
}

} // namespace librats::runtime
