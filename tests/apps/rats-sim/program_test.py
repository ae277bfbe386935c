# SPDX-License-Identifier: MIT
"""rats-sim as a program: broken expectations and their replay, mistakes, partial reports, many seeds."""
import json
import os
import shlex
import signal
import subprocess
import sys

sys.path[:0] = [os.path.join(os.environ["RATS_SOURCE_DIR"], "tests"),
                os.path.join(os.environ["RATS_SOURCE_DIR"], "tests", "apps")]
import case_list
from support.processes import BIN, PATIENCE, Program, ProgramTest

# A cable that is cut for good while somebody publishes on one side: what is published does not arrive on the other.
BROKEN = """[scenario]
duration = 90 s
[group west]
count = 3
dial = ring
[group east]
count = 3
dial = random
dial_to = west
dials = 2
[partition cable]
left = west
right = east
at = 40 s
[workload news]
from = west
senders = 1
begin = 20 s
[expect news]
workload = news
delivered_min = 99 %
[expect together]
components_max = 1
from = 30 s
"""

SOUND = """[scenario]
duration = 40 s
[group all]
count = 4
dial = ring
[workload news]
from = all
begin = 15 s
[expect news]
workload = news
delivered_min = 100 %
"""


class RatsSim(ProgramTest):
    def scenario(self, text, name="scenario.ini"):
        path = self.path(name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def simulate(self, text, *arguments):
        return self.run_program("rats-sim", "--config", self.scenario(text), *arguments)

    def test_a_broken_expectation_is_reported_and_replayed(self):
        report = self.path("r.json")
        done = self.simulate(BROKEN, "--seed", 5, "--set", "group.west.count=4", "--report", report)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        # The links over the cable are given up when they have been silent for long enough, which breaks it on the way.
        self.assertIn("broken: together.components_max: 2; expected: at most 1", done.stdout)
        self.assertIn("nodes concerned: east/0 east/1 east/2", done.stdout)
        with open(report, encoding="utf-8") as file:
            figures = json.load(file)
        self.assertEqual(figures["outcome"], "broken")
        self.assertGreater(figures["breaches"][0]["at_seconds"], 40)
        self.assertLess(figures["breaches"][0]["at_seconds"], 90)
        command = next(line.split("replay: ")[1] for line in done.stdout.splitlines() if "replay: " in line)
        again = subprocess.run(shlex.split(command), capture_output=True, text=True, timeout=PATIENCE, check=False)
        self.assertEqual(again.returncode, 1)
        self.assertEqual(again.stdout.splitlines()[:2], done.stdout.splitlines()[:2])
        self.assertIn("event hash " + figures["event_hash"], again.stdout)

    def test_what_is_missing_at_the_end_names_who_missed_it(self):
        done = self.simulate(BROKEN, "--set", "expect.together.until=35s", "--quiet")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("broken: news.delivered_min: ", done.stdout)
        self.assertIn("nodes concerned: east/", done.stdout)
        self.assertRegex(done.stdout, r"\nbroken; event hash [0-9a-f]{16}\n")

    def test_mistakes_end_with_code_2_before_anything_runs(self):
        done = self.simulate(SOUND + "[expect x]\ngroup = al\nup_min = 9\n", "--seed", 1)
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stdout, "")
        self.assertIn("scenario.ini:13: expect x.group: there is no group \"al\"; did you mean \"all\"?", done.stderr)
        self.assertIn("scenario.ini:14: expect x.up_min: cannot be met: there are 4 nodes", done.stderr)
        for arguments in (["--sed", "1"], ["--log-node", "all/4"], ["--set", "group.all.count=x"],
                          ["--set", "scenario.memory_max=1 MiB"]):
            done = self.simulate(SOUND, *arguments)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertTrue(done.stderr.startswith("rats-sim: "), done.stderr)
        self.assertEqual(self.run_program("rats-sim", "--config", self.path("nothing.ini")).returncode, 2)

    def test_trace_until_and_log_node_show_what_happens(self):
        traces = []
        for name in ("a", "b"):
            trace = self.path(name)
            done = self.simulate(SOUND, "--trace", trace, "--until", "17s", "--log-node", "all/2")
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertIn("stopped; event hash", done.stdout)
            self.assertRegex(done.stderr, r"\d s all/2 starts\n")
            self.assertRegex(done.stderr, r" s all/2 is connected to all/1\n")
            self.assertRegex(done.stderr, r" s all/2 gets news \d+\n")
            with open(trace, encoding="utf-8") as file:
                traces.append(file.read())
        self.assertEqual(traces[0], traces[1])
        lines = traces[0].splitlines()
        self.assertGreater(len(lines), 50)
        self.assertRegex(lines[-1], r"^1\d\.\d{9} all/\d \w+ \d+ [0-9a-f]{16}$")

    def test_an_interrupted_run_leaves_a_partial_report(self):
        report = self.path("partial.json")
        path = self.scenario(SOUND.replace("40 s", "700 h"))
        program = self.start(Program, os.path.join(BIN, "rats-sim"), "--config", path, "--report", report,
                             "--set", "workload.news.every=1h", "--log-node", "0")
        program.err.wait_for("is connected to")
        program.signal(signal.SIGINT)
        self.assertEqual(program.wait(), 1)
        with open(report, encoding="utf-8") as file:
            figures = json.load(file)
        self.assertEqual(figures["outcome"], "interrupted")
        self.assertGreater(figures["events"], 0)

    def test_many_seeds_run_in_processes_and_failures_are_listed(self):
        report = self.path("seeds.json")
        done = self.simulate(SOUND, "--seeds", "3..8", "--jobs", 2, "--report", report)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("6 of 6 seeds were run, 6 held, 0 failed", done.stdout)
        done = self.simulate(BROKEN, "--seeds", "1..2", "--jobs", 2, "--report", report)
        self.assertEqual(done.returncode, 1)
        self.assertIn("seed 1 failed\nbroken: together.components_max", done.stdout)
        self.assertIn("--seed 2", done.stdout)
        with open(report, encoding="utf-8") as file:
            figures = json.load(file)
        self.assertEqual([one["seed"] for one in figures["failures"]], [1, 2])

    def test_parts_crash_as_often_as_told_and_the_nodes_heal(self):
        report = self.path("r.json")
        done = self.simulate(SOUND.replace("40 s", "180 s") + "[expect all]\nup_min = 4\ncomponents_max = 1\n",
                             "--set", "group.all.part_crashes=20", "--set", "group.all.churn_until=60s",
                             "--set", "workload.news.begin=120s", "--report", report)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        with open(report, encoding="utf-8") as file:
            figures = json.load(file)
        self.assertIn(figures["part_crashes"], range(15, 22))
        self.assertGreater(figures["groups"][0]["restarts"], 0)

    def test_stores_that_differ_are_found_and_named(self):
        text = """[scenario]
duration = 90 s
[group west]
count = 3
dial = ring
storage.enabled = yes
[group east]
count = 2
dial = random
dial_to = west
storage.enabled = yes
[partition cable]
left = west
right = east
at = 30 s
[workload settings]
kind = write
from = west
keys = 20
begin = 10 s
[expect stores]
stores_converged = yes
acknowledged_kept = yes
[expect west]
group = west
stores_converged = yes
"""
        done = self.simulate(text)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertRegex(done.stdout, r"broken: stores.stores_converged: 2 of 5 differ, as in settings \d+;")
        self.assertIn("nodes concerned: east/0 east/1", done.stdout)
        self.assertRegex(done.stdout, r"broken: stores.acknowledged_kept: \d+ are missing or older, as settings \d+ in east")
        self.assertIn("held    west.stores_converged: 3 stores are equal", done.stdout)
        done = self.simulate(text, "--set", "partition.cable.until=60s")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_full_disk_refuses_writes_and_files_and_loses_nothing(self):
        text = """[scenario]
duration = 120 s
[group all]
count = 3
dial = ring
storage.enabled = yes
[fault full]
kind = disk-full
group = all
members = 1
room = 4 KiB
at = 20 s
until = 60 s
[workload settings]
kind = write
from = all
size = 500
keys = 500
begin = 10 s
end = 100 s
[workload files]
kind = transfer
from = all
every = 4 s
size = 100 KiB
begin = 10 s
end = 100 s
[expect stores]
stores_converged = yes
acknowledged_kept = yes
[expect files]
transfers_completed_min = 100 %
transfers_intact = yes
"""
        report = self.path("r.json")
        done = self.simulate(text, "--report", report)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        with open(report, encoding="utf-8") as file:
            settings, files = json.load(file)["workloads"]
        self.assertLess(settings["delivered"], settings["owed"])
        self.assertGreater(settings["delivered"], settings["owed"] * 0.6)
        self.assertGreater(files["files"]["refused"], 0)
        self.assertGreater(files["files"]["arrived"], files["files"]["begun"] * 0.5)
        self.assertEqual(files["files"]["damaged"], 0)
        # Without the fault nothing is refused.
        done = self.simulate(text.replace("at = 20 s\nuntil = 60 s", "at = 118 s"), "--report", report)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        with open(report, encoding="utf-8") as file:
            settings, files = json.load(file)["workloads"]
        self.assertEqual(settings["delivered"], settings["owed"])
        self.assertEqual(files["files"]["refused"], 0)

    def test_who_is_behind_a_symmetric_box_is_reached_by_nobody(self):
        text = """[scenario]
duration = 60 s
[nat box]
type = symmetric
[group open]
count = 1
[group inside]
count = 3
nat = box
dial = star
dial_to = open
[expect inside]
group = inside
with = inside
links_max = 0
[expect all]
components_max = 1
"""
        done = self.simulate(text)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        done = self.simulate(text, "--set", "nat.box.type=full-cone")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertIn("broken: inside.links_max: 3; expected: at most 0", done.stdout)

    def test_help_names_every_key(self):
        done = self.run_program("rats-sim", "--help")
        self.assertEqual(done.returncode, 0)
        for key in ("--seeds", "[group NAME]", "churn_until", "delivered_min", "memory_max", "[path NAME]", "[nat NAME]", "[fault NAME]",
                    "[attackers NAME]", "stores_converged"):
            self.assertIn(key, done.stdout)


if __name__ == "__main__":
    case_list.main()
