// SPDX-License-Identifier: MIT
#include "runtime/net/asio_network.hpp"

#include "runtime/io/io_loop.hpp"
#include "runtime/net/asio_address.hpp"
#include "runtime/net/asio_datagram.hpp"
#include "runtime/net/asio_stream.hpp"
#include "runtime/net/interfaces.hpp"
#include "runtime/net/linux_datagram.hpp"
#include "runtime/net/multicast_channel.hpp"
#include "runtime/net/netlink_watch.hpp"
#include "runtime/net/network_watch.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <utility>

namespace librats::runtime {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

/// How long accepting rests after an error such as "no file descriptor left", which would otherwise spin.
constexpr auto acceptor_pause = std::chrono::milliseconds{100};

class tcp_acceptor_core : public std::enable_shared_from_this<tcp_acceptor_core> {
public:
  tcp_acceptor_core(io_loop& loop, acceptor_events& events)
    : loop_(loop), socket_(loop.context()), pause_(loop.context()), events_(&events) {}

  boost::system::error_code open(const listen_options& options) {
    const auto local = to_asio<tcp>(options.local);
    boost::system::error_code error;
    socket_.open(local.protocol(), error);
    if (!error && options.local.address.is_v6())
      socket_.set_option(asio::ip::v6_only(!(options.dual_stack && options.local.address.is_unspecified())), error);
#ifndef _WIN32
    // Lets a restarted node listen again while old connections linger. On Windows the option means something else.
    if (!error)
      socket_.set_option(tcp::acceptor::reuse_address(true), error);
#endif
    if (!error)
      socket_.bind(local, error);
    if (!error)
      socket_.listen(options.backlog, error);
    if (!error)
      local_ = from_asio(socket_.local_endpoint(error));
    return error;
  }

  void accept() {
    socket_.async_accept([self = shared_from_this()](const boost::system::error_code& error, tcp::socket incoming) {
      self->accepted(error, std::move(incoming));
    });
  }

  void close() {
    events_ = nullptr;
    boost::system::error_code ignored;
    socket_.close(ignored);
    pause_.cancel();
  }

  [[nodiscard]] const endpoint& local() const noexcept { return local_; }

private:
  void accepted(const boost::system::error_code& error, tcp::socket incoming) {
    if (events_ == nullptr)
      return;
    if (!error) {
      events_->accepted(make_asio_stream(loop_, std::move(incoming)));
    } else if (error != asio::error::connection_aborted) {
      events_->accept_failed(error);
      pause_.expires_after(acceptor_pause);
      pause_.async_wait([self = shared_from_this()](const boost::system::error_code& cancelled) {
        if (!cancelled && self->events_ != nullptr)
          self->accept();
      });
      return;
    }
    if (events_ != nullptr)
      accept();
  }

  io_loop& loop_;
  tcp::acceptor socket_;
  asio::steady_timer pause_;
  acceptor_events* events_;
  endpoint local_;
};

class tcp_acceptor final : public acceptor {
public:
  explicit tcp_acceptor(std::shared_ptr<tcp_acceptor_core> core) : core_(std::move(core)) {}
  ~tcp_acceptor() override { core_->close(); }
  [[nodiscard]] endpoint local() const override { return core_->local(); }

private:
  std::shared_ptr<tcp_acceptor_core> core_;
};

class tcp_dial_core : public std::enable_shared_from_this<tcp_dial_core> {
public:
  tcp_dial_core(io_loop& loop, std::uint64_t token, dial_events& events)
    : loop_(loop), socket_(loop.context()), token_(token), events_(&events) {}

  void connect(const endpoint& remote) {
    socket_.async_connect(to_asio<tcp>(remote), [self = shared_from_this()](const boost::system::error_code& error) {
      auto* events = std::exchange(self->events_, nullptr);
      if (events == nullptr)
        return;
      if (error)
        events->dial_failed(self->token_, error);
      else
        events->dialed(self->token_, make_asio_stream(self->loop_, std::move(self->socket_)));
    });
  }

