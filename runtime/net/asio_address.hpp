// SPDX-License-Identifier: MIT
#pragma once

#include "protocols/core/endpoint.hpp"

#include <boost/asio/ip/address.hpp>

#include <algorithm>

namespace librats::runtime {

inline ip_address from_asio(const boost::asio::ip::address& x) {
  const auto out
    = x.is_v4() ? ip_address::from_bytes(x.to_v4().to_bytes()) : ip_address::from_bytes(x.to_v6().to_bytes());
  return *out;  // Asio's addresses have 4 or 16 bytes, so there always is one.
}

inline boost::asio::ip::address to_asio(const ip_address& x) {
  if (x.is_v4()) {
    boost::asio::ip::address_v4::bytes_type raw;
    std::copy_n(x.raw().begin(), raw.size(), raw.begin());
    return boost::asio::ip::address_v4{raw};
  }
  boost::asio::ip::address_v6::bytes_type raw;
  std::copy_n(x.raw().begin(), raw.size(), raw.begin());
  return boost::asio::ip::address_v6{raw};
}

template <class AsioEndpoint>
endpoint from_asio(const AsioEndpoint& x) {
  return {from_asio(x.address()), x.port()};
}

template <class Protocol>
typename Protocol::endpoint to_asio(const endpoint& x) {
  return {to_asio(x.address), x.port};
}

} // namespace librats::runtime
