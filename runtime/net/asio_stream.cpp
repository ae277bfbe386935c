// SPDX-License-Identifier: MIT
#include "runtime/net/asio_stream.hpp"

#include "runtime/io/io_loop.hpp"
#include "runtime/net/asio_address.hpp"
#include "runtime/net/tcp_quality.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>

#include <utility>

namespace librats::runtime {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

/// Reads of one readable event before other connections get their turn; a fast sender must not starve them.
constexpr int reads_per_event = 4;

/// The part of a stream that Asio's handlers refer to. It lives on while one of them is pending, but once closed it
/// never calls anybody.
class tcp_channel : public std::enable_shared_from_this<tcp_channel> {
public:
  tcp_channel(io_loop& loop, tcp::socket socket) : loop_(loop), socket_(std::move(socket)) {
    boost::system::error_code error;
    // The peer may be gone already; then the addresses stay unspecified and the first read says so.
    if (const auto x = socket_.remote_endpoint(error); !error)
      remote_ = from_asio(x);
    if (const auto x = socket_.local_endpoint(error); !error)
      local_ = from_asio(x);
    socket_.non_blocking(true, error);
    socket_.set_option(tcp::no_delay(true), error);  // wire/00 section 5.
  }

  void start(stream_events& events) {
    events_ = &events;
    wait_readable();
  }

  void close() {
    events_ = nullptr;
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

  std::size_t write(bytes_view in) {
    if (events_ == nullptr || waiting_for_room_ || in.empty())
      return 0;
    boost::system::error_code error;
    const auto written = socket_.write_some(asio::buffer(in.data(), in.size()), error);
    if (error && error != asio::error::would_block && error != asio::error::try_again) {
      fail_later(error);
      return 0;
    }
    if (written < in.size())
      wait_writable();
    return written;
  }

  void pause_reading() { paused_ = true; }

  void resume_reading() {
    if (!std::exchange(paused_, false) || waiting_for_bytes_)
      return;
    wait_readable();
  }

  /// The socket's family, which differs from its addresses' where those are IPv4-mapped.
  [[nodiscard]] tcp family() const {
    boost::system::error_code error;
    const auto local = socket_.local_endpoint(error);
    return error ? tcp::v4() : local.protocol();
  }

  /// The bare socket, or an invalid one when the system cannot take it off its loop.
  std::pair<tcp::socket::native_handle_type, bool> release() {
    events_ = nullptr;
    boost::system::error_code error;
    const auto handle = socket_.release(error);
    return {handle, !error};
  }

  [[nodiscard]] const endpoint& remote() const noexcept { return remote_; }
  [[nodiscard]] const endpoint& local() const noexcept { return local_; }

  /// Not const, because Asio gives out its handle to those alone who might change it.
  [[nodiscard]] stream_quality quality() {
#ifdef __linux__
    if (socket_.is_open())
      return tcp_quality(socket_.native_handle());
#endif
    return {};
  }

private:
  void wait_readable() {
    if (events_ == nullptr || paused_)
      return;
    waiting_for_bytes_ = true;
    socket_.async_wait(tcp::socket::wait_read, [self = shared_from_this()](const boost::system::error_code& error) {
      self->waiting_for_bytes_ = false;
      if (!error)
        self->read();
    });
  }

  void read() {
    const auto buffer = loop_.read_buffer();
    for (int i = 0; i < reads_per_event && events_ != nullptr && !paused_; ++i) {
      boost::system::error_code error;
      const auto count = socket_.read_some(asio::buffer(buffer.data(), buffer.size()), error);
      if (error == asio::error::would_block || error == asio::error::try_again)
        break;
      if (error) {
        end(error == asio::error::eof ? std::error_code{} : std::error_code{error});
        return;
      }
      events_->stream_bytes(buffer.first(count));
      if (count < buffer.size())
        break;  // The socket is empty; asking again would only cost a system call.
    }
    wait_readable();
  }

  void wait_writable() {
    waiting_for_room_ = true;
    socket_.async_wait(tcp::socket::wait_write, [self = shared_from_this()](const boost::system::error_code& error) {
      self->waiting_for_room_ = false;
      if (!error && self->events_ != nullptr)
        self->events_->stream_writable();
    });
  }

  /// No event may come from inside a call, so an error of a write waits for the loop.
  void fail_later(const boost::system::error_code& error) {
    asio::post(loop_.context(), [self = shared_from_this(), why = std::error_code{error}] { self->end(why); });
  }

  void end(std::error_code why) {
    if (auto* events = std::exchange(events_, nullptr))
      events->stream_closed(why);
  }

  io_loop& loop_;
  tcp::socket socket_;
  endpoint remote_;
  endpoint local_;
  stream_events* events_ = nullptr;  // Null before the start and after the end.
  bool paused_ = false;
  bool waiting_for_bytes_ = false;
  bool waiting_for_room_ = false;
};

/// Keeps a socket that no loop watches, in a context that nobody runs.
class tcp_wanderer final : public detached_stream {
public:
  tcp_wanderer(const tcp& protocol, tcp::socket::native_handle_type socket) : family(protocol), handle(socket) {}
  ~tcp_wanderer() override {
    if (!owned)
      return;
    asio::io_context context;
    boost::system::error_code ignored;
    tcp::socket{context}.assign(family, handle, ignored);
  }
  tcp family;
  tcp::socket::native_handle_type handle;
  bool owned = true;
};

class tcp_stream final : public stream {
public:
  explicit tcp_stream(std::shared_ptr<tcp_channel> channel) : channel_(std::move(channel)) {}
  ~tcp_stream() override { channel_->close(); }

  void start(stream_events& events) override { channel_->start(events); }
  std::size_t write(bytes_view in) override { return channel_->write(in); }
  void pause_reading() override { channel_->pause_reading(); }
  void resume_reading() override { channel_->resume_reading(); }
  void abort() override { channel_->close(); }
  std::unique_ptr<detached_stream> detach() override {
    const auto family = channel_->family();
    const auto [handle, ok] = channel_->release();
    return ok ? std::make_unique<tcp_wanderer>(family, handle) : nullptr;
  }
  [[nodiscard]] endpoint remote() const override { return channel_->remote(); }
  [[nodiscard]] endpoint local() const override { return channel_->local(); }
  [[nodiscard]] transport kind() const noexcept override { return transport::tcp; }
  [[nodiscard]] stream_quality quality() const override { return channel_->quality(); }

private:
  std::shared_ptr<tcp_channel> channel_;
};

} // namespace

std::unique_ptr<stream> make_asio_stream(io_loop& loop, tcp::socket socket) {
  return std::make_unique<tcp_stream>(std::make_shared<tcp_channel>(loop, std::move(socket)));
}

std::unique_ptr<stream> attach_asio_stream(io_loop& loop, std::unique_ptr<detached_stream> wanderer) {
  auto* mine = dynamic_cast<tcp_wanderer*>(wanderer.get());
  if (mine == nullptr)
    return nullptr;
  tcp::socket socket{loop.context()};
  boost::system::error_code error;
  socket.assign(mine->family, mine->handle, error);
  if (error)
    return nullptr;
  mine->owned = false;
  return make_asio_stream(loop, std::move(socket));
}

} // namespace librats::runtime
