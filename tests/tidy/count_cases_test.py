#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Feeds count_cases.py the logs of runs that went well, failed, crashed and were skipped."""
import pathlib
import sys
import tempfile
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent.parent)]
import case_list
import count_cases

PASSED = '<testcase assertions="3" classname="s" name="a" time="0.1">\n</testcase>\n'
FAILED = ('<testcase assertions="2" classname="s" name="b" time="0">\n<failure message="failure" type="assertion error">'
          "<![CDATA[\n<testcase in a message \x01]]></failure><system-err><![CDATA[x]]></system-err>\n</testcase>\n")
THREW = '<testcase assertions="1" classname="s" name="c" time="0">\n<error message="x" type="y"><![CDATA[]]></error>\n</testcase>\n'
DISABLED = '<testcase assertions="0" classname="s" name="d" time="0">\n<skipped/>\n<system-out><![CDATA[]]></system-out>\n</testcase>\n'
CUT_OFF = '<testcase assertions="0" classname="s" name="e" time="0">\n<sys'


class CountCases(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.tests = []

    def ran(self, name, status="run", inside="", boost=None, script=None):
        self.tests.append(f'<testcase name="{name}" classname="{name}" time="0" status="{status}">{inside}</testcase>')
        (self.folder / name).mkdir()
        if boost is not None:
            text = f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuite tests="1" name="x">\n{boost}</testsuite>'
            (self.folder / name / "cases.xml").write_text(text, encoding="utf-8")
        if script is not None:
            (self.folder / name / "cases.txt").write_text(script, encoding="utf-8")

    def line(self):
        log = self.folder / "ctest.xml"
        log.write_text(f'<?xml version="1.0"?>\n<testsuite name="x">{"".join(self.tests)}</testsuite>\n', encoding="utf-8")
        total, self.remarks = count_cases.count_run(log, self.folder)
        return total.line()

    def test_cases_of_a_boost_executable_are_counted_one_by_one(self):
        self.ran("unit", "fail", "<failure/>", boost=PASSED + FAILED + THREW + DISABLED + PASSED)
        self.assertEqual(self.line(), "2 passed, 2 failed, 1 skipped")
        self.assertEqual(self.remarks, ["failed:  unit"])

    def test_the_skipped_part_is_left_out_when_nothing_was_skipped(self):
        self.ran("unit", boost=PASSED)
        self.assertEqual(self.line(), "1 passed, 0 failed")

    def test_an_executable_that_fails_without_a_failed_case_is_one_failure(self):
        self.ran("leaks", "fail", "<failure/>", boost=PASSED + PASSED)
        self.ran("crashed", "fail", "<failure/>", boost=PASSED + CUT_OFF)
        self.ran("hangs", "fail", "<failure/>")
        self.assertEqual(self.line(), "3 passed, 3 failed")

    def test_an_executable_that_was_not_built_is_one_failure(self):
        self.ran("gone", "notrun", '<skipped message="Unable to find executable"/>')
        self.assertEqual(self.line(), "0 passed, 1 failed")
        self.assertEqual(self.remarks, ["failed:  gone (Unable to find executable)"])

    def test_a_script_that_exits_with_77_is_skipped_and_its_last_line_tells_why(self):
        self.ran("nat", "notrun", '<skipped message="SKIP_RETURN_CODE=77"/><system-out>a\nno namespaces\n</system-out>')
        self.assertEqual(self.line(), "0 passed, 0 failed, 1 skipped")
        self.assertEqual(self.remarks, ["skipped: nat (no namespaces)"])

    def test_a_script_counts_once_or_by_its_own_list(self):
        self.ran("one")
        self.ran("many", "fail", "<failure/>", script="passed a\nfailed b\nskipped c\npassed d\n")
        self.assertEqual(self.line(), "3 passed, 1 failed, 1 skipped")

    def test_a_script_that_lists_no_failure_but_fails_is_one_failure(self):
        self.ran("script", "fail", "<failure/>", script="passed a\n")
        self.assertEqual(self.line(), "1 passed, 1 failed")


if __name__ == "__main__":
    case_list.main()
