// SPDX-License-Identifier: MIT
#include "tests/bench/support/bare.hpp"

#include "protocols/core/bytes.hpp"
#include "tests/bench/support/process.hpp"

#include <boost/asio.hpp>
#include <openssl/evp.h>
#include <sodium.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <thread>

#include <fcntl.h>
#include <unistd.h>

namespace librats::bench {

namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr std::size_t tag_size = 16;

struct socket_pair {
  asio::io_context context;
  tcp::socket near{context};
  tcp::socket far{context};

  socket_pair() {
    tcp::acceptor acceptor{context, {asio::ip::address_v4::loopback(), 0}};
    near.connect(acceptor.local_endpoint());
    acceptor.accept(far);
    near.set_option(tcp::no_delay(true));
    far.set_option(tcp::no_delay(true));
  }
};

struct context_free {
  void operator()(EVP_CIPHER_CTX* x) const noexcept { EVP_CIPHER_CTX_free(x); }
};

/// OpenSSL's AEAD, in place, one call per frame.
class bare_aead {
public:
  explicit bare_aead(bool sealing) : context_(EVP_CIPHER_CTX_new()), sealing_(sealing) {
    const std::array<std::uint8_t, 32> key{1};
    EVP_CipherInit_ex(context_.get(), EVP_chacha20_poly1305(), nullptr, key.data(), nullptr, sealing ? 1 : 0);
  }

  void run(std::uint8_t* data, std::size_t size) {
    std::array<std::uint8_t, 12> nonce{};
    ++counter_;
    std::memcpy(nonce.data() + 4, &counter_, sizeof(counter_));
    EVP_CipherInit_ex(context_.get(), nullptr, nullptr, nullptr, nonce.data(), -1);
    int written = 0;
    if (!sealing_)
      EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_SET_TAG, tag_size, data + size);
    EVP_CipherUpdate(context_.get(), data, &written, data, static_cast<int>(size));
    EVP_CipherFinal_ex(context_.get(), data + written, &written);
    if (sealing_)
      EVP_CIPHER_CTX_ctrl(context_.get(), EVP_CTRL_AEAD_GET_TAG, tag_size, data + size);
  }

private:
  std::unique_ptr<EVP_CIPHER_CTX, context_free> context_;
  bool sealing_;
  std::uint64_t counter_ = 0;
};

/// A descriptor of its own.
class file_handle {
public:
  file_handle(const std::string& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  ~file_handle() {
    if (fd_ >= 0)
      ::close(fd_);
  }
  file_handle(const file_handle&) = delete;
  file_handle& operator=(const file_handle&) = delete;

  [[nodiscard]] int get() const noexcept { return fd_; }

private:
  int fd_;
};

class bare_digest {
public:
  bare_digest() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr);
  }

  void add(const bytes& data, std::size_t size) { EVP_DigestUpdate(context_.get(), data.data(), size); }

private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

} // namespace

bulk_figures bare_bulk(std::size_t total, std::size_t frame_size) {
  socket_pair pair;
  const auto frames = total / frame_size;
  const auto cpu = cpu_seconds();
  const auto begin = seconds();
  std::thread receiver{[&] {
    bare_aead opener{false};
    bytes buffer(frame_size + tag_size);
    for (std::size_t i = 0; i < frames; ++i) {
      asio::read(pair.far, asio::buffer(buffer));
      opener.run(buffer.data(), frame_size);
    }
  }};
  bare_aead sealer{true};
  bytes buffer(frame_size + tag_size);
  for (std::size_t i = 0; i < frames; ++i) {
    sealer.run(buffer.data(), frame_size);
    asio::write(pair.near, asio::buffer(buffer));
  }
  receiver.join();
  const auto moved = static_cast<double>(frames * frame_size);
  return {moved / 1e6 / (seconds() - begin), (cpu_seconds() - cpu) / (moved / 1e9)};
}

bulk_figures bare_file(const std::string& from, const std::string& to, std::size_t frame_size) {
  const file_handle source{from, O_RDONLY};
  const file_handle target{to, O_WRONLY | O_CREAT | O_TRUNC};
  const auto size = ::lseek(source.get(), 0, SEEK_END);
  if (size < 0 || target.get() < 0)
    return {};
  socket_pair pair;
  const auto frames = static_cast<std::size_t>(size) / frame_size;
  bool read = true;
  bool written = true;
  const auto cpu = cpu_seconds();
  const auto begin = seconds();
  std::thread receiver{[&] {
    bare_aead opener{false};
    bare_digest digest;
    bytes buffer(frame_size + tag_size);
    for (std::size_t i = 0; i < frames; ++i) {
      asio::read(pair.far, asio::buffer(buffer));
      opener.run(buffer.data(), frame_size);
      digest.add(buffer, frame_size);
      written = ::write(target.get(), buffer.data(), frame_size) == static_cast<ssize_t>(frame_size) && written;
    }
    written = ::fsync(target.get()) == 0 && written;
  }};
  bare_aead sealer{true};
  bare_digest digest;
  bytes buffer(frame_size + tag_size);
  for (std::size_t i = 0; i < frames; ++i) {
    read = ::pread(source.get(), buffer.data(), frame_size, static_cast<off_t>(i * frame_size))
        == static_cast<ssize_t>(frame_size)
      && read;
    digest.add(buffer, frame_size);
    sealer.run(buffer.data(), frame_size);
    asio::write(pair.near, asio::buffer(buffer));
  }
  receiver.join();
  if (!read || !written)
    return {};
  const auto moved = static_cast<double>(frames * frame_size);
  return {moved / 1e6 / (seconds() - begin), (cpu_seconds() - cpu) / (moved / 1e9)};
}

double bare_round_trip(int turns, std::size_t size) {
  socket_pair pair;
  std::thread echo{[&] {
    bytes buffer(size);
    for (int i = 0; i < turns; ++i) {
      asio::read(pair.far, asio::buffer(buffer));
      asio::write(pair.far, asio::buffer(buffer));
    }
  }};
  bytes buffer(size);
  const auto begin = seconds();
  for (int i = 0; i < turns; ++i) {
    asio::write(pair.near, asio::buffer(buffer));
    asio::read(pair.near, asio::buffer(buffer));
  }
  const auto spent = seconds() - begin;
  echo.join();
  return spent / turns * 1e6;
}

double bare_dial(int dials) {
  // Noise_XX: each side makes one ephemeral key and computes three shared secrets.
  const auto compute = [] {
    std::array<std::uint8_t, 32> secret{};
    std::array<std::uint8_t, 32> point{};
    randombytes_buf(secret.data(), secret.size());
    crypto_scalarmult_base(point.data(), secret.data());
    for (int i = 0; i < 3; ++i)
      if (crypto_scalarmult(point.data(), secret.data(), point.data()) != 0)
        return;
  };
  const auto begin = seconds();
  for (int i = 0; i < dials; ++i) {
    socket_pair pair;
    std::array<std::uint8_t, 100> buffer{};
    std::thread acceptor{[&] {
      std::array<std::uint8_t, 100> mine{};
      asio::read(pair.far, asio::buffer(mine, 36));
      compute();
      asio::write(pair.far, asio::buffer(mine, 100));
      asio::read(pair.far, asio::buffer(mine, 68));
    }};
    asio::write(pair.near, asio::buffer(buffer, 36));
    asio::read(pair.near, asio::buffer(buffer, 100));
    compute();
    asio::write(pair.near, asio::buffer(buffer, 68));
    acceptor.join();
  }
  return (seconds() - begin) / dials * 1e3;
}

} // namespace librats::bench
