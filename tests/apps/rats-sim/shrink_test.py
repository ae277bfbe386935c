# SPDX-License-Identifier: MIT
"""rats-sim --shrink: a threshold that cannot be met is still broken in the smaller scenario, which replays by itself."""
import os
import shlex
import subprocess
import sys

sys.path[:0] = [os.path.join(os.environ["RATS_SOURCE_DIR"], "tests"),
                os.path.join(os.environ["RATS_SOURCE_DIR"], "tests", "apps")]
import case_list
from support.processes import PATIENCE, ProgramTest

# No message between two nodes takes less than 30 ms, and the others do not matter.
PLANTED = """# A comment.
[scenario]
duration = 100 s
title = Planted
[network]
latency = 30 ms
jitter = 5 ms
[group west]
count = 6
dial = ring
[group east]
count = 4
dial = random
dial_to = west
[partition cable]
left = west
right = east
at = 40 s
until = 45 s
[workload news]
from = west
senders = 2
begin = 15 s
[workload talk]
kind = message
from = east
[expect news]
workload = news
latency_p50_max = 30 ms
[expect all]
up_min = 1
"""


class Shrink(ProgramTest):
    def scenario(self, text):
        path = self.path("scenario.ini")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def test_a_planted_failure_becomes_small_and_stays_the_same_failure(self):
        small = self.path("small one.ini")
        done = self.run_program("rats-sim", "--config", self.scenario(PLANTED), "--seed", 7, "--shrink", small,
                                "--set", "group.east.count=5")
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        with open(small, encoding="utf-8") as file:
            text = file.read()
        self.assertIn(text, done.stdout)
        self.assertIn("# news.latency_p50_max fails with seed 7", text)
        for gone in ("[group east]", "[partition cable]", "[workload talk]", "[expect all]", "# A comment"):
            self.assertNotIn(gone, text)
        # Somebody has to get what somebody sends.
        self.assertIn("count = 2\n", text)
        self.assertIn("[workload news]", text)
        self.assertRegex(done.stdout, r"fails, after \d+ runs, with 2 nodes, \d\d s, 1 workloads instead of 11 nodes")
        command = done.stdout.split("replay: ")[1].strip()
        again = subprocess.run(shlex.split(command), capture_output=True, text=True, timeout=PATIENCE, check=False)
        self.assertEqual(again.returncode, 1)
        self.assertIn("broken: news.latency_p50_max: ", again.stdout)
        self.assertNotIn("nothing arrived", again.stdout)

    def test_what_holds_is_not_made_smaller(self):
        small = self.path("small.ini")
        done = self.run_program("rats-sim", "--config", self.scenario(PLANTED), "--shrink", small, "--set",
                                "expect.news.latency_p50_max=1 min")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("nothing fails", done.stdout)
        self.assertFalse(os.path.exists(small))

    def test_options_that_show_a_run_do_not_go_with_it(self):
        done = self.run_program("rats-sim", "--config", self.scenario(PLANTED), "--shrink", "x", "--report", "y")
        self.assertEqual(done.returncode, 2)
        self.assertIn("--shrink goes with none of", done.stderr)


if __name__ == "__main__":
    case_list.main()
