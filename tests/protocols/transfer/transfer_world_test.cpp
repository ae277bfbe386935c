// SPDX-License-Identifier: MIT
// A sender and a receiver over a pipe, with what goes wrong between them and below them.
#include "tests/protocols/support/transfer_world.hpp"

#include <boost/test/unit_test.hpp>

using namespace librats;
using namespace librats::protocols;
using namespace librats::test;

namespace {

constexpr auto faults = static_cast<std::uint64_t>(transfer_fault::count);

struct tally {
  int happened = 0;
  int succeeded = 0;
  std::uint64_t saved = 0;
};

/// Runs seeds 1 to `seeds` with one kind of fault.
tally run_seeds(transfer_fault fault, std::uint64_t seeds, bool details) {
  tally out;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const auto times = survivable(fault) && fault != transfer_fault::none ? 1 + static_cast<int>(seed % 4) : 1;
    transfer_world world{{seed * faults + static_cast<std::uint64_t>(fault), fault, times, details}};
    world.run();
    BOOST_TEST(!world.wrong_bytes(), world.story());
    BOOST_TEST(!world.silent(), world.story());
    if (survivable(fault)) {
      BOOST_TEST(world.succeeded(), world.story());
      BOOST_TEST(world.complete(), world.story());
    } else if (world.succeeded()) {
      BOOST_TEST(world.complete(), world.story());
    }
    out.happened += world.fault_happened();
    out.succeeded += world.succeeded();
    out.saved += world.saved();
  }
  return out;
}

} // namespace

BOOST_AUTO_TEST_SUITE(transfer_world_suite)

BOOST_AUTO_TEST_CASE(trees_arrive) {
  BOOST_TEST(run_seeds(transfer_fault::none, 60, true).succeeded == 60);
  BOOST_TEST(run_seeds(transfer_fault::none, 60, false).succeeded == 60);
}

BOOST_AUTO_TEST_CASE(a_thousand_interrupted_transfers_arrive_as_they_were_sent) {
  for (auto fault : {transfer_fault::link_cut, transfer_fault::receiver_crash, transfer_fault::sender_crash,
         transfer_fault::both_crash, transfer_fault::receiver_disk, transfer_fault::sender_disk,
         transfer_fault::source_changes, transfer_fault::pause_at_sender, transfer_fault::pause_at_receiver}) {
    BOOST_TEST_CONTEXT("fault " << static_cast<int>(fault)) {
      const auto x = run_seeds(fault, 115, true);
      BOOST_TEST(x.happened > 75);
      const bool paused = fault == transfer_fault::pause_at_sender || fault == transfer_fault::pause_at_receiver;
      if (!paused && fault != transfer_fault::source_changes)
        BOOST_TEST(x.saved > 100'000u); // They did go on from where they were.
    }
  }
}

BOOST_AUTO_TEST_CASE(interrupted_transfers_of_a_foreign_sender_start_over) {
  for (auto fault : {transfer_fault::link_cut, transfer_fault::both_crash, transfer_fault::receiver_disk})
    BOOST_TEST(run_seeds(fault, 40, false).saved == 0u);
}

BOOST_AUTO_TEST_CASE(what_cannot_arrive_ends_with_an_error_on_both_sides) {
  for (auto i = static_cast<std::uint64_t>(transfer_fault::cancel_at_sender); i < faults; ++i) {
    BOOST_TEST_CONTEXT("fault " << i) {
      const auto x = run_seeds(static_cast<transfer_fault>(i), 60, i % 2 == 0);
      BOOST_TEST(x.happened > 25);
      BOOST_TEST(x.succeeded < 50);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_seed_happens_the_same_way_twice) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    transfer_world a{{seed, transfer_fault::both_crash, 3, true}};
    transfer_world b{{seed, transfer_fault::both_crash, 3, true}};
    a.run();
    b.run();
    BOOST_TEST(a.story() == b.story());
    BOOST_TEST(a.saved() == b.saved());
  }
}

BOOST_AUTO_TEST_SUITE_END()
