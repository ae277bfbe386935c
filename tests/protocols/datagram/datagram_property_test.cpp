// SPDX-License-Identifier: MIT
#include "protocols/core/small_random.hpp"
#include "tests/protocols/support/allocations.hpp"
#include "tests/protocols/support/datagram_pair.hpp"

#include <boost/test/unit_test.hpp>

#include <cstdlib>
#include <string>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;
using namespace std::chrono_literals;

/// Two streams and a path that does its worst, from a seed: whatever happens, nothing but the bytes that went in comes
/// out, in their order, and every stream ends.
namespace {

/// What the seed decided.
struct scenario {
  explicit scenario(std::uint64_t seed) : random(seed) {
    settings.offer = random.below(2) == 0;
    settings.accept = random.below(4) != 0;
    settings.congestion = random.below(4) == 0 ? congestion_algorithm::reno : congestion_algorithm::bbr;
    settings.profile = random.below(4) == 0 ? dial_profile::punch : dial_profile::normal;
    if (random.below(4) != 0) {
      loss = random.below(30);
      duplication = random.below(20);
      reordering = random.below(30);
    }
    if (random.below(2) == 0) {
      garbage = random.below(5);
      flips = random.below(8);
    }
    latency = duration{static_cast<std::int64_t>(random.below(60'000'000))};
    for (auto& size : sizes)
      size = random.below(4) == 0 ? random.below(60'000) : random.below(3000);
    misbehaves = random.below(4) == 0;
  }

  small_random random;
  datagram_pair::config settings;
  std::uint64_t loss = 0; ///< This and the next four in percent.
  std::uint64_t duplication = 0;
  std::uint64_t reordering = 0;
  std::uint64_t garbage = 0;
  std::uint64_t flips = 0;
  duration latency{0};
  std::size_t sizes[2] = {}; ///< What the dialer and the acceptor write.
  bool misbehaves = false;   ///< Somebody may abort.
};

/// Flips a bit of the header. Returns whether that can put payload in a wrong place, or make payload of what was none:
/// this wire has no checksum, and only the cipher above it can tell.
bool flip_header(small_random& random, bytes& datagram) {
  const auto at = random.below(std::min<std::size_t>(datagram.size(), 20));
  const auto sequenced = datagram[0] == 0x11 || datagram[0] == 0x13;
  const auto sack = datagram.size() > 1 && (datagram[1] & packet_flag_sack) != 0;
  datagram[at] = static_cast<std::uint8_t>(datagram[at] ^ (1u << random.below(8)));
  return at <= 1 || (sequenced && at >= 8 && at < 12) || (at >= 16 && !sack);
}

struct world {
  explicit world(std::uint64_t seed) : plan(seed), pair(plan.settings) {
    for (std::size_t i = 0; i < 2; ++i)
      written[i] = pattern(plan.sizes[i], static_cast<std::uint32_t>(seed * 2 + i));
    pair.latency = plan.latency;
    pair.fate = [this](bool, bytes& datagram) { return fate(datagram); };
  }

  datagram_pair::arrivals fate(bytes& datagram) {
    auto& random = plan.random;
    datagram_pair::arrivals out;
    if (random.below(100) < plan.loss)
      return out;
    out.push_back(pair.now + plan.latency);
    if (random.below(100) < plan.reordering)
      out.back() += duration{static_cast<std::int64_t>(random.below(40'000'000))};
    if (random.below(100) < plan.duplication)
      out.push_back(pair.now + plan.latency + duration{static_cast<std::int64_t>(random.below(200'000'000))});
    if (random.below(100) < plan.garbage) {
      datagram.resize(random.below(datagram.size() + 1));
      altered = altered || datagram.size() >= packet_header_size;
    }
    if (!datagram.empty() && random.below(100) < plan.flips)
      altered = flip_header(random, datagram) || altered;
    return out;
  }

  datagram_end* end(std::size_t i) { return i == 0 ? pair.dialer.get() : pair.acceptor.get(); }

