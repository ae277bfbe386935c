// SPDX-License-Identifier: MIT
#include "protocols/dht/dht_core.hpp"
#include "tests/fuzz/fuzz_target.hpp"

#include <algorithm>

using namespace librats;
using namespace librats::protocols;

namespace {

constexpr std::size_t chunks_max = 40;

/// Strangers around one node, who send it what the input says: as it stands, or as the answer to its latest query.
class strangers {
public:
  strangers() : core_(config(), now_) {
    core_.add_bootstrap({{ip_address::v4(20, 1, 1, 1), 1}}, now_);
    walk_.emplace(core_.lookup_config(lookup::purpose::get_peers, {}),
      std::vector<lookup_seed>{{{ip_address::v4(20, 2, 1, 1), 1}, std::nullopt}}, now_);
    pump();
  }

  void send(std::uint8_t what, bytes_view in) {
    endpoint from{ip_address::v4(20, what, 1, 1), 1};
    auto datagram = to_bytes(in);
    if (what % 2 == 0 && !asked_.empty()) {
      const auto query = asked_.back();
      asked_.pop_back();
      from = query.to;
      auto decoded = krpc::decode(in);
      if (auto* message = std::get_if<krpc::message>(&decoded)) {
        message->transaction = query.transaction;
        datagram = krpc::encode(*message);
      }
    }
    core_.handle(from, datagram, now_);
    now_ += std::chrono::milliseconds{what};
    if (core_.next_wakeup() <= now_)
      core_.advance(now_);
    pump();
    const auto x = core_.counted();
    test::require(x.confirmed <= x.nodes && x.open_queries <= transactions::open_max);
    test::require(core_.table().closest_confirmed({}, 8).size() <= 8);
  }

private:
  struct open_query {
    endpoint to;
    bytes transaction;
  };

  static dht_core::config config() {
    dht_core::config out;
    out.id.raw[0] = 0x55;
    return out;
  }

  void pump() {
    while (auto request = walk_->poll_request())
      handles_[core_.query(request->to, request->id, request->what, now_)] = request->handle;
    while (walk_->poll_event()) {
    }
    while (auto out = core_.poll_transmit()) {
      test::require(out->datagram.size() <= krpc::reply_size_max);
      const auto decoded = krpc::decode(out->datagram);
      const auto* message = std::get_if<krpc::message>(&decoded);
      test::require(message != nullptr);
      if (std::holds_alternative<krpc::request>(message->body))
        asked_.push_back({out->to, message->transaction});
    }
    while (auto event = core_.poll_event()) {
      if (const auto* answered = std::get_if<dht_core::answered>(&*event))
        walk_->answered(handles_[answered->query], answered->what, now_);
      else if (const auto* failed = std::get_if<dht_core::failed>(&*event))
        walk_->failed(handles_[failed->query], now_);
    }
  }

  time_point now_{std::chrono::hours{1}};
  dht_core core_;
  std::optional<lookup> walk_;
  std::map<dht_core::ticket, std::uint32_t> handles_;
  std::vector<open_query> asked_;
};

} // namespace

/// Chunks: one byte that says how it is sent, two with its length, the datagram.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  strangers uut;
  bytes_view rest{data, size};
  for (std::size_t i = 0; i < chunks_max && rest.size() > 3; ++i) {
    const auto what = rest[0];
    const auto length = std::min<std::size_t>(static_cast<std::size_t>(rest[1] << 8 | rest[2]), rest.size() - 3);
    uut.send(what, rest.subspan(3, length));
    rest = rest.subspan(3 + length);
  }
  return 0;
}
