# SPDX-License-Identifier: MIT
"""Every sample scenario holds at a reduced size, is the same in another process, and belongs to the repository."""
import json
import os
import re
import sys

sys.path[:0] = [os.path.join(os.environ["RATS_SOURCE_DIR"], "tests"),
                os.path.join(os.environ["RATS_SOURCE_DIR"], "tests", "apps")]
import case_list
from support.processes import ProgramTest

FOLDER = os.path.join(os.environ["RATS_SOURCE_DIR"], "config", "scenarios")

# What makes each of them small enough for a test.
REDUCED = {
    "hello": {},
    "lan": {"group.office.count": 6, "scenario.duration": "90s"},
    "mesh-1000": {"group.europe-nodes.count": 8, "group.america-nodes.count": 8, "group.asia-nodes.count": 8,
                  "scenario.duration": "70s"},
    "gossip-10000": {"group.all.count": 30, "scenario.duration": "75s"},
    "partition-heal": {"group.west.count": 6, "group.east.count": 6},
    "flash-crowd": {"group.crowd.count": 20, "group.regulars.count": 4, "expect.everybody.up_min": 24,
                    "scenario.duration": "115s"},
    "disk-faults": {},
    "nat-zoo": {"scenario.duration": "150s"},
    "sybil": {"group.honest.count": 16, "expect.honest.up_min": 16, "attackers.names.links": 10,
              "attackers.claims.links": 6, "workload.search.begin": "50s", "scenario.duration": "90s"},
    "dht-2000-churn": {"group.nodes.count": 20, "workload.search.senders": 5, "scenario.duration": "300s"},
}


def figures_of_attackers(figures):
    """Those who break rules before they say who they are must be thrown out, and the others must get in."""
    return figures["attackers"]


class Scenarios(ProgramTest):
    def simulate(self, name, seed, environment=None):
        report = self.path("report.json")
        settings = []
        for key, value in REDUCED[name].items():
            settings += ["--set", "%s=%s" % (key, value)]
        done = self.run_program("rats-sim", "--config", os.path.join(FOLDER, name + ".ini"), "--seed", seed,
                                "--report", report, "--quiet", *settings, env=environment)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        with open(report, encoding="utf-8") as file:
            figures = json.load(file)
        del figures["machine"]
        return figures

    def check(self, name):
        first = self.simulate(name, 7)
        self.assertEqual(first["outcome"], "held")
        self.assertTrue(first["findings"])
        for one in figures_of_attackers(first):
            self.assertGreater(one["dials"], 0, one)
            self.assertGreater(one["ended"] if one["name"] in ("babblers", "shy") else one["established"], 0, one)
        self.assertTrue(all(one["owed"] > 0 for one in first["workloads"]), first["workloads"])
        # Another process at other addresses, with another environment.
        other = dict(os.environ, LANG="tr_TR.UTF-8", TZ="Asia/Tokyo", MALLOC_ARENA_MAX="1", PADDING="x" * 5000)
        self.assertEqual(self.simulate(name, 7, other), first)
        return first

    def test_no_scenario_is_left_out(self):
        there = {name[:-4] for name in os.listdir(FOLDER) if name.endswith(".ini")}
        self.assertEqual(there, set(REDUCED))

    def test_every_scenario_has_a_sentence(self):
        for name in REDUCED:
            with open(os.path.join(FOLDER, name + ".ini"), encoding="utf-8") as file:
                text = file.read()
            self.assertTrue(text.startswith("# "), name)
            self.assertRegex(text, r"\ntitle = \S")
            done = self.run_program("rats-sim", "--config", os.path.join(FOLDER, name + ".ini"), "--check")
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_another_seed_is_another_run(self):
        self.assertNotEqual(self.simulate("hello", 1)["event_hash"], self.simulate("hello", 2)["event_hash"])


def add_case(name):
    setattr(Scenarios, "test_" + re.sub(r"\W", "_", name), lambda self: self.check(name))


for scenario in REDUCED:
    add_case(scenario)

if __name__ == "__main__":
    case_list.main()
