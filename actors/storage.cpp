// SPDX-License-Identifier: MIT
#include "actors/storage.hpp"

#include "actors/storage_shard.hpp"
#include "protocols/storage/digest_tree.hpp"
#include "runtime/log/log.hpp"

#include <caf/actor_cast.hpp>

#include <algorithm>
#include <iterator>
#include <utility>

namespace librats::actors {

namespace {

constexpr std::uint32_t replica_slot = 0;
constexpr std::uint32_t service_slot = 1;

/// A database may be large, and the disk slow; that a shard is gone is known at once in any case.
constexpr auto shard_timeout = std::chrono::minutes{10};
constexpr auto shard_deadline = std::chrono::seconds{10};
/// A database that cannot be opened or written is tried again so often, later more seldom.
constexpr auto retry_first = std::chrono::seconds{1};
constexpr auto retry_max = std::chrono::seconds{5};
/// A shard's predecessor, or that of the process, may need a moment to let go of the file.
constexpr auto in_use_retry = std::chrono::milliseconds{100};
constexpr auto in_use_patience = std::chrono::seconds{3};
constexpr auto compaction_interval = std::chrono::hours{1};
/// Requests that wait for the store to be loaded.
constexpr std::size_t waiting_max = 10'000;

std::string shard_name(std::size_t i) {
  return "storage_shard-" + std::to_string(i);
}

/// Shards that crash again and again take the store along, which starts anew from the disk.
runtime::supervision_options supervision() {
  runtime::supervision_options out;
  out.limits.restarts_max = 30;
  out.limits.delay_max = std::chrono::seconds{1};
  return out;
}

protocols::storage_replica::config with_number(protocols::storage_replica::config x, std::uint64_t number) {
  x.first_session = number;
  return x;
}

std::string describe(protocols::storage_outcome x, const storage_options& options) {
  using protocols::storage_outcome;
  const auto& limits = options.replica.store;
  switch (x) {
  case storage_outcome::bad_key: return "a key has 1 to " + std::to_string(protocols::storage_key_max) + " bytes";
  case storage_outcome::too_large:
    return "the value is too large: at most " + std::to_string(limits.value_max) + " bytes, and "
      + std::to_string(protocols::storage_entry_max) + " with its key";
  case storage_outcome::full:
    return "the store is full: it may hold " + std::to_string(limits.entries_max) + " keys and "
      + std::to_string(limits.bytes_max) + " bytes";
  case storage_outcome::exhausted: return "the key was stamped at the end of time; nothing can replace its value";
  case storage_outcome::stored:
  case storage_outcome::older:
  case storage_outcome::absent: break;
  }
  return "nothing was written";
}

std::size_t shard_count(const storage_options& options) {
  return options.directory.empty() ? 0 : options.shards;
}

} // namespace

storage::storage(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, runtime::host& host, args its)
  : supervisor(config, std::move(loop), supervision()), host_(host), args_(std::move(its)),
    replica_(with_number(args_.options.replica, host.random().u64()), args_.self),
    pipeline_(shard_count(args_.options)), loaders_(shard_count(args_.options)), retry_at_(loaders_.size()),
    disk_bytes_(loaders_.size()) {}

caf::behavior storage::handlers() {
  return {
    // -- requests
    [this](const put_value& x) { return when_ready<value_put>([this, x](auto& who) { put(x, who); }); },
    [this](const remove_key& x) { return when_ready<key_removed>([this, x](auto& who) { remove(x, who); }); },
    [this](const get_value& x) {
      return when_ready<value_got>([this, key = x.key](auto& who) {
        const auto* found = replica_.store().get(key);
        who.deliver(value_got{found ? std::optional{*found} : std::nullopt});
      });
    },
    [this](const list_keys& x) { return when_ready<key_list>([this, x](auto& who) { who.deliver(list(x)); }); },
    [this](const compact_storage& x) {
      return when_ready<storage_compacted>([this, age = x.age](auto& who) { who.deliver(compact(age)); });
    },
    [this](const request_storage_sync&) {
      return when_ready<storage_sync_requested>([this](auto& who) {
        replica_.request_sync();
        stir();
        who.deliver(storage_sync_requested{peers_.size()});
      });
    },
    [this](const await_storage_ready&) {
      return when_ready<storage_ready>([this](auto& who) { who.deliver(storage_ready{replica_.store().size()}); });
    },
    [this](
      const import_storage& x) { return when_ready<storage_imported>([this, x](auto& who) { read_import(x, who); }); },
    [this](
      const export_storage& x) { return when_ready<storage_exported>([this, x](auto& who) { write_export(x, who); }); },
    [this](const get_storage_status&) { return status(); },
    [this](const continue_import&) { go_on_importing(); },
    // -- peers
    [this](const frames_received& x) { received(x); },
    [this](const peer_connected& x) { connected(x); },
    [this](const peer_link_changed& x) { connected(x.now); },
    [this](const peer_disconnected& x) { disconnected(x); },
    [this](const peer_congested& x) { mark(x.id, true); },
    [this](const peer_writable& x) { mark(x.id, false); },
    [](const peer_identified&) {},
    [](const peer_rtt_measured&) {},
  };
}

void storage::start_children() {
  const auto count = loaders_.size();
  for (std::size_t i = 0; i < count; ++i) {
    runtime::database_options where;
    where.path = args_.options.directory + "/shard-" + std::to_string(i) + ".db";
    where.durability = args_.options.durability;
    where.purpose = "librats storage, shard " + std::to_string(i) + " of " + std::to_string(count);
    add_child({shard_name(i), runtime::restart_kind::permanent, shard_deadline,
      [this, where] { return spawn_storage_shard(host_, where); }});
  }
  if (count == 0)
    all_loaded();
}

void storage::child_started(const std::string& name, const caf::actor&) {
  for (std::size_t i = 0; i < loaders_.size(); ++i)
    if (name == shard_name(i)) {
      pipeline_.lost(i);
      loaders_[i].asked = false;
      load_next(i);
    }
  stir();
}

void storage::stopped() {
  supervisor::stopped();
  const auto why = runtime::failure("the store ended");
  for (auto& one : std::exchange(answers_, {}))
    one(nullptr);
  for (auto& one : pipeline_.abandon())
    one(&why);
  for (auto& one : std::exchange(waiting_, {}))
    one(&why);
  imports_.clear();
  peers_.clear();
}

std::uint64_t storage::wall_ms() const {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(host_.unix_time_ms(), 0));
}

