// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/endpoint.hpp"
#include "protocols/stun/binding_responder.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/udp.hpp>

#include <array>
#include <cstdint>
#include <thread>

namespace librats::test {

/// A STUN server on loopback, on a thread of its own.
class stun_server {
public:
  stun_server() {
    receive();
    thread_ = std::thread{[this] { context_.run(); }};
  }
  ~stun_server() {
    context_.stop();
    thread_.join();
  }

  [[nodiscard]] std::uint16_t port() const { return socket_.local_endpoint().port(); }

private:
  using udp = boost::asio::ip::udp;

  void receive() {
    socket_.async_receive_from(boost::asio::buffer(buffer_), from_, [this](auto error, std::size_t size) {
      if (!error)
        answer(size);
      receive();
    });
  }

  void answer(std::size_t size) {
    const auto raw = from_.address().to_v4().to_bytes();
    const endpoint from{ip_address::v4(raw[0], raw[1], raw[2], raw[3]), from_.port()};
    if (const auto out = protocols::stun::answer_binding(from, {buffer_.data(), size}))
      socket_.send_to(boost::asio::buffer(*out), from_);
  }

  boost::asio::io_context context_{1};
  udp::socket socket_{context_, udp::endpoint{boost::asio::ip::address_v4::loopback(), 0}};
  udp::endpoint from_;
  std::array<std::uint8_t, 1500> buffer_{};
  std::thread thread_;
};

} // namespace librats::test