  void close() {
    events_ = nullptr;
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

private:
  io_loop& loop_;
  tcp::socket socket_;
  std::uint64_t token_;
  dial_events* events_;
};

class name_lookup_core : public std::enable_shared_from_this<name_lookup_core> {
public:
  name_lookup_core(io_loop& loop, std::uint64_t token, resolve_events& events)
    : resolver_(loop.context()), token_(token), events_(&events) {}

  /// A literal needs no resolver, and so no resolver thread.
  void give(io_loop& loop, const ip_address& literal) {
    asio::post(loop.context(), [self = shared_from_this(), literal] { self->finish({literal}, {}); });
  }

  void look_up(const std::string& host) {
    resolver_.async_resolve(host, "",
      [self = shared_from_this()](const boost::system::error_code& error, const tcp::resolver::results_type& found) {
        std::vector<ip_address> addresses;
        for (const auto& entry : found)
          addresses.push_back(from_asio(entry.endpoint().address()));
        self->finish(std::move(addresses), error);
      });
  }

  void close() {
    events_ = nullptr;
    resolver_.cancel();
  }

private:
  void finish(std::vector<ip_address> addresses, std::error_code why) {
    if (auto* events = std::exchange(events_, nullptr))
      events->resolved(token_, std::move(addresses), why);
  }

  tcp::resolver resolver_;
  std::uint64_t token_;
  resolve_events* events_;
};

template <class Core>
class asio_operation final : public pending_operation {
public:
  explicit asio_operation(std::shared_ptr<Core> core) : core_(std::move(core)) {}
  ~asio_operation() override { core_->close(); }

private:
  std::shared_ptr<Core> core_;
};

class asio_network final : public network {
public:
  explicit asio_network(io_loop& loop) : loop_(loop) {}

  result<std::unique_ptr<acceptor>, std::error_code> listen(const listen_options& options,
    acceptor_events& events) override {
    auto core = std::make_shared<tcp_acceptor_core>(loop_, events);
    if (const auto error = core->open(options))
      return std::error_code{error};
    core->accept();
    return std::unique_ptr<acceptor>{std::make_unique<tcp_acceptor>(std::move(core))};
  }

  std::unique_ptr<pending_operation> dial(const endpoint& remote, std::uint64_t token, dial_events& events) override {
    auto core = std::make_shared<tcp_dial_core>(loop_, token, events);
    core->connect(remote);
    return std::make_unique<asio_operation<tcp_dial_core>>(std::move(core));
  }

  std::unique_ptr<stream> attach(std::unique_ptr<detached_stream> wanderer) override {
    return attach_asio_stream(loop_, std::move(wanderer));
  }

  result<std::unique_ptr<datagram_socket>, std::error_code> open_datagrams(const endpoint& local, bool dual_stack,
    datagram_events& events) override {
#ifdef __linux__
    return make_linux_datagram_socket(loop_, local, dual_stack, events);
#else
    return make_asio_datagram_socket(loop_, local, dual_stack, events);
#endif
  }

  result<std::unique_ptr<datagram_socket>, std::error_code> open_multicast(const multicast_options& options,
    std::uint64_t token, multicast_events& events) override {
    return make_multicast_socket(loop_, options, token, events);
  }

  std::unique_ptr<pending_operation> resolve(const std::string& host, std::uint64_t token,
    resolve_events& events) override {
    auto core = std::make_shared<name_lookup_core>(loop_, token, events);
    if (const auto literal = ip_address::parse(host))
      core->give(loop_, *literal);
    else
      core->look_up(host);
    return std::make_unique<asio_operation<name_lookup_core>>(std::move(core));
  }

  std::vector<interface_address> interfaces() override { return system_interfaces(); }

  std::unique_ptr<network_watch> watch(network_change_events& events) override {
#ifdef __linux__
    if (auto told = make_netlink_watch(loop_, events))
      return told;
#endif
    return make_polling_watch(loop_, events);
  }

private:
  io_loop& loop_;
};

} // namespace

std::unique_ptr<network> make_asio_network(io_loop& loop) { return std::make_unique<asio_network>(loop); }

} // namespace librats::runtime