caf::actor storage::node() const {
  return caf::actor_cast<caf::actor>(args_.node);
}

// -- loading ----------------------------------------------------------------------------------------------------------

void storage::load_next(std::size_t shard) {
  auto& its = loaders_[shard];
  const auto reader = child(shard_name(shard));
  if (its.done || its.asked || !reader)
    return;
  its.asked = true;
  its.again_at.reset();
  ask(
    reader, shard_timeout, read_shard{its.after}, [this, shard](const shard_page& x) { loaded(shard, x); },
    [this, shard](caf::error&) { loaders_[shard].asked = false; }); // Its successor is asked when it is there.
}

void storage::loaded(std::size_t shard, const shard_page& x) {
  auto& its = loaders_[shard];
  its.asked = false;
  note(x.opening);
  if (!x.trouble.empty()) {
    loading_failed(shard, x);
    return;
  }
  const auto wall = wall_ms();
  for (const auto& one : x.entries)
    replica_.load(wall, one);
  if (x.damaged > 0)
    LIBRATS_LOG(runtime::log_level::error, kind(), "left ", x.damaged, " damaged rows of shard ", shard,
      " out; peers that have them send them again");
  disk_bytes_[shard] = x.disk_bytes;
  its.after = x.last;
  its.done = x.done;
  if (!its.done)
    load_next(shard);
  else if (std::all_of(loaders_.begin(), loaders_.end(), [](const loader& y) { return y.done; }))
    all_loaded();
}

