# SPDX-License-Identifier: MIT
"""The page of --html in a real browser: it draws itself, and at any time it shows the figures of the report."""
import html.parser
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path[:0] = [os.path.join(os.environ["RATS_SOURCE_DIR"], "tests"),
                os.path.join(os.environ["RATS_SOURCE_DIR"], "tests", "apps")]
import case_list
from support.processes import PATIENCE, ProgramTest

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

# Crashes, a partition and two kinds of work, so that every figure moves; a title that tries to end its element.
SCENARIO = """[scenario]
title = </script><b>"Quoted" & 'odd'
duration = 90 s
census = 10 s
[group west]
count = 6
dial = ring
dials = 2
part_crashes = 20
[group east]
count = 5
dial = random
dial_to = west
dials = 2
churn = 200 %
away = 5 s
[partition cable]
left = west
right = east
at = 40 s
until = 50 s
[workload news]
from = west
begin = 15 s
[workload talk]
kind = message
from = west
to = west
begin = 15 s
"""


class Root(html.parser.HTMLParser):
    """The attributes of the root element, and everything that would be fetched."""

    def __init__(self, text):
        super().__init__()
        self.data, self.foreign, self.text = {}, [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "html":
            self.data = {name[5:]: value for name, value in attributes.items() if name.startswith("data-")}
        self.foreign += [attributes[name] for name in ("src", "href") if name in attributes]

    def handle_data(self, data):
        self.text.append(data)


def browse(path, folder, *options):
    done = subprocess.run([BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                           "--no-first-run", "--user-data-dir=" + folder, "--window-size=1280,1700", *options, path],
                          capture_output=True, text=True, encoding="utf-8", timeout=PATIENCE, check=False)
    return done.stdout


def browser_works():
    if BROWSER is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        try:
            return "it draws" in browse("data:text/html,<p>it draws</p>", folder, "--dump-dom")
        except subprocess.TimeoutExpired:
            return False


class Page(ProgramTest):
    def simulate(self, *arguments, seed=3):
        path, page, report = self.path("scenario.ini"), self.path("page.html"), self.path("report.json")
        with open(path, "w", encoding="utf-8") as file:
            file.write(SCENARIO)
        done = self.run_program("rats-sim", "--config", path, "--seed", seed, "--html", page, "--report", report,
                                "--quiet", *arguments)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        with open(report, encoding="utf-8") as file:
            return page, json.load(file)

    def look(self, page, fragment=""):
        root = Root(browse("file://" + page + fragment, self.path("profile"), "--dump-dom"))
        self.assertEqual(root.data.get("state"), "drawn", root.data)
        return root

    def test_the_figures_at_each_time_are_those_of_the_report(self):
        page, report = self.simulate()
        series = report["series"]
        self.assertEqual(series["seconds"], list(range(1, 91)))
        seen = []
        for fragment, at in (("#t=8", 7), ("#t=30", 29), ("#t=47.9", 46), ("", 89)):
            data = self.look(page, fragment).data
            self.assertEqual(float(data["seconds"]), series["seconds"][at])
            for name in ("up", "links", "sent", "arrivals", "bytes", "events", "crashes", "restarts"):
                self.assertEqual(int(data[name]), series[name][at], (fragment, name))
            for name in ("p50", "p99"):
                value = series["latency_%s_ms" % name][at]
                self.assertEqual(data[name], "" if value is None else re.sub(r"\.0$", "", repr(value)), (fragment, name))
            # All nodes are drawn here, and so are all links; some may be known to one of their ends alone.
            self.assertEqual(int(data["drawn-up"]), series["up"][at])
            self.assertGreaterEqual(int(data["drawn-links"]), series["links"][at])
            self.assertLessEqual(int(data["drawn-links"]), 55)
            seen.append(data)
        self.assertEqual(len({x["bytes"] for x in seen}), 4)
        self.assertEqual(seen[0]["p50"], "")
        self.assertGreater(float(seen[1]["p99"]), 0)
        self.assertGreater(int(seen[3]["restarts"]), 0)
        self.assertGreater(int(seen[3]["crashes"]), 0)
        self.assertEqual(series["arrivals"][-1], sum(x["arrivals"] for x in report["workloads"]))

    def test_it_shows_and_fetches_nothing_but_itself(self):
        page, report = self.simulate()
        root = self.look(page)
        self.assertEqual(root.foreign, [])
        with open(page, encoding="utf-8") as file:
            text = file.read()
        self.assertEqual(re.findall(r"https?://(?!www\.w3\.org/2000/svg)", text), [])
        self.assertEqual(text.count("</script>"), 2)
        words = "".join(root.text)
        self.assertIn("</script><b>\"Quoted\" & 'odd'", words)
        self.assertIn(report["event_hash"], words)

    def test_looking_on_changes_nothing(self):
        _, watched = self.simulate()
        done = self.run_program("rats-sim", "--config", self.path("scenario.ini"), "--seed", 3, "--quiet",
                                "--trace", self.path("trace"))
        self.assertIn(watched["event_hash"], done.stdout)

    def test_a_thousand_nodes_and_more_are_drawn_in_part(self):
        page, report = self.simulate("--set", "group.west.count=1000", "--set", "group.west.start=80s",
                                     "--set", "group.east.count=100", "--until", "3s")
        self.assertEqual(report["nodes"], 1100)
        root = self.look(page)
        self.assertIn(int(root.data["drawn-nodes"]), range(998, 1002))
        self.assertIn(int(root.data["up"]), range(80, 101))  # The others, most of them, are drawn as down.
        self.assertLess(int(root.data["drawn-up"]), 100)
        self.assertIn("of 1,100 nodes are drawn", "".join(root.text))

    def test_a_long_run_has_no_more_samples_than_a_short_one(self):
        page, report = self.simulate("--set", "scenario.duration=25min", "--set", "group.west.part_crashes=0",
                                     "--set", "group.east.churn=0%", "--set", "workload.news.every=1min",
                                     "--set", "workload.talk.every=1min")
        self.assertEqual(report["series"]["seconds"][:2], [3, 6])
        self.assertEqual(len(report["series"]["seconds"]), 500)
        self.assertEqual(self.look(page, "#t=1000").data["seconds"], "999")

    def test_a_page_that_cannot_be_written_is_told(self):
        path = self.path("scenario.ini")
        with open(path, "w", encoding="utf-8") as file:
            file.write(SCENARIO)
        done = self.run_program("rats-sim", "--config", path, "--html", self.path("no", "page.html"), "--until", "5s")
        self.assertEqual(done.returncode, 1)
        self.assertIn("page.html cannot be written", done.stderr)


if __name__ == "__main__":
    if not browser_works():
        print("SKIPPED: there is no browser that runs here; config/install-deps.sh browser")
        sys.exit(77)
    case_list.main()
