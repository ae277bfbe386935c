// SPDX-License-Identifier: MIT
#include "apps/rats-sim/scenario_text.hpp"

#include "apps/rats-sim/scenario.hpp"

#include <boost/test/unit_test.hpp>

namespace librats::apps {

namespace {

constexpr auto text = R"(# A comment.
[scenario]
duration = 90 s   ; another one
[group   all]
count = 5
gossip.d = 7
[workload news]
from = all
topic = "a # b"
)";

} // namespace

BOOST_AUTO_TEST_SUITE(scenario_texts)

BOOST_AUTO_TEST_CASE(a_text_says_the_same_when_it_was_written_again) {
  const scenario_text uut{text, {}};
  const auto again = uut.to_string();
  BOOST_TEST(again
    == "[scenario]\nduration = 90 s\n[group all]\ncount = 5\ngossip.d = 7\n[workload news]\nfrom = all\n"
       "topic = \"a # b\"\n");
  BOOST_TEST(scenario_text(again, {}).to_string() == again);
}

BOOST_AUTO_TEST_CASE(settings_take_the_place_of_what_was_there) {
  const scenario_text uut{text, {"group.all.count=7", "group.all.gossip.d=8", "network.loss=1 %", "group.all.count=8"}};
  const auto load = load_scenario_text(uut.to_string(), "again");
  BOOST_TEST(!load.ok()); // The key stands there twice now, as on the command line.
  const auto once = scenario_text{text, {"group.all.count=7", "group.all.gossip.d=8", "network.loss=1 %"}}.to_string();
  const auto fine = load_scenario_text(once, "again");
  BOOST_TEST_REQUIRE(fine.ok(), (fine.ok() ? "" : fine.errors.front().to_string()));
  const auto direct =
    load_scenario_text(text, "direct", {"group.all.count=7", "group.all.gossip.d=8", "network.loss=1 %"});
  BOOST_TEST(fine.what.groups[0].count == 7u);
  BOOST_TEST(fine.what.link.loss == direct.what.link.loss);
  BOOST_TEST(once.find("gossip.d = 8") != std::string::npos);
  BOOST_TEST(once.find("gossip.d = 7") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(sections_and_entries_can_go) {
  scenario_text uut{text, {}};
  uut.remove("workload news");
  uut.remove("group all", 1);
  uut.set("scenario", "duration", "3 s");
  BOOST_TEST(uut.to_string() == "[scenario]\nduration = 3 s\n[group all]\ncount = 5\n");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::apps
