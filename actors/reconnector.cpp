// SPDX-License-Identifier: MIT
#include "actors/reconnector.hpp"

#include "runtime/disk/disk_worker.hpp"
#include "runtime/io/io_broker.hpp"
#include "runtime/log/log.hpp"

#include <caf/actor_cast.hpp>

#include <algorithm>
#include <utility>

namespace librats::actors {

namespace {

constexpr std::uint32_t dial_slot = 0;
constexpr std::uint32_t save_slot = 1;
constexpr std::uint32_t refresh_slot = 2;

/// Book entries that become targets at the start (wire/08 section 3).
constexpr std::size_t dialed_at_start = 32;
/// From the first change to the write, which takes all changes of that time along.
constexpr auto save_delay = std::chrono::seconds{2};
/// After a write that failed.
constexpr auto save_retry_delay = std::chrono::minutes{1};
/// How often those who stay connected count as seen: a month must not pass between two.
constexpr auto refresh_interval = std::chrono::hours{1};
/// 4096 entries of some 300 bytes, with room for what others write into them.
constexpr std::size_t book_bytes_max = 8 * 1024 * 1024;
/// The node answers at once unless its directory is being restarted.
constexpr auto answer_timeout = std::chrono::seconds{10};
/// Disks that take longer are broken. A stop waits for less: the node's deadline for its parts.
constexpr auto disk_timeout = std::chrono::seconds{30};

} // namespace

reconnector::reconnector(caf::actor_config& config, std::shared_ptr<runtime::event_loop> loop, runtime::host& host,
  const peer_id& self, mesh_options options, duration dial_patience, caf::actor_addr node)
  : pinned_actor(config, std::move(loop)), host_(host), self_(self), options_(std::move(options)),
    dial_patience_(dial_patience), node_(std::move(node)), schedule_(options_.reconnect, host.random().u64()) {}

void reconnector::started() {
  set_exit_handler([this](caf::exit_msg& x) {
    ending_ = x.reason;
    refresh_book();
    finish();
  });
  const auto node = caf::actor_cast<caf::actor>(node_);
  tell(node, watch_events{caf::actor_cast<caf::actor>(this)});
  // After a restart: where the peers of before listen is not told again.
  ask(node, answer_timeout, get_peers{},
    [this](const peer_list& x) {
      for (const auto& one : x.peers)
        if (one.identify)
          identified({one.link.id, *one.identify});
    },
    [](caf::error&) {});
  for (const auto& one : options_.targets)
    if (!schedule_.add(now(), one, true))
      LIBRATS_LOG(runtime::log_level::warn, kind(), "has too many targets already and leaves out ", one.host);
  arm_timer(refresh_slot, now() + refresh_interval);
  load_book();
  pump();
}

void reconnector::stopped() {
  peers_.clear();
  told_.clear();
}

caf::behavior reconnector::handlers() {
  return {
    [this](const peer_connected& x) { connected(x); },
    [this](const peer_link_changed& x) { connected(x.now); },
    [this](const peer_identified& x) { identified(x); },
    [this](const peer_disconnected& x) { disconnected(x.id); },
    [this](const disconnect_peer& x) { schedule_.peer_unwanted(x.id); },
    [this](const configure_reconnect& x) {
      schedule_.configure(now(), x.config);
      pump();
    },
    [this](const runtime::network_changed&) {
      schedule_.network_changed(now());
      pump();
    },
    [this](const clear_reconnect_queue&) {
      schedule_.clear();
      pump();
    },
    [this](const get_reconnect_status&) { return report(); },
    [this](const get_address_book&) {
      return address_book_report{book_.best(protocols::address_book::entries_max)};
    },
    [](const peer_congested&) {},
    [](const peer_writable&) {},
    [](const peer_rtt_measured&) {},
  };
}

void reconnector::timer_fired(std::uint32_t slot) {
  if (slot == dial_slot) {
    pump();
  } else if (slot == save_slot) {
    save_book();
  } else if (slot == refresh_slot) {
    refresh_book();
    arm_timer(refresh_slot, now() + refresh_interval);
  }
}

// -- peers ------------------------------------------------------------------------------------------------------------

void reconnector::connected(const peer_connected& x) {
  auto& mine = peers_[x.id];
  mine.remote = x.remote;
  const bool dialed = x.role == protocols::role::initiator;
  if (dialed && mine.dialed != x.remote) {
    mine.dialed = x.remote;
    book_.note_connected(host_.unix_time(), x.remote, x.id);
    book_changed();
  }
  schedule_.peer_connected(now(), x.id, dialed ? std::optional{x.remote} : std::nullopt);
  pump();
}

void reconnector::disconnected(const peer_id& id) {
  if (const auto found = peers_.find(id); found != peers_.end()) {
    if (found->second.dialed) {
      book_.note_seen(host_.unix_time(), *found->second.dialed);
      book_changed();
    }
    peers_.erase(found);
  }
  schedule_.peer_disconnected(now(), id);
  pump();
}

void reconnector::identified(const peer_identified& x) {
  const auto found = peers_.find(x.id);
  if (found != peers_.end() && x.info.listen_port != 0)
    schedule_.peer_listens(x.id, {found->second.remote.address, x.info.listen_port});
}

// -- dials ------------------------------------------------------------------------------------------------------------

void reconnector::pump() {
  if (ending_)
    return;
  schedule_.handle_timeout(now());
  while (const auto next = schedule_.poll_dial())
    dial(*next);
  if (const auto due = schedule_.poll_timeout())
    arm_timer(dial_slot, *due);
  else
    cancel_timer(dial_slot);
}

void reconnector::dial(const protocols::dial_target& where) {
  LIBRATS_LOG(runtime::log_level::debug, kind(), "dials ", where.host, " port ", where.port);
  ask(caf::actor_cast<caf::actor>(node_), dial_patience_, connect_to{where.host, where.port},
    [this, where](const connected_to& x) { reached(where, x); },
    [this, where](caf::error& why) { failed(where, why); });
}

void reconnector::reached(const protocols::dial_target& where, const connected_to& x) {
  told_.erase(where);
  if (!schedule_.dial_succeeded(now(), where, x.id))
    LIBRATS_LOG(runtime::log_level::info, kind(), "found somebody else at ", where.host, " port ", where.port,
      " and does not look there again");
  // The peer may be connected by another link than this dial's; that the address is right is known all the same.
  if (const auto found = peers_.find(x.id); found != peers_.end() && !found->second.dialed) {
    found->second.dialed = x.remote;
    book_.note_connected(host_.unix_time(), x.remote, x.id);
    book_changed();
  }
  pump();
}

void reconnector::failed(const protocols::dial_target& where, const caf::error& why) {
  const auto sentence = runtime::describe_error(why);
  const auto& targets = options_.targets;
  const bool permanent = std::find(targets.begin(), targets.end(), where) != targets.end();
  // A person learns of it once, not at every attempt.
  const bool news = permanent && std::exchange(told_[where], sentence) != sentence;
  LIBRATS_LOG(news ? runtime::log_level::warn : runtime::log_level::debug, kind(), "has no link to ", where.host,
    " port ", where.port, ": ", sentence,
    schedule_.configured().enabled ? "; keeps dialing it" : "; does not dial it again");
  if (const auto literal = ip_address::parse(where.host)) {
    book_.note_failed({*literal, where.port});
    book_changed();
  }
  schedule_.dial_failed(now(), where, sentence);
  pump();
}

reconnect_status reconnector::report() const {
  reconnect_status out;
  out.config = schedule_.configured();
  out.targets = schedule_.targets();
  out.addresses_known = book_.entries().size();
  out.book_error = book_error_;
  return out;
}

// -- the book ---------------------------------------------------------------------------------------------------------

void reconnector::load_book() {
  if (options_.book_path.empty())
    return;
  book_state_ = book_state::loading;
  const auto worker = runtime::spawn_disk_worker(host_);
  ask(worker, disk_timeout, runtime::read_whole_file{options_.book_path, book_bytes_max},
    [this, worker](const runtime::file_content& x) {
      if (!x.error)
        use_book(x.content);
      else if (x.error == std::errc::no_such_file_or_directory)
        begin_with({});
      else
        stop_keeping("cannot read " + options_.book_path + ": " + x.error.message());
    },
    [this](caf::error& why) { stop_keeping(runtime::describe_error(why)); });
}

void reconnector::use_book(const byte_slice& text) {
  const auto loaded = protocols::address_book::load(text.text(), host_.unix_time());
  if (!loaded) {
    keep_aside(text, "it is no list of addresses");
    return;
  }
  if (loaded->skipped != 0)
    LIBRATS_LOG(runtime::log_level::warn, kind(), "leaves out ", loaded->skipped, " entries of ", options_.book_path,
      " that name no address");
  begin_with(loaded->book);
}

/// The file may hold what a person can still repair.
void reconnector::keep_aside(const byte_slice& text, const std::string& why) {
  const auto aside = options_.book_path + ".bad-" + std::to_string(host_.unix_time());
  const auto worker = runtime::spawn_disk_worker(host_);
  ask(worker, disk_timeout, runtime::write_whole_file{aside, text, runtime::file_access::owner_only},
    [this, worker, aside, why](const runtime::file_written& x) {
      if (x.error) {
        stop_keeping("cannot use " + options_.book_path + ": " + why + "; nor copy it: " + x.error.message());
        return;
      }
      LIBRATS_LOG(runtime::log_level::warn, kind(), "cannot use ", options_.book_path, ": ", why, "; keeps it as ",
        aside, " and begins a new one");
      begin_with({});
    },
    [this](caf::error& error) { stop_keeping(runtime::describe_error(error)); });
}

void reconnector::begin_with(const protocols::address_book& book) {
  const bool learned = !book_.entries().empty();  // While the file was read: that is the newer knowledge.
  book_.merge(book);
  book_state_ = book_state::kept;
  saved_revision_ = learned ? 0 : book_.revision();
  if (schedule_.configured().enabled)
    for (const auto& one : book.best(dialed_at_start))
      if (one.id != self_ && (!one.id || peers_.count(*one.id) == 0))
        schedule_.add(now(), protocols::dial_target::of(one.where), false, one.id);
  book_changed();
  pump();
}

void reconnector::book_changed() {
  if (book_state_ == book_state::kept && !saving_ && book_.revision() != saved_revision_ && !timer_armed(save_slot))
    arm_timer(save_slot, now() + save_delay);
}

void reconnector::save_book() {
  if (book_state_ != book_state::kept || saving_ || book_.revision() == saved_revision_)
    return;
  saving_ = true;
  const auto worker = runtime::spawn_disk_worker(host_);
  ask(worker, disk_timeout,
    runtime::write_whole_file{options_.book_path, byte_slice::copy_of(book_.to_text()),
      runtime::file_access::owner_only},
    [this, worker, revision = book_.revision()](const runtime::file_written& x) { book_saved(revision, x.error); },
    [this](caf::error&) { book_saved(saved_revision_, std::make_error_code(std::errc::timed_out)); });
}

void reconnector::book_saved(std::uint64_t revision, const std::error_code& error) {
  saving_ = false;
  const auto before = std::exchange(book_error_,
    error ? "cannot write " + options_.book_path + ": " + error.message() : std::string{});
  if (!error)
    saved_revision_ = revision;
  else if (book_error_ != before)
    LIBRATS_LOG(runtime::log_level::warn, kind(), book_error_, "; tries again");
  if (ending_ && error)
    quit(*ending_);
  else if (ending_)
    finish();
  else if (error)
    arm_timer(save_slot, now() + save_retry_delay);
  else
    book_changed();
}

void reconnector::refresh_book() {
  for (const auto& [id, x] : peers_)
    if (x.dialed)
      book_.note_seen(host_.unix_time(), *x.dialed);
  book_changed();
}

void reconnector::stop_keeping(const std::string& why) {
  book_state_ = book_state::broken;
  book_error_ = why;
  LIBRATS_LOG(runtime::log_level::warn, kind(), why, "; the file is left alone, new addresses will be forgotten");
}

/// Ends once the book is on disk, or cannot get there.
void reconnector::finish() {
  save_book();
  if (!saving_)
    quit(*ending_);
}

} // namespace librats::actors
