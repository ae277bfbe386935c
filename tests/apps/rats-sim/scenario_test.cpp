// SPDX-License-Identifier: MIT
#include "apps/rats-sim/scenario.hpp"

#include <boost/test/unit_test.hpp>

#include <initializer_list>
#include <utility>

namespace librats::apps {

namespace {

using namespace std::chrono_literals;

constexpr auto sound = R"([scenario]
duration = 60 s
[network]
latency = 50 ms
loss = 0.25 %
[region eu]
latency = 10 ms
[region us]
[path atlantic]
from = eu
to = us
latency = 45 ms
[group a]
count = 10
region = eu
dial = random
dials = 3
gossip.d = 8
[group b]
region = us
dial = star
dial_to = a
[partition p]
left = eu
at = 10 s
until = 20 s
[workload news]
from = a
[expect news]
workload = news
delivered_min = 99.9 %
)";

/// The one mistake in a scenario that is sound but for `text`, which stands on line 32; or what is wrong with that.
std::string mistake_in(const std::string& text, const std::vector<std::string>& settings = {}) {
  const auto out = load_scenario_text(sound + text, "x.ini", settings);
  if (out.errors.size() != 1)
    return "not one mistake:\n" + runtime::to_string(out.errors);
  return out.errors.front().to_string();
}

} // namespace

BOOST_AUTO_TEST_SUITE(scenarios)