void storage::loading_failed(std::size_t shard, const shard_page& x) {
  auto& its = loaders_[shard];
  if (!patience_until_)
    patience_until_ = now() + in_use_patience;
  if (x.in_use && now() < *patience_until_) {
    its.again_at = now() + in_use_retry;
    arm_service_timer();
    return;
  }
  its.again_at = now() + retry_max;
  arm_service_timer();
  if (trouble_ != x.trouble)
    LIBRATS_LOG(runtime::log_level::error, kind(), "cannot be loaded: ", x.trouble);
  phase_ = storage_phase::failing;
  trouble_ = x.trouble;
  const auto why = runtime::failure("the store cannot be loaded: " + trouble_);
  for (auto& one : std::exchange(waiting_, {}))
    one(&why);
}

void storage::all_loaded() {
  phase_ = storage_phase::running;
  trouble_.clear();
  compact_at_ = now() + compaction_interval;
  const auto size = replica_.store().size();
  LIBRATS_LOG(runtime::log_level::info, kind(), "holds ", size, " keys");
  for (auto& one : std::exchange(waiting_, {}))
    one(nullptr);
  if (args_.options.sync) {
    const auto self = caf::actor_cast<caf::actor>(this);
    tell(node(), watch_events{self}); // First: of strangers nothing is taken.
    tell(node(), register_messages{protocols::message_type::storage, self});
  }
  arm_service_timer();
}

void storage::note(const shard_opening& x) {
  for (const auto& one : x.set_aside) {
    LIBRATS_LOG(runtime::log_level::error, kind(), "found a damaged database; it is kept as ", one,
      ", and what could be read of it was taken over");
    set_aside_.push_back(one);
  }
}

// -- requests ---------------------------------------------------------------------------------------------------------

template <class Reply, class Handler>
caf::result<Reply> storage::when_ready(Handler handler) {
  auto who = make_response_promise<Reply>();
  if (phase_ == storage_phase::running)
    handler(who);
  else if (phase_ == storage_phase::failing)
    who.deliver(runtime::failure("the store cannot be loaded: " + trouble_));
  else if (waiting_.size() >= waiting_max)
    who.deliver(runtime::failure("the store is being loaded, and too many wait for it"));
  else
    waiting_.push_back([handler, who](const caf::error* why) mutable {
      if (why)
        who.deliver(*why);
      else
        handler(who);
    });
  return caf::delegated<Reply>{};
}

/// Why a key cannot be written now; empty when it can.
std::string storage::refusal(std::string_view key) const {
  return loaders_.empty() ? std::string{} : pipeline_.trouble(shard_of(key));
}

void storage::put(const put_value& x, promise<value_put> who) {
  if (const auto why = refusal(x.key); !why.empty()) {
    who.deliver(runtime::failure(why));
    return;
  }
  const auto outcome = replica_.put(wall_ms(), x.key, x.value);
  if (outcome != protocols::storage_outcome::stored) {
    who.deliver(runtime::failure("cannot put: " + describe(outcome, args_.options)));
    return;
  }
  value_put answer{replica_.store().find(x.key)->version.timestamp_ms};
  settle([who, answer](const caf::error* why) mutable {
    if (why)
      who.deliver(*why);
    else
      who.deliver(answer);
  });
}

void storage::remove(const remove_key& x, promise<key_removed> who) {
  if (const auto why = refusal(x.key); !why.empty()) {
    who.deliver(runtime::failure(why));
    return;
  }
  const auto outcome = replica_.remove(wall_ms(), x.key);
  if (outcome == protocols::storage_outcome::absent) {
    who.deliver(key_removed{});
    return;
  }
  if (outcome != protocols::storage_outcome::stored) {
    who.deliver(runtime::failure("cannot remove: " + describe(outcome, args_.options)));
    return;
  }
  settle([who](const caf::error* why) mutable {
    if (why)
      who.deliver(*why);
    else
      who.deliver(key_removed{true});
  });
}

