// SPDX-License-Identifier: MIT
// Many stores on virtual time, with whatever befalls them; in the end all hold the same bytes.
#include "protocols/storage/storage_replica.hpp"

#include "protocols/core/small_random.hpp"

#include <boost/test/unit_test.hpp>

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

using namespace librats;
using namespace librats::protocols;
using namespace std::chrono_literals;

namespace {

constexpr std::uint64_t epoch_ms = 1'700'000'000'000;

std::string contents(const lww_store& x) {
  storage_export out;
  x.for_each([&](std::string_view key, const storage_record& record) { out.add(key, record); });
  return std::string{as_text(out.take())};
}

/// A node that does what wire/06 says of upstream, and no more.
class upstream_model {
public:
  explicit upstream_model(const peer_id& self) : store({}, self) {}

  void connected(const peer_id& peer) { outbox[peer] = {encode_sync_request()}; }
  void broadcast(const std::string& key, const peer_id* except) {
    for (auto& [peer, queue] : outbox)
      if (!except || peer != *except)
        queue.push_back(encode_entry_message(key, *store.find(key)));
  }
  void hear(std::uint64_t wall_ms, const peer_id& from, bytes_view payload) {
    const auto x = decode_storage(payload);
    if (!x)
      return;
    if (const auto* one = std::get_if<storage_entry_received>(&*x)) {
      const auto entry = admit(one->entry);
      if (entry && store.merge(wall_ms, *entry) == storage_outcome::stored)
        broadcast(entry->key, &from);
    } else if (std::holds_alternative<storage_sync_request>(*x)) {
      sync_response_builder all;
      store.for_each([&](std::string_view key, const storage_record& record) { all.add(key, record); });
      outbox[from].push_back(all.take());
    } else {
      auto entries = std::get<storage_sync_response>(*x).entries;
      while (const auto view = entries.next())
        if (const auto entry = admit(*view))
          store.merge(wall_ms, *entry);
    }
  }

  lww_store store;
  std::map<peer_id, std::deque<bytes>> outbox;
};

struct world_options {
  std::size_t nodes = 5;
  std::size_t old_nodes = 0; ///< The first ones are upstream's.
  std::size_t keys = 20;
  int steps = 400;
  std::uint64_t seed = 1;
};

class storage_world {
public:
  explicit storage_world(const world_options& x) : options_(x), random_(x.seed) {
    for (std::size_t i = 0; i < x.nodes; ++i) {
      node n;
      for (auto& byte : n.id.raw)
        byte = static_cast<std::uint8_t>(random_.next());
      // Up to two hours fast or slow.
      n.skew_ms = static_cast<std::int64_t>(random_.below(4 * 3'600'000)) - 2 * 3'600'000;
      start(n, i);
      nodes_.push_back(std::move(n));
    }
  }

  /// Writers, broken links and restarts; then peace, in which the nodes form a ring with some chords.
  void run() {
    for (int i = 0; i < options_.steps; ++i)
      something_happens();
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
      link(i, (i + 1) % nodes_.size());
      link(i, random_.below(nodes_.size()));
    }
    for (int i = 0; i < 4000 && !settled(); ++i)
      tick();
  }

  bool settled() {
    if (quiet_ticks_ < 50)
      return false;
    const auto first = contents(store(0));
    for (std::size_t i = 1; i < nodes_.size(); ++i)
      if (contents(store(i)) != first)
        return false;
    return true;
  }

  const lww_store& store(std::size_t i) const { return nodes_[i].old ? nodes_[i].old->store : nodes_[i].own->store(); }
  std::uint64_t writes() const { return writes_; }

private:
  struct node {
    peer_id id;
    std::int64_t skew_ms = 0;
    std::unique_ptr<storage_replica> own;
    std::unique_ptr<upstream_model> old;
  };
  /// One direction of a link; what is under way is lost when it breaks.
  using pipe = std::deque<bytes>;

  void start(node& n, std::size_t i) const {
    if (i < options_.old_nodes)
      n.old = std::make_unique<upstream_model>(n.id);
    else
      n.own = std::make_unique<storage_replica>(storage_replica::config{}, n.id);
  }

  std::uint64_t wall(const node& n) const {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(now_ - time_point{}).count();
    return epoch_ms + static_cast<std::uint64_t>(ms + n.skew_ms);
  }