  /// Something that an owner may do at any time.
  void act(std::size_t i) {
    auto* x = end(i);
    if (!x)
      return;
    auto& random = plan.random;
    const auto what = random.below(40);
    if (what < 12 && offset[i] < written[i].size()) {
      const auto n = std::min<std::size_t>(written[i].size() - offset[i], 1 + random.below(20'000));
      offset[i] += x->uut.write(bytes_view{written[i]}.subspan(offset[i], n), pair.now);
    } else if (what < 15) {
      x->uut.pause_reading();
    } else if (what < 30) {
      x->uut.resume_reading(pair.now);
    } else if (what == 30 && plan.misbehaves) {
      x->uut.abort();
    } else if (what < 36 && offset[i] == written[i].size()) {
      x->uut.resume_reading(pair.now);
      if (i == 0 || random.below(3) == 0 || x->ends > 0)
        x->uut.finish(pair.now);
    }
  }

  void run() {
    const auto deadline = pair.now + 120s;
    for (int step = 0; step < 120; ++step) {
      act(plan.random.below(2));
      pair.run_for(duration{static_cast<std::int64_t>(plan.random.below(50'000'000))});
      check();
    }
    for (std::size_t i = 0; i < 2; ++i)
      if (auto* x = end(i)) {
        x->uut.resume_reading(pair.now);
        offset[i] += x->uut.write(bytes_view{written[i]}.subspan(offset[i]), pair.now);
      }
    pair.run_for(2s);
    for (std::size_t i = 0; i < 2; ++i)
      if (auto* x = end(i))
        x->uut.finish(pair.now);
    pair.run_until(deadline);
    check();
    // Nothing lives forever once both were closed.
    BOOST_TEST_REQUIRE((pair.dialer->uut.ended() != stream_end::none));
    BOOST_TEST_REQUIRE((!pair.acceptor || pair.acceptor->uut.ended() != stream_end::none));
  }

  void check() {
    for (std::size_t i = 0; i < 2; ++i) {
      auto* reader = end(1 - i);
      if (!reader || altered)
        continue;
      const auto& in = reader->received;
      BOOST_TEST_REQUIRE(in.size() <= offset[i]);
      BOOST_TEST_REQUIRE(equal(in, bytes_view{written[i]}.first(in.size())));
      // An end is told only behind all that was written.
      if (reader->ends > 0)
        BOOST_TEST_REQUIRE(in.size() == offset[i]);
      // Who was told that everything arrived may rely on it, unless the reader had closed before and wanted no more.
      BOOST_TEST_REQUIRE(reader->ends <= 1);
    }
  }

  scenario plan;
  datagram_pair pair;
  bytes written[2];
  std::size_t offset[2] = {};
  bool altered = false;
};

/// `RATS_SEEDS=first:count` searches elsewhere, or replays one.
std::pair<std::uint64_t, std::uint64_t> seeds() {
  const auto* text = std::getenv("RATS_SEEDS");
  if (!text)
    return {0, 10'000};
  const std::string x{text};
  const auto colon = x.find(':');
  return {std::stoull(x), colon == std::string::npos ? 1 : std::stoull(x.substr(colon + 1))};
}

} // namespace

BOOST_AUTO_TEST_SUITE(datagram_properties)

BOOST_AUTO_TEST_CASE(what_comes_out_is_what_went_in_whatever_the_path_does) {
  const auto [first, count] = seeds();
  const auto before = allocated_bytes();
  std::size_t complete = 0;
  std::size_t finished = 0;
  std::size_t extended = 0;
  for (auto seed = first; seed < first + count; ++seed) {
    BOOST_TEST_CONTEXT("RATS_SEEDS=" << seed) {
      world x{seed};
      x.run();
      extended += x.pair.dialer->uut.stats().extended;
      finished += x.pair.dialer->uut.ended() == stream_end::finished;
      complete += x.pair.acceptor && !x.altered && x.pair.acceptor->received == x.written[0];
    }
  }
  BOOST_TEST(allocated_bytes() <= before + 4096);
  BOOST_TEST_MESSAGE(complete << " complete, " << finished << " finished, " << extended << " extended");
  if (count < 1000)
    return;
  // The search would prove nothing if most streams died on the way.
  BOOST_TEST(complete > count / 3);
  BOOST_TEST(finished > count / 3);
  BOOST_TEST(extended > count / 5);
}

BOOST_AUTO_TEST_CASE(equal_seeds_give_equal_runs) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    std::string logs[2];
    for (auto& log : logs) {
      world x{seed};
      x.pair.watch = [&](bool to_acceptor, const bytes& datagram) {
        log += std::to_string(x.pair.now.time_since_epoch().count()) + (to_acceptor ? ">" : "<") + to_hex(datagram);
      };
      x.run();
    }
    BOOST_TEST((logs[0] == logs[1]));
  }
}

BOOST_AUTO_TEST_SUITE_END()
