// SPDX-License-Identifier: MIT
#include "runtime/host/real_host.hpp"

#include "runtime/database/sqlite_database.hpp"
#include "runtime/io/io_loop.hpp"

#include <boost/asio/ip/host_name.hpp>

#include <algorithm>
#include <chrono>

namespace librats::runtime {

real_host::real_host(caf::actor_system& system, std::size_t loops) : system_(system) {
  system_random();  // Fails here, at the start, where there is no randomness.
  for (std::size_t i = 0; i < std::max<std::size_t>(loops, 1); ++i) {
    threads_.push_back(std::make_shared<io_loop>(system, static_cast<std::uint32_t>(i)));
    loops_.push_back(threads_.back());
  }
  for (const auto& one : threads_)
    one->start();
}

real_host::~real_host() {
  for (const auto& one : threads_)
    one->stop();
}

result<std::unique_ptr<key_value_database>, database_error> real_host::open_database(const database_options& what) {
  return open_sqlite_database(what, unix_time());
}

std::int64_t real_host::unix_time() const {
  using namespace std::chrono;
  return duration_cast<seconds>(system_clock::now().time_since_epoch()).count();
}

std::int64_t real_host::unix_time_ms() const {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

std::string real_host::machine_name() const {
  boost::system::error_code unknown;
  const auto name = boost::asio::ip::host_name(unknown);
  return name.substr(0, name.find('.'));
}

} // namespace librats::runtime
