// SPDX-License-Identifier: MIT
#include "runtime/net/asio_datagram.hpp"

#include "runtime/io/io_loop.hpp"
#include "runtime/net/asio_address.hpp"
#include "runtime/net/udp_channel.hpp"

#include <boost/asio/buffer.hpp>

namespace librats::runtime {

namespace asio = boost::asio;
using asio::ip::udp;

namespace {

class portable_udp_channel final : public udp_channel {
public:
  using udp_channel::udp_channel;

private:
  bool read() override {
    const auto buffer = loop().read_buffer();
    bool any = false;
    for (std::size_t i = 0; i < datagrams_per_event && open_for_events(); ++i) {
      boost::system::error_code error;
      udp::endpoint from;
      const auto count = socket().receive_from(asio::buffer(buffer.data(), buffer.size()), from, 0, error);
      if (error == asio::error::would_block || error == asio::error::try_again)
        break;
      if (error)
        continue;  // Some systems report here that a datagram sent earlier was refused, without saying which.
      any = true;
      events().datagram_received(from_asio(from), buffer.first(count));
    }
    return any;
  }

  progress send_some() override {
    const auto one = batch().run_at(0, 1, 0);
    boost::system::error_code error;
    socket().send_to(asio::buffer(one.content.data(), one.content.size()), native(*one.to), 0, error);
    if (error == asio::error::would_block || error == asio::error::try_again)
      return progress::blocked;
    if (error)
      drop(1, error);
    else
      batch().pop(1);
    return progress::some;
  }
};

} // namespace

result<std::unique_ptr<datagram_socket>, std::error_code> make_asio_datagram_socket(io_loop& loop,
  const endpoint& local, bool dual_stack, datagram_events& events) {
  auto channel = std::make_shared<portable_udp_channel>(loop, events);
  if (const auto error = channel->open(local, dual_stack))
    return std::error_code{error};
  channel->wait_readable();
  return own_udp_channel(std::move(channel));
}

} // namespace librats::runtime
