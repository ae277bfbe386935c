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

PASSED = '<TestCase name="a" file="a.cpp" line="6"><TestingTime>398</TestingTime></TestCase>'
FAILED = ('<TestCase name="b" file="a.cpp" line="8"><Error file="a.cpp" line="8"><![CDATA[<TestCase name="x"> \x01 [1 != 2]]]>'
          "</Error><TestingTime>118</TestingTime></TestCase>")
THREW = '<TestCase name="c" file="a" line="10"><Exception file="unknown location" line="0"><![CDATA[]]></Exception></TestCase>'
WARNED = '<TestCase name="w" file="a" line="7"><Message file="x" line="0"><![CDATA[no <Error >]]></Message></TestCase>'
DISABLED = '<TestCase name="d" skipped="yes" reason="disabled"/>'
CUT_OFF = '<TestCase name="e" file="a.cpp" line="12"><Error file="a.cpp" line="12"><![CDATA[ch'


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
            text = f'<TestLog><TestSuite name="x"><TestSuite name="s" file="a.cpp" line="5">{boost}</TestSuite></TestSuite></TestLog>'
            (self.folder / name / "cases.xml").write_text(text, encoding="utf-8")
        if script is not None:
            (self.folder / name / "cases.txt").write_text(script, encoding="utf-8")

    def line(self):
        log = self.folder / "ctest.xml"
        log.write_text(f'<?xml version="1.0"?>\n<testsuite name="x">{"".join(self.tests)}</testsuite>\n', encoding="utf-8")
        total, self.remarks = count_cases.count_run(log, self.folder)
        return total.line()

    def test_cases_of_a_boost_executable_are_counted_one_by_one(self):
        self.ran("unit", "fail", "<failure/>", boost=PASSED + FAILED + THREW + DISABLED + WARNED)
        self.assertEqual(self.line(), "2 passed, 2 failed, 1 skipped")
        self.assertEqual(self.remarks, ["failed:  unit"])

    def test_the_skipped_part_is_left_out_when_nothing_was_skipped(self):
        self.ran("unit", boost=PASSED)
        self.assertEqual(self.line(), "1 passed, 0 failed")

    def test_an_error_that_the_test_expects_is_no_failure(self):
        self.ran("unit", boost=PASSED + FAILED)
        self.assertEqual(self.line(), "2 passed, 0 failed")

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

    def test_a_script_that_lists_a_failure_has_failed_whatever_its_exit_code(self):
        self.ran("script", script="passed a\nfailed b\n")
        self.assertEqual(self.line(), "1 passed, 1 failed")

    def test_a_script_that_lists_no_failure_but_fails_is_one_failure(self):
        self.ran("script", "fail", "<failure/>", script="passed a\n")
        self.assertEqual(self.line(), "1 passed, 1 failed")


if __name__ == "__main__":
    case_list.main()