key_list storage::list(const list_keys& x) const {
  key_list out;
  const auto one_more = x.count_max < ~std::size_t{0} ? x.count_max + 1 : x.count_max;
  out.keys = replica_.store().keys(x.prefix, one_more, x.after);
  out.more = out.keys.size() > x.count_max;
  if (out.more)
    out.keys.pop_back();
  return out;
}

storage_compacted storage::compact(std::optional<duration> age) {
  auto limit = args_.options.replica.store.tombstone_age_ms;
  if (age)
    limit = static_cast<std::uint64_t>(
      std::max<std::int64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(*age).count(), 0));
  std::vector<std::string> forgotten;
  storage_compacted out{replica_.compact(wall_ms(), limit, &forgotten)};
  for (auto& key : forgotten)
    write({std::move(key), std::nullopt}, nullptr, {});
  stir();
  return out;
}

storage_status storage::status() const {
  auto out = counted_;
  out.phase = phase_;
  out.trouble = trouble_;
  for (std::size_t i = 0; i < loaders_.size(); ++i)
    if (const auto& why = pipeline_.trouble(i); !why.empty() && out.trouble.empty()) {
      out.phase = storage_phase::failing;
      out.trouble = why;
    }
  out.set_aside = set_aside_;
  out.store = replica_.store().counted();
  out.shards = loaders_.size();
  for (const auto one : disk_bytes_)
    out.disk_bytes += one;
  out.uncommitted = pipeline_.uncommitted();
  out.synced = replica_.is_synced();
  out.peers = peers_.size();
  auto sessions = retired_;
  const auto add = [&](const protocols::sync_session::figures& x) {
    out.entries_sent += x.entries_sent;
    out.entries_received += x.entries_received;
    out.entries_refused += x.entries_refused;
    out.sync_requests_sent += x.requests_sent;
    out.sync_requests_received += x.requests_received;
  };
  add(sessions);
  for (const auto& [peer, its] : peers_)
    if (const auto* session = replica_.session(peer)) {
      add(session->counted());
      out.peers_ours += session->peer_is_ours() ? 1 : 0;
    }
  return out;
}

// -- to disk ----------------------------------------------------------------------------------------------------------

std::size_t storage::shard_of(std::string_view key) const {
  return static_cast<std::size_t>(protocols::storage_key_hash(key) % loaders_.size());
}

/// Takes up what the replica has to tell. `who` waits for the last change among it.
void storage::settle(commit_pipeline::waiter who) {
  std::optional<protocols::storage_change> last;
  const auto hand_over = [&](commit_pipeline::waiter waits) {
    if (last)
      write({last->key, last->after}, &*last, std::move(waits));
    last.reset();
  };
  while (auto event = replica_.poll_event()) {
    if (auto* changed = std::get_if<protocols::storage_replica::changed>(&*event)) {
      hand_over({});
      last = std::move(changed->change);
    } else {
      ++counted_.syncs;
      const auto& peer = std::get<protocols::storage_replica::peer_synced>(*event).peer;
      syncs_.emplace_back(pipeline_.last() + (last ? 1 : 0), peer);
    }
  }
  hand_over(std::move(who));
  stir();
}

void storage::write(shard_write what, const protocols::storage_change* change, commit_pipeline::waiter who) {
  if (!loaders_.empty()) {
    const auto shard = shard_of(what.key);
    pipeline_.add(shard, std::move(what), change, std::move(who));
    return;
  }
  if (change)
    tell(node(), storage_changed{{*change}});
  if (who)
    answers_.push_back(std::move(who));
}

