// SPDX-License-Identifier: MIT
#pragma once

#include "runtime/net/datagram.hpp"

#include <memory>
#include <utility>

namespace librats::runtime {

/// The owner's end of a datagram socket whose other end (`Core`) outlives it while the loop still has calls for it.
template <class Core>
class shared_datagram_socket final : public datagram_socket {
public:
  explicit shared_datagram_socket(std::shared_ptr<Core> core) : core_(std::move(core)) {}
  ~shared_datagram_socket() override { core_->close(); }
  mutable_bytes_view prepare(std::size_t size) override { return core_->prepare(size); }
  void commit(const endpoint& to, std::size_t size) override { core_->commit(to, size); }
  void flush() override { core_->flush(); }
  [[nodiscard]] endpoint local() const override { return core_->local(); }
  [[nodiscard]] std::uint64_t dropped() const noexcept override { return core_->dropped(); }

private:
  std::shared_ptr<Core> core_;
};

} // namespace librats::runtime
