# SPDX-License-Identifier: MIT
"""rats-sim --workers: seeds that other processes run, of which one is killed in the middle."""
import json
import os
import re
import shutil
import signal
import sys

sys.path[:0] = [os.path.join(os.environ["RATS_SOURCE_DIR"], "tests"),
                os.path.join(os.environ["RATS_SOURCE_DIR"], "tests", "apps")]
import case_list
from support.processes import BIN, Program, ProgramTest

SOUND = """[scenario]
duration = 60 s
[group all]
count = 12
dial = random
dials = 2
[workload news]
from = all
begin = 15 s
every = 200 ms
[expect news]
workload = news
delivered_min = 100 %
"""


class Worker(Program):
    def __init__(self, *arguments, program=os.path.join(BIN, "rats-sim")):
        super().__init__(program, "--worker", "--port", "0", *arguments)
        self.address = self.out.wait_for("listens on").split()[-1]


class Workers(ProgramTest):
    def scenario(self, text):
        path = self.path("scenario.ini")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def coordinate(self, seeds, *workers, text=SOUND, settings=()):
        return self.start(Program, os.path.join(BIN, "rats-sim"), "--config", self.scenario(text), "--seeds", seeds,
                          "--report", self.path("report.json"), "--workers", ",".join(x.address for x in workers),
                          *settings)

    def figures(self):
        with open(self.path("report.json"), encoding="utf-8") as file:
            return json.load(file)

    def test_a_worker_that_is_killed_loses_its_seeds_to_the_other(self):
        first, second = self.start(Worker), self.start(Worker, "--jobs", "2")
        boss = self.coordinate("11..16", first, second)
        lost = first.out.wait_for("begins").split()[1]
        first.signal(signal.SIGKILL)
        self.assertEqual(boss.wait(), 0)
        errors = boss.err.rest()
        self.assertIn("6 of 6 seeds were run, 6 held, 0 failed", boss.out.rest())
        gone = [line for line in errors if "is gone" in line]
        self.assertEqual(len(gone), 1, errors)
        self.assertIn("rats-sim: the worker %s is gone; seed %s goes to another" % (first.address, lost), gone[0])
        self.assertEqual([x for x in errors if x.startswith("6 of 6")], ["6 of 6 seeds, 0 failed, by " + second.address])
        self.assertEqual(self.figures()["run"], 6)
        second.signal(signal.SIGTERM)
        self.assertEqual(second.wait(), 0)
        begun = [x.split()[1] for x in second.out.rest() if x.endswith("begins")]
        self.assertIn(lost, begun)

    def test_failures_are_told_with_a_replay_of_this_machine(self):
        worker = self.start(Worker)
        boss = self.coordinate("1..2", worker, settings=["--set", "group.all.count=3", "--set",
                                                         "network.latency=1s", "--set", "workload.news.grace=1s"])
        self.assertEqual(boss.wait(), 1)
        said = "\n".join(boss.out.rest())
        self.assertIn("seed 2 failed\nbroken: news.delivered_min: ", said)
        self.assertIn("0 held, 2 failed", said)
        self.assertEqual(len(re.findall(r"  replay: \S+rats-sim --config %s --seed 2 --set group.all.count=3 "
                                        % re.escape(self.path("scenario.ini")), said)), 1)
        self.assertEqual([x["exit_code"] for x in self.figures()["failures"]], [1, 1])

    def test_another_build_is_refused(self):
        other = self.path("rats-sim")
        shutil.copy(os.path.join(BIN, "rats-sim"), other)
        with open(other, "ab") as file:
            file.write(b"\n")  # Behind the end of the program, which still runs.
        worker = self.start(Worker, program=other)
        boss = self.coordinate("1..3", worker)
        self.assertEqual(boss.wait(), 1)
        errors = "\n".join(boss.err.rest())
        self.assertIn("the worker %s runs another build (version" % worker.address, errors)
        self.assertIn("no worker is left", errors)
        self.assertIn("0 of 3 seeds were run", "\n".join(boss.out.rest()))

    def test_a_worker_that_is_not_there_is_told_and_the_others_do_its_part(self):
        worker = self.start(Worker)
        nobody = self.start(Worker)
        nobody.signal(signal.SIGTERM)
        self.assertEqual(nobody.wait(), 0)
        boss = self.coordinate("1..2", nobody, worker, settings=["--set", "scenario.duration=40s"])
        self.assertEqual(boss.wait(), 0)
        self.assertIn("the worker %s cannot be reached" % nobody.address, "\n".join(boss.err.rest()))
        self.assertEqual(self.figures()["run"], 2)

    def test_mistakes_on_the_command_line(self):
        path = self.scenario(SOUND)
        for arguments, part in ((["--worker", "--config", path], "--worker does not go with --config"),
                                (["--worker", "--port", "x"], "--port: \"x\""),
                                (["--config", path, "--port", "1"], "go with --worker alone"),
                                (["--config", path, "--workers", "a:1"], "--workers goes with --seeds"),
                                (["--config", path, "--seeds", "1..2", "--workers", "a"], "--workers: \"a\"")):
            done = self.run_program("rats-sim", *arguments)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertIn(part, done.stderr)


if __name__ == "__main__":
    case_list.main()