  void something_happens() {
    const auto a = random_.below(nodes_.size());
    const auto b = random_.below(nodes_.size());
    switch (random_.below(12)) {
    case 0: [[fallthrough]];
    case 1: link(a, b); break;
    case 2: cut(a, b); break;
    case 3: partition(); break;
    case 4: restart(a); break;
    case 5: nodes_[a].skew_ms += static_cast<std::int64_t>(random_.below(600'000)) - 300'000; break;
    default: write(a);
    }
    for (auto n = random_.below(4); n > 0; --n)
      tick();
  }

  void write(std::size_t at) {
    auto& n = nodes_[at];
    const auto key = "key " + std::to_string(random_.below(options_.keys));
    const auto value = storage_string("value " + std::to_string(++writes_));
    const bool remove = random_.below(5) == 0;
    if (n.own) {
      remove ? n.own->remove(wall(n), key) : n.own->put(wall(n), key, value);
    } else {
      const auto done = remove ? n.old->store.remove(wall(n), key) : n.old->store.put(wall(n), key, value);
      if (done == storage_outcome::stored)
        n.old->broadcast(key, nullptr);
    }
  }

  void link(std::size_t a, std::size_t b) {
    if (a == b || pipes_.count({a, b}) > 0)
      return;
    for (const auto& [from, to] : {std::pair{a, b}, std::pair{b, a}}) {
      pipes_[{from, to}] = {};
      if (nodes_[from].own)
        nodes_[from].own->peer_connected(now_, nodes_[to].id);
      else
        nodes_[from].old->connected(nodes_[to].id);
    }
  }

  void cut(std::size_t a, std::size_t b) {
    for (const auto& [from, to] : {std::pair{a, b}, std::pair{b, a}}) {
      if (pipes_.erase({from, to}) == 0)
        continue;
      if (nodes_[from].own)
        nodes_[from].own->peer_disconnected(nodes_[to].id);
      else
        nodes_[from].old->outbox.erase(nodes_[to].id);
    }
  }

  void partition() {
    const auto border = random_.below(nodes_.size());
    for (std::size_t a = 0; a < border; ++a)
      for (auto b = border; b < nodes_.size(); ++b)
        cut(a, b);
  }

  /// Crashes and comes back with what its disk has: its store, and nothing of its links or its clock.
  void restart(std::size_t at) {
    for (std::size_t i = 0; i < nodes_.size(); ++i)
      cut(at, i);
    auto& n = nodes_[at];
    const auto disk = contents(store(at));
    start(n, at);
    const auto file = import_storage_file(as_bytes(disk));
    BOOST_TEST_REQUIRE(file.ok());
    BOOST_TEST(file->refused + file->missing == 0u);
    for (const auto& entry : file->entries) {
      if (n.own)
        n.own->load(wall(n), entry);
      else
        n.old->store.merge(wall(n), entry);
    }
  }

  void tick() {
    now_ += 20ms;
    bool quiet = true;
    for (auto& [ends, queue] : pipes_) {
      auto& from = nodes_[ends.first];
      auto& to = nodes_[ends.second];
      for (auto room = random_.below(6); room > 0; --room) {
        if (auto x = say(from, to.id)) {
          queue.push_back(std::move(*x));
          quiet = false;
        }
      }
      for (auto n = random_.below(6); n > 0 && !queue.empty(); --n) {
        quiet = false;
        if (to.own)
          to.own->handle_message(now_, wall(to), from.id, queue.front());
        else
          to.old->hear(wall(to), from.id, queue.front());
        queue.pop_front();
      }
    }
    for (auto& n : nodes_) {
      if (!n.own)
        continue;
      n.own->handle_timeout(now_);
      while (n.own->poll_event()) {
      }
      quiet = quiet && !n.own->poll_timeout();
    }
    quiet_ticks_ = quiet ? quiet_ticks_ + 1 : 0;
  }

  std::optional<bytes> say(node& from, const peer_id& to) const {
    if (from.own)
      return from.own->poll_transmit(now_, to);
    auto& queue = from.old->outbox[to];
    if (queue.empty())
      return std::nullopt;
    auto out = std::move(queue.front());
    queue.pop_front();
    return out;
  }

  world_options options_;
  small_random random_;
  time_point now_{1h};
  std::vector<node> nodes_;
  std::map<std::pair<std::size_t, std::size_t>, pipe> pipes_;
  std::uint64_t writes_ = 0;
  int quiet_ticks_ = 0;
};

void expect_convergence(world_options x, std::uint64_t seeds) {
  for (x.seed = 1; x.seed <= seeds; ++x.seed) {
    storage_world world{x};
    world.run();
    BOOST_TEST(world.settled(), x.nodes << " nodes, seed " << x.seed);
    BOOST_TEST(world.writes() > 0u);
    BOOST_TEST(world.store(0).counted().entries + world.store(0).counted().tombstones > 0u);
  }
}

} // namespace

BOOST_AUTO_TEST_SUITE(storage_replicas)

BOOST_AUTO_TEST_CASE(two_stores_converge) {
  expect_convergence({2, 0, 20, 200, 1}, 300);
}

BOOST_AUTO_TEST_CASE(five_stores_converge) {
  expect_convergence({5, 0, 60, 400, 1}, 200);
}

BOOST_AUTO_TEST_CASE(fifty_stores_converge) {
  expect_convergence({50, 0, 200, 600, 1}, 10);
}

BOOST_AUTO_TEST_CASE(a_network_with_one_upstream_node_converges) {
  expect_convergence({5, 1, 40, 300, 1}, 150);
}

BOOST_AUTO_TEST_CASE(one_seed_gives_one_run) {
  storage_world one{{5, 1, 40, 300, 7}};
  storage_world two{{5, 1, 40, 300, 7}};
  one.run();
  two.run();
  BOOST_TEST((contents(one.store(0)) == contents(two.store(0))));
}

BOOST_AUTO_TEST_CASE(a_write_reaches_neighbours_at_once_and_is_announced) {
  peer_id a, b;
  a.raw.fill(1);
  b.raw.fill(2);
  storage_replica x{{}, a};
  const time_point now{1h};
  BOOST_TEST(!x.request_sync());
  x.peer_connected(now, b);
  BOOST_TEST((x.put(epoch_ms, "k", storage_string("v")) == storage_outcome::stored));
  const auto hello = x.poll_transmit(now, b);
  const auto told = x.poll_transmit(now, b);
  BOOST_TEST_REQUIRE(told.has_value());
  BOOST_TEST(told->front() == 1u);
  const auto event = x.poll_event();
  BOOST_TEST_REQUIRE(event.has_value());
  BOOST_TEST(std::get<storage_replica::changed>(*event).change.key == "k");
  BOOST_TEST(!std::get<storage_replica::changed>(*event).change.remote);
  x.peer_disconnected(b);
  BOOST_TEST(x.session(b) == nullptr);
  BOOST_TEST(!x.poll_transmit(now, b).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
