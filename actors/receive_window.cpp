// SPDX-License-Identifier: MIT
#include "actors/receive_window.hpp"

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace librats::actors {

namespace {

constexpr std::size_t steps = 32;

} // namespace

struct receive_window::receipt {
  explicit receipt(caf::actor_addr who) : link(std::move(who)) {}
  receipt(const receipt&) = delete;
  receipt& operator=(const receipt&) = delete;
  ~receipt() {
    if (const auto to = caf::actor_cast<caf::actor>(link))
      caf::anon_send(to, deliveries_finished{bytes});
  }

  caf::actor_addr link;
  std::size_t bytes = 0;  ///< Changed by the link alone, as long as it holds the receipt.
};

receive_window::receive_window(std::size_t limit, caf::actor_addr link)
  : limit_(std::max<std::size_t>(limit, 1)), step_(std::max<std::size_t>(limit_ / steps, 1)), link_(std::move(link)) {}

delivery_receipt receive_window::take(std::size_t bytes) {
  if (!open_)
    open_ = std::make_shared<receipt>(link_);
  delivery_receipt out = open_;
  open_->bytes += bytes;
  out_ += bytes;
  if (open_->bytes >= step_)
    open_.reset();
  return out;
}

} // namespace librats::actors
