// SPDX-License-Identifier: MIT
#include "protocols/datagram/loss_detector.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

using namespace librats;
using namespace librats::protocols;
using namespace std::chrono_literals;

using place = sent_packet::place;

namespace {

/// Ten packets that left 1 ms apart on a path of 40 ms.
struct fixture {
  fixture() {
    rtt.add(40ms);
    for (int i = 0; i < 10; ++i) {
      sent_packet x;
      x.sent_at = time_point{1ms * i};
      x.serial = ++serial;
      x.transmissions = 1;
      packets.link(packets.push(x), place::in_flight);
    }
  }

  void arrive(std::uint32_t seq, time_point now) {
    packets.unlink(seq);
    uut.packet_arrived(seq, packets[seq], rtt, true, now);
    packets[seq].where = place::arrived;
    ++arrived;
  }
  void send_again(std::uint32_t seq, time_point now) {
    packets.unlink(seq);
    packets[seq].sent_at = now;
    packets[seq].serial = ++serial;
    ++packets[seq].transmissions;
    packets.link(seq, place::in_flight);
  }
  std::vector<std::uint32_t> lost(time_point now, bool recovering = false) {
    std::vector<std::uint32_t> out;
    while (const auto seq = uut.next_lost(packets, packets.end(), rtt, recovering, arrived, now)) {
      packets.unlink(*seq);
      packets.link(*seq, place::lost);
      out.push_back(*seq);
    }
    return out;
  }

  loss_detector uut;
  rtt_estimator rtt;
  sent_packets packets{1};
  std::uint32_t serial = 0;
  std::size_t arrived = 0;
};

using numbers = std::vector<std::uint32_t>;

} // namespace

BOOST_FIXTURE_TEST_SUITE(loss_detectors, fixture)

BOOST_AUTO_TEST_CASE(nothing_is_lost_before_something_arrives) {
  BOOST_TEST(lost(time_point{10s}).empty());
  BOOST_TEST((uut.due() == time_point::max()));
}

BOOST_AUTO_TEST_CASE(three_that_overtook_prove_a_loss_at_once) {
  arrive(2, time_point{41ms});
  arrive(3, time_point{42ms});
  BOOST_TEST(lost(time_point{42ms}).empty());
  BOOST_TEST((uut.due() == time_point{50ms})); // Sent at 0, a round trip of 40 ms and a quarter of it.
  arrive(4, time_point{43ms});
  BOOST_TEST(lost(time_point{43ms}) == numbers{1});
}

BOOST_AUTO_TEST_CASE(one_that_overtook_proves_it_after_a_quarter_of_a_round_trip) {
  arrive(2, time_point{41ms});
  BOOST_TEST(lost(time_point{49ms}).empty());
  BOOST_TEST(lost(time_point{50ms}) == numbers{1});
}

BOOST_AUTO_TEST_CASE(what_left_later_is_never_lost) {
  for (const std::uint32_t seq : {3, 4, 5})
    arrive(seq, time_point{44ms});
  BOOST_TEST(lost(time_point{10s}) == (numbers{1, 2}));
}

BOOST_AUTO_TEST_CASE(a_lost_retransmission_shows_like_any_other) {
  for (const std::uint32_t seq : {2, 3, 4})
    arrive(seq, time_point{43ms});
  BOOST_TEST(lost(time_point{43ms}) == numbers{1});
  send_again(1, time_point{43ms});
  BOOST_TEST(lost(time_point{44ms}, true).empty());
  send_again(5, time_point{50ms}); // Left behind it and arrives.
  arrive(5, time_point{90ms});
  BOOST_TEST(lost(time_point{90ms}, true) == (numbers{6, 7, 8, 9, 10, 1}));
}

BOOST_AUTO_TEST_CASE(reordering_that_was_seen_gives_time) {
  arrive(3, time_point{42ms});
  arrive(2, time_point{43ms}); // Behind one that left later, and sent once.
  for (const std::uint32_t seq : {4, 5, 6, 7})
    arrive(seq, time_point{46ms});
  BOOST_TEST(lost(time_point{46ms}).empty());
  BOOST_TEST(lost(time_point{51ms}) == numbers{1});
}

BOOST_AUTO_TEST_CASE(a_repair_that_was_not_needed_makes_it_more_patient) {
  for (const std::uint32_t seq : {2, 3, 4})
    arrive(seq, time_point{43ms});
  BOOST_TEST(lost(time_point{43ms}) == numbers{1});
  send_again(1, time_point{43ms});
  arrive(1, time_point{48ms}); // 5 ms after the repair left: that was the original.
  arrive(6, time_point{49ms}); // A round trip of 44 ms; 5 left at 4 ms.
  BOOST_TEST(lost(time_point{60ms}).empty());
  BOOST_TEST((uut.due() == time_point{4ms} + 44ms + 20ms)); // Two quarters now.
}

BOOST_AUTO_TEST_SUITE_END()