void storage::turn_ended() {
  for (std::size_t i = 0; i < loaders_.size(); ++i)
    commit(i);
  if (phase_ != storage_phase::running)
    return;
  pump_peers();
  for (auto& one : std::exchange(answers_, {}))
    one(nullptr);
  if (const auto due = replica_.poll_timeout())
    arm_timer(replica_slot, *due);
  else
    cancel_timer(replica_slot);
}

void storage::commit(std::size_t shard) {
  const auto writer = child(shard_name(shard));
  if (!writer)
    return;
  const auto batch = pipeline_.begin(shard);
  if (!batch)
    return;
  ask(
    writer, shard_timeout, commit_shard{batch},
    [this, shard, batch](const shard_committed& x) { committed(shard, batch, x); },
    [this, shard, batch](caf::error&) {
      if (pipeline_.awaits(shard, batch))
        pipeline_.lost(shard);
      stir();
    });
}

void storage::committed(std::size_t shard, const commit_pipeline::batch& batch, const shard_committed& x) {
  note(x.opening);
  if (!pipeline_.awaits(shard, batch))
    return;
  if (!x.trouble.empty()) {
    if (pipeline_.trouble(shard).empty())
      LIBRATS_LOG(runtime::log_level::error, kind(), "takes no writes: ", x.trouble);
    ++counted_.commits_failed;
    const auto why = runtime::failure(x.trouble);
    for (auto& one : pipeline_.failed(shard, x.trouble))
      one(&why);
    const auto wait = retry_first * static_cast<duration::rep>(pipeline_.failures(shard));
    retry_at_[shard] = now() + std::min<duration>(wait, retry_max);
    arm_service_timer();
    if (x.opening.emptied)
      rewrite(shard);
    return;
  }
  if (!pipeline_.trouble(shard).empty())
    LIBRATS_LOG(runtime::log_level::info, kind(), "takes writes again");
  auto settled = pipeline_.committed(shard);
  ++counted_.commits;
  counted_.committed += settled.writes;
  disk_bytes_[shard] = x.disk_bytes;
  answers_.insert(
    answers_.end(), std::make_move_iterator(settled.waiters.begin()), std::make_move_iterator(settled.waiters.end()));
  if (!settled.changes.empty())
    tell(node(), storage_changed{std::move(settled.changes)});
  if (x.opening.emptied)
    rewrite(shard);
  stir();
}

/// The database was made anew while the store was running: all of it is written once more, from memory.
void storage::rewrite(std::size_t shard) {
  LIBRATS_LOG(runtime::log_level::warn, kind(), "writes shard ", shard, " anew from memory");
  replica_.store().for_each([&](std::string_view key, const protocols::storage_record& x) {
    if (shard_of(key) == shard)
      pipeline_.add(shard, {std::string{key}, x}, nullptr, {});
  });
  stir();
}

void storage::arm_service_timer() {
  std::optional<time_point> due = compact_at_;
  const auto consider = [&](const std::optional<time_point>& x) {
    if (x && (!due || *x < *due))
      due = x;
  };
  for (const auto& one : loaders_)
    consider(one.again_at);
  for (const auto& one : retry_at_)
    consider(one);
  if (due)
    arm_timer(service_slot, *due);
}

void storage::timer_fired(std::uint32_t slot) {
  if (slot == replica_slot) {
    replica_.handle_timeout(now());
    settle();
  } else if (slot == service_slot) {
    housekeeping();
  } else {
    supervisor::timer_fired(slot);
  }
}

void storage::housekeeping() {
  const auto take = [t = now()](std::optional<time_point>& x) {
    if (!x || t < *x)
      return false;
    x.reset();
    return true;
  };
  for (std::size_t i = 0; i < loaders_.size(); ++i) {
    if (take(loaders_[i].again_at))
      load_next(i);
    if (take(retry_at_[i]))
      pipeline_.retry(i);
  }
  if (take(compact_at_)) {
    compact_at_ = now() + compaction_interval;
    if (replica_.store().counted().tombstones > 0)
      compact(std::nullopt);
  }
  arm_service_timer();
  stir();
}

} // namespace librats::actors
