// SPDX-License-Identifier: MIT
// Both ends of a transfer on simulated disks that lose power, tear what was not synced, fill up and fail.
#include "actors/partial_folder.hpp"
#include "actors/source_files.hpp"
#include "actors/target_files.hpp"
#include "protocols/transfer/manifest.hpp"
#include "protocols/transfer/transfer_receiver.hpp"
#include "protocols/transfer/transfer_sender.hpp"
#include "runtime/sim/sim_disk.hpp"
#include "runtime/sim/sim_random.hpp"

#include <boost/test/unit_test.hpp>

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace librats::test {

using namespace protocols;
using actors::file_fate;

namespace {

constexpr auto parts = "parts";

/// Two ends without a link between them: what one says the other hears at once.
class crash_world {
public:
  explicit crash_world(std::uint64_t seed) : random_(seed) {
    directory_ = random_.below(4) != 0;
    const auto files = directory_ ? random_.below(9) : 1;
    for (std::uint64_t i = 0; i < files; ++i) {
      bytes content(random_.below(5) == 0 ? 0 : static_cast<std::size_t>(random_.below(40'000)));
      random_.fill(content);
      if (random_.below(4) == 0 && content.size() > 8000) // A hole, in the middle or at the end.
        std::fill(
          content.begin() + 2000, content.end() - static_cast<std::ptrdiff_t>(random_.below(3000)), std::uint8_t{0});
      const auto name = "d" + std::to_string(i % 3) + "/f" + std::to_string(i);
      source_[name] = content;
      from_.plant("src/" + name, std::move(content), runtime::file_access::everybody);
    }
    (void)from_.make_folder("src");
    (void)from_.make_folders({"src", "empty"});
    if (random_.below(3) == 0)
      to_.mount("dst"); // Every file is copied into place.
    chunk_ = 4096 + static_cast<std::size_t>(random_.below(8192));
    checkpoint_ = 1 + random_.below(20'000);
    secret_ = static_cast<std::uint8_t>(seed);
  }

  /// Tries until it works; faults hit the first attempts. False when something is wrong; `story` says what.
  bool run() {
    const auto faulty = 1 + random_.below(6);
    for (std::uint64_t i = 0;; ++i) {
      if (i < faulty)
        fault();
      else
        calm();
      const bool complete = attempt();
      if (!to_.has_power())
        restore();
      calm();
      if (!in_place_is_right())
        return false;
      if (complete)
        return finished(i < faulty);
      if (i > faulty)
        return fail("an attempt without a fault does not succeed: " + last_error_);
    }
  }

  std::string story;
  int power_losses = 0;
  int saved = 0; ///< Attempts that did not begin at the start.

private:
  bool fail(std::string why) {
    story += why;
    return false;
  }

  void fault() {
    switch (random_.below(5)) {
    case 0:
    case 1: to_.lose_power_after(static_cast<std::size_t>(random_.below(std::uint64_t{1} << random_.below(18)))); break;
    case 2: to_.set_capacity(random_.below(150'000)); break;
    case 3: to_.fail_step(1 + static_cast<std::size_t>(random_.below(120))); break;
    default: from_.fail_step(1 + static_cast<std::size_t>(random_.below(40))); break;
    }
  }

  void calm() {
    to_.set_capacity(std::numeric_limits<std::uint64_t>::max());
    to_.fail_step(0);
    from_.fail_step(0);
  }

  void restore() {
    ++power_losses;
    runtime::sim_disk::aftermath what;
    what.renames_survive = random_.below(2) == 0;
    what.torn_by = random_.u64();
    to_.restore_power(what);
  }

  [[nodiscard]] std::string place_of(const std::string& name) const {
    return directory_ ? "dst/" + name : std::string{"dst/one"};
  }

  /// Never a wrong byte, whatever happened.
  bool in_place_is_right() {
    for (const auto& [name, content] : source_) {
      const auto there = to_.read_file(place_of(name), 1'000'000);
      if (there && *there != content)
        return fail("wrong bytes in " + name);
    }
    return true;
  }

  /// `disk_failed`: perhaps while the end was noted. Then the journal stays, which says that nothing is missing.
  bool finished(bool disk_failed) {
    const auto journal = parts + ("/" + actors::key_of(peer_id{}, 99)) + ".journal";
    for (const auto& name : to_.names())
      if (name != "parts/delivered" && name.find("dst/d") != 0 && name != "dst/one"
        && !(disk_failed && name == journal))
        return fail("left over: " + name);
    // All of it is durable: the sender has been told.
    to_.lose_power_after(0);
    to_.restore_power({});
    for (const auto& [name, content] : source_)
      if (const auto there = to_.read_file(place_of(name), 1'000'000); !there || *there != content)
        return fail("not there after the end: " + name);
    if (directory_ && !to_.info({"dst", "empty"}))
      return fail("an empty folder is missing");
    const auto known = actors::load_folder(to_, {parts, 0});
    const bool noted = known.delivered.size() == 1 && known.delivered[0] == print_;
    if (noted && known.incoming.empty())
      return true;
    const bool whole = disk_failed && known.incoming.size() == 1 && known.incoming[0].files_done == source_.size();
    return (!noted && whole) || fail("the end was not noted");
  }

  /// True when both ends say that it is done.
  bool attempt() {
    const auto path = directory_ ? std::string{"src"} : "src/" + source_.begin()->first;
    const auto found = actors::scan(from_, {{}, path, {}, true, false});
    if (!found.source) {
      last_error_ = found.error;
      return false;
    }
    auto offer = found.source->offer;
    offer.id = ++id_;
    offer.details->fingerprint[31] = secret_;
    print_ = offer.details->fingerprint;
    transfer_sender::config sending;
    sending.chunk_size = chunk_;
    transfer_sender sender{sending, now_, offer};
    sender.grant(std::uint64_t{1} << 40);
    actors::source_files source{from_, found.source};

    // The receiver's process starts anew.
    if (to_.has_power())
      (void)actors::load_folder(to_, {parts, 0});
    const auto shared = std::make_shared<const transfer_offer>(offer);
    actors::file_target how;
    how.folder = parts;
    how.key = actors::key_of(peer_id{}, 99);
    how.destination = directory_ ? "dst" : "dst/one";
    how.offer = shared;
    how.journal = true;
    actors::target_files target{to_, how};
    (void)sender.poll_transmit(now_); // The offer.
    last_error_ = target.open({});
    if (!last_error_.empty())
      return false;
    transfer_receiver::config receiving;
    receiving.checkpoint_every = checkpoint_;
    transfer_receiver receiver{receiving, now_, *shared};
    saved += target.at() && (target.at()->file > 0 || target.at()->offset > 0) ? 1 : 0;
    receiver.accept(now_, target.at());
    std::optional<transfer_done> sent;
    std::optional<transfer_done> got;
    bool broken = false;
    for (bool moved = true; moved && to_.has_power();) {
      moved = false;
      while (auto x = receiver.poll_request()) {
        moved = true;
        if (broken)
          continue;
        const auto result = target.perform(*x);
        if (!result.error.empty()) {
          last_error_ = result.error;
          broken = !result.read;
          receiver.handle_disk_failed(now_, result.error);
        } else if (result.read) {
          receiver.handle_disk_read(now_, result.data.view());
        } else {
          receiver.handle_disk_done(now_);
        }
      }
      while (auto x = receiver.poll_transmit()) {
        moved = true;
        sender.handle_message(now_, *x);
      }
      while (auto x = sender.poll_request()) {
        moved = true;
        const auto data = source.read(*x);
        if (data)
          sender.handle_disk_read(now_, *data);
        else
          sender.handle_disk_failed(now_, last_error_ = data.error().message());
      }
      if (auto x = sender.poll_transmit(now_)) {
        moved = true;
        receiver.handle_message(now_, byte_slice{std::move(*x)});
      }
      while (auto x = receiver.poll_event())
        if (auto* end = std::get_if<transfer_done>(&*x))
          got = *end;
      while (auto x = sender.poll_event())
        if (auto* end = std::get_if<transfer_done>(&*x))
          sent = *end;
      now_ += std::chrono::milliseconds{1};
      receiver.handle_timeout(now_);
      moved = moved || !got;
      if (got && sent)
        break;
    }
    if (!to_.has_power())
      return false; // The machine is gone; nobody closes anything.
    const bool well = got && !got->error && sent && !sent->error;
    target.close(well ? file_fate::delivered : file_fate::keep);
    return well;
  }

  runtime::sim_random random_;
  runtime::sim_disk from_;
  runtime::sim_disk to_;
  std::map<std::string, bytes> source_;
  bool directory_ = false;
  std::size_t chunk_ = 0;
  std::uint64_t checkpoint_ = 0;
  std::uint8_t secret_ = 0;
  std::uint64_t id_ = 0;
  sha256_digest print_{};
  time_point now_{};
  std::string last_error_;
};

actors::file_target target_of(const offer_message& message) {
  actors::file_target out;
  out.folder = parts;
  out.key = actors::key_of(peer_id{}, 1);
  out.destination = "dst/x";
  out.offer = std::make_shared<const transfer_offer>(*check_offer(message, name_rules::posix));
  out.journal = out.offer->details.has_value();
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(transfer_files)

BOOST_AUTO_TEST_CASE(a_thousand_worlds_lose_power_and_room_and_deliver_what_was_sent) {
  int power_losses = 0;
  int saved = 0;
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    crash_world world{seed};
    BOOST_TEST_REQUIRE(world.run(), "seed " << seed << ": " << world.story);
    power_losses += world.power_losses;
    saved += world.saved;
  }
  BOOST_TEST(power_losses > 400);
  BOOST_TEST(saved > 300);
}

BOOST_AUTO_TEST_CASE(what_nobody_can_use_is_removed_at_the_start) {
  runtime::sim_disk disk;
  const auto put = [&](const std::string& name) {
    disk.plant(std::string{parts} + "/" + name, {1, 2, 3}, runtime::file_access::owner_only);
  };
  const std::string key = actors::key_of(peer_id{}, 77);
  put(key + ".0.part");
  put(key + ".journal");
  put("abc.offer");
  put("x.journal.tmp");
  put("delivered");
  put("somebody's notes");
  const auto known = actors::load_folder(disk, {parts, 0});
  BOOST_TEST(known.incoming.empty());
  BOOST_TEST(known.outgoing.empty());
  BOOST_TEST(known.delivered.empty());
  const std::set<std::string> left{std::string{parts} + "/delivered", std::string{parts} + "/somebody's notes"};
  BOOST_TEST((disk.names() == left));
  BOOST_TEST(actors::load_folder(disk, {"nowhere", 0}).incoming.empty());
}

BOOST_AUTO_TEST_CASE(what_the_disk_would_not_give_is_there_at_the_next_start) {
  runtime::sim_disk disk;
  pending_offer x;
  x.number = 7;
  x.since_s = 1000;
  x.path = "/somewhere";
  BOOST_TEST(!actors::store_offer(disk, {parts, x}));
  const std::string key = actors::key_of(peer_id{}, 77);
  for (const auto* end : {".0.part", ".journal"})
    disk.plant(std::string{parts} + "/" + key + end, {1, 2, 3}, runtime::file_access::owner_only);
  const auto before = disk.names();
  disk.set_failures(1, 1);
  BOOST_TEST(actors::load_folder(disk, {parts, 0}).outgoing.empty());
  BOOST_TEST((disk.names() == before));
  disk.set_failures(0, 1);
  BOOST_TEST(actors::load_folder(disk, {parts, 0}).outgoing.size() == 1u);
  BOOST_TEST(disk.names().size() == 1u); // Now it is known that the journal is none.
}

BOOST_AUTO_TEST_CASE(an_offer_that_is_kept_comes_back_unless_it_is_damaged_or_too_old) {
  runtime::sim_disk disk;
  pending_offer x;
  x.number = 0x1234567890;
  x.peer.raw.fill(3);
  x.secret.fill(9);
  x.since_s = 1000;
  x.path = "/somewhere/\xff";
  x.name = "n";
  x.recursive = false;
  BOOST_TEST(!actors::store_offer(disk, {parts, x}));
  auto known = actors::load_folder(disk, {parts, 1000});
  BOOST_TEST_REQUIRE(known.outgoing.size() == 1u);
  const auto& y = known.outgoing[0];
  BOOST_TEST((y.number == x.number && y.peer == x.peer && y.secret == x.secret && y.path == x.path && y.name == x.name
    && y.since_s == 1000 && !y.recursive && !y.below_root));
  BOOST_TEST(actors::load_folder(disk, {parts, 1001}).outgoing.empty());
  BOOST_TEST(disk.names().empty());
  auto raw = *encode(x);
  for (std::size_t i = 0; i < raw.size(); ++i) {
    auto bad = raw;
    bad[i] ^= 1;
    BOOST_TEST(!decode_pending_offer(bad).ok());
    BOOST_TEST(!decode_pending_offer(bytes_view{raw}.first(i)).ok());
  }
  BOOST_TEST(!actors::store_offer(disk, {parts, x}));
  actors::forget_offer(disk, {parts, x.number});
  BOOST_TEST(disk.names().empty());
}

BOOST_AUTO_TEST_CASE(the_list_of_what_is_done_stays_short_and_keeps_the_newest) {
  runtime::sim_disk disk;
  BOOST_TEST(!disk.make_folder(parts));
  sha256_digest last{};
  for (int i = 0; i < 5000; ++i) {
    last = sha256(as_bytes(std::to_string(i)));
    actors::note_delivered(disk, parts, last);
  }
  const auto known = actors::load_folder(disk, {parts, 0}).delivered;
  BOOST_TEST(known.size() <= 4096u);
  BOOST_TEST(known.size() >= 2048u);
  BOOST_TEST((known.back() == last));
}

BOOST_AUTO_TEST_CASE(what_a_checkpoint_names_outlives_the_loss_of_power) {
  runtime::sim_disk disk;
  transfer_offer offer;
  offer.name = "x";
  offer.files = {{"x", 3000}};
  offer.total = 3000;
  offer.details.emplace().files.resize(1);
  const auto raw = *encode_offer(offer);
  const auto message = *decode_transfer(raw);
  const bytes data(1000, 7);
  {
    actors::target_files target{disk, target_of(std::get<offer_message>(message))};
    BOOST_TEST_REQUIRE(target.open({}) == "");
    for (std::uint64_t at = 0; at < 2000; at += 1000) {
      BOOST_TEST(target.perform(disk_write{0, at, byte_slice::copy_of(bytes_view{data})}).error == "");
      if (at == 0)
        BOOST_TEST(target.perform(disk_checkpoint{{0, 1000, sha256(bytes_view{data})}}).error == "");
    }
    disk.lose_power_after(0);
  }
  disk.restore_power({});
  actors::target_files target{disk, target_of(std::get<offer_message>(message))};
  BOOST_TEST_REQUIRE(target.open({}) == "");
  BOOST_TEST_REQUIRE(target.at().has_value());
  BOOST_TEST(target.at()->offset == 1000u);
  const auto back = target.perform(disk_read{0, 0, 1000});
  BOOST_TEST(back.error == "");
  BOOST_TEST(equal(back.data.view(), bytes_view{data}));
}

BOOST_AUTO_TEST_CASE(zeros_take_no_room_until_the_end) {
  runtime::sim_disk disk;
  transfer_offer offer;
  offer.name = "x";
  offer.files = {{"x", 3 * 65'536}};
  offer.total = 3 * 65'536;
  const auto raw = *encode_offer(offer);
  const auto message = *decode_transfer(raw);
  actors::target_files target{disk, target_of(std::get<offer_message>(message))};
  BOOST_TEST_REQUIRE(target.open({}) == "");
  const bytes zeros(65'536);
  for (std::uint64_t i = 0; i < 3; ++i)
    BOOST_TEST(target.perform(disk_write{0, i * 65'536, byte_slice::copy_of(bytes_view{zeros})}).error == "");
  for (const auto& name : disk.names())
    BOOST_TEST(disk.read_file(name, 1'000'000)->size() == 0u, name);
  BOOST_TEST(target.perform(disk_finish{0, {}}).error == "");
  BOOST_TEST(disk.read_file("dst/x", 1'000'000)->size() == 3u * 65'536u);
  target.close(file_fate::delivered);
  BOOST_TEST((disk.names() == std::set<std::string>{"dst/x"}));
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::test