BOOST_AUTO_TEST_CASE(a_scenario_becomes_values) {
  const auto load = load_scenario_text(sound, "x.ini", {"group.a.count=20", "scenario.seed=5"});
  BOOST_TEST(runtime::to_string(load.errors) == "");
  const auto& x = load.what;
  BOOST_TEST(x.seed == 5u);
  BOOST_TEST(x.node_count() == 21u);
  BOOST_TEST((x.link.latency == 50ms));
  BOOST_TEST(x.link.loss == 0.0025);
  BOOST_TEST((x.regions[0].inside.latency == 10ms));
  BOOST_TEST((x.regions[1].inside.latency == 50ms)); // As everywhere.
  BOOST_TEST(x.regions[0].inside.loss == 0.0025);
  BOOST_TEST((x.paths.front().profile.latency == 45ms));
  BOOST_TEST(x.groups[0].node.gossip.d == 8u);
  BOOST_TEST(x.groups[1].dial_to == 0u);
  BOOST_TEST(x.partitions.front().left == (std::vector<std::size_t>{0}), boost::test_tools::per_element());
  BOOST_TEST(x.partitions.front().right == (std::vector<std::size_t>{1}), boost::test_tools::per_element());
  BOOST_TEST(x.workloads.front().senders == 20u);
  BOOST_TEST((x.workloads.front().end == 49s)); // Grace and a second before the end.
  BOOST_TEST(x.expectations.front().delivered_min.value() == 999'000);
}

BOOST_AUTO_TEST_CASE(every_mistake_names_its_place) {
  const std::initializer_list<std::pair<const char*, const char*>> cases{
    {"[group c]\nregion = ue\n", "x.ini:33: group c.region: there is no region \"ue\"; did you mean \"eu\"?"},
    {"[group c]\ndial = star\ndial_to = zebra\n",
      "x.ini:34: group c.dial_to: there is no group \"zebra\"; accepted: a, b, c"},
    {"[group c]\ndials = 3\n", "x.ini:32: group c.dial: none goes with neither dial_to nor dials"},
    {"[group c]\nstart = 61 s\n", "x.ini:33: group c.start: is when the run is over already"},
    {"[group c]\nbootstrap = a\n", "x.ini:33: group c.bootstrap: goes with dht.enabled = yes alone"},
    {"[group c]\ngossip.d_low = 9\n", "x.ini:33: group c.gossip.d_low: d_low must not be above d"},
    {"[group c]\ngosip.d = 9\n", "x.ini:33: group c.gosip.d: there is no key \"gosip.d\" in [group c]"},
    {"[workload w]\n", "x.ini:32: workload w.from: names no group"},
    {"[workload w]\nfrom = a\nsenders = 11\n", "x.ini:34: workload w.senders: group a has 10 members alone"},
    {"[workload w]\nfrom = a\nbegin = 55 s\n", "x.ini:34: workload w.begin: leaves no time to work"},
    {"[workload w]\nfrom = a\nkind = lookup\n", "x.ini:34: workload w.kind: group a has dht.enabled = no"},
    {"[partition q]\nleft = a\nright = a\n", "x.ini:34: partition q.right: group a is on both sides"},
    {"[path q]\nfrom = us\nto = eu\n", "x.ini:34: path q.to: another [path NAME] says already"},
    {"[group c]\ncrash = process\ndisk_crash = lose\n", "x.ini:34: group c.disk_crash: goes with crash = power alone"},
    {"[fault f]\n", "x.ini:32: fault f.group: names no group; write group = GROUP"},
    {"[fault f]\ngroup = aa\n", "x.ini:33: fault f.group: there is no group \"aa\""},
    {"[fault f]\ngroup = a\nmembers = 11\n", "x.ini:34: fault f.members: group a has 10 members alone"},
    {"[fault f]\ngroup = a\nroom = 1 MiB\nkind = clock\n", "x.ini:34: fault f.room: goes with kind = disk-full alone"},
    {"[fault f]\ngroup = a\nat = 60 s\n", "x.ini:32: fault f.until: is not after at"},
    {"[workload w]\nfrom = a\nkind = write\n", "x.ini:34: workload w.kind: group a has storage.enabled = no"},
    {"[group c]\nfiles.enabled = no\n[workload w]\nfrom = a\nkind = transfer\n",
      "x.ini:36: workload w.kind: group c has files.enabled = no"},
    {"[workload w]\nfrom = a\nsize = 2 MiB\n", "x.ini:34: workload w.size: is too large for a message"},
    {"[workload w]\nfrom = a\nsize_max = 1 KiB\n", "x.ini:34: workload w.size_max: goes with kind = write or transfer"},
    {"[workload w]\nfrom = a\nkind = transfer\nsize_max = 99\n", "x.ini:35: workload w.size_max: is below size"},
    {"[workload w]\nfrom = a\nremovals = 1 %\n", "x.ini:34: workload w.removals: goes with kind = write alone"},
    {"[workload w]\nfrom = a\nkind = address\nto = a\nto = b\n", "x.ini:35: workload w.to: names the group that asks"},
    {"[expect e]\nstores_converged = yes\n",
      "x.ini:33: expect e.stores_converged: cannot be judged: there are 0 nodes"},
    {"[expect e]\nacknowledged_kept = yes\n", "x.ini:33: expect e.acknowledged_kept: cannot be met: there is no"},
    {"[expect e]\ntransfers_intact = yes\n", "x.ini:33: expect e.transfers_intact: cannot be met: there is no"},
    {"[group c]\nstorage.enabled = yes\nchurn = 1 %\n[workload w]\nfrom = c\nto = c\nkind = write\n[expect e]\n"
     "acknowledged_kept = yes\n",
      "x.ini:40: expect e.acknowledged_kept: cannot be promised: machines of group c lose their power"},
    {"[nat n]\ntype = cone\n", "x.ini:33: nat n.type: \"cone\""},
    {"[nat n]\nbehind = m\n[nat m]\nbehind = n\n", "x.ini:35: nat m.behind: leads back to where it begins"},
    {"[nat n]\nbehind = n\n", "x.ini:33: nat n.behind: leads back to where it begins"},
    {"[group c]\nnat = m\n", "x.ini:33: group c.nat: there is no nat \"m\""},
    {"[group c]\nnat_boxes = one\n", "x.ini:33: group c.nat_boxes: goes with nat = NAME alone"},
    {"[expect e]\ngroup = a\nlinks_min = 1\n", "x.ini:32: expect e.with: names nobody"},
    {"[expect e]\ngroup = a\nwith = b\nlinks_min = 11\n", "x.ini:35: expect e.links_min: cannot be met: there are 10"},
    {"[expect e]\ngroup = a\nwith = b\nup_min = 1\n", "x.ini:34: expect e.with: goes with links_min and links_max"},
    {"[attackers z]\n", "x.ini:32: attackers z.group: names nobody; write group = GROUP"},
    {"[attackers z]\ngroup = a\nkind = announce\n",
      "x.ini:32: attackers z.lookup: names no workload with kind = lookup"},
    {"[attackers z]\ngroup = b\nkind = announce\nlookup = news\n[group c]\ndht.enabled = no\n",
      "x.ini:35: attackers z.lookup: names a workload of another kind"},
    {"[attackers z]\ngroup = a\nlookup = news\n", "x.ini:34: attackers z.lookup: goes with kind = announce alone"},
    {"[attackers z]\ngroup = a\nbegin = 60 s\n", "x.ini:32: attackers z.end: is not after begin"},
    {"[attackers z]\ngroup = a\nkind = garbage\ntopic = t\n", "x.ini:35: attackers z.topic: goes with those who shake"},
    {"[nat n]\n[group c]\nnat = n\n[attackers z]\ngroup = c\n",
      "x.ini:36: attackers z.group: names nodes behind a NAT"},
    {"[group c]\nnode.listen = no\n[attackers z]\ngroup = c\n", "x.ini:35: attackers z.group: names nodes that do not"},
    {"[expect e]\n", "x.ini:32: expect e.workload: nothing is expected"},
    {"[expect e]\ndelivered_min = 1 %\n", "x.ini:32: expect e.workload: delivered, latency and duplicates are those"},
    {"[expect e]\nworkload = news\nlatency_max = 9 ms\n", "x.ini:34: expect e.latency_max: cannot be met: no path is"},
    {"[expect e]\npeers_min = 11\n", "x.ini:33: expect e.peers_min: cannot be met: there are 11 nodes in all"},
    {"[expect e]\ngroup = b\nup_min = 2\n", "x.ini:34: expect e.up_min: cannot be met: there are 1 nodes"},
    {"[expect e]\nworkload = old\ndelivered_min = 1 %\n", "x.ini:33: expect e.workload: there is no workload \"old\""},
  };
  for (const auto& [text, wanted] : cases) {
    const auto found = mistake_in(text);
    // An unknown name is missing where it is needed, too; the first complaint is the one that counts.
    BOOST_TEST(found.find(wanted) != std::string::npos, "for\n" << text << "found " << found << "\nwanted " << wanted);
  }
}

BOOST_AUTO_TEST_CASE(a_mistaken_setting_belongs_to_the_command_line) {
  BOOST_TEST(
    mistake_in("", {"group.c.count=5"}).find("command line: there is no [group c] to set a key of; accepted: a, b")
    == 0);
  BOOST_TEST(mistake_in("", {"group.a.count=0"}).find("command line: group a.count: \"0\" is out of range") == 0);
  BOOST_TEST(mistake_in("", {"group.a.start=2min"}).find("command line: group a.start: is when") == 0);
}

BOOST_AUTO_TEST_CASE(a_scenario_needs_a_group) {
  const auto out = load_scenario_text("[scenario]\nduration = 5 s\n", "x.ini");
  BOOST_REQUIRE(out.errors.size() == 1);
  BOOST_TEST(out.errors.front().to_string().find("there is no [group NAME]") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace librats::apps
