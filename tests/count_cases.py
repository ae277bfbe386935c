#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""count_cases.py CTEST_XML LOG_FOLDER - sums the test cases of one ctest run; the last step of run.sh.

CTEST_XML is what `ctest --output-junit` wrote: which tests ran, and how each ended. LOG_FOLDER/<test>/cases.xml is what
Boost.Test wrote, LOG_FOLDER/<test>/cases.txt what a script did; a test with neither counts as one case. A test that
failed although none of its cases did (it crashed, hung, leaked or was never built) is one failure more.
"""
import pathlib
import re
import sys
import xml.etree.ElementTree


class Count:
    def __init__(self, passed=0, failed=0, skipped=0):
        self.passed, self.failed, self.skipped = passed, failed, skipped

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped

    def line(self):
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"


def boost_cases(text):
    """Counts a Boost.Test XML log. Not parsed as XML: a crash truncates it, and messages may hold any byte."""
    count = Count()
    text = re.sub(r"<!\[CDATA\[.*?(\]\]>|\Z)", "", text, flags=re.DOTALL)
    for chunk in re.split(r"<TestCase ", text)[1:]:
        inside, closed, _ = chunk.partition("</TestCase>")
        if re.match(r'[^>]* skipped="yes"', inside):
            count.skipped += 1
        elif closed and not re.search(r"<(Error|FatalError|Exception)[ >]", inside):
            count.passed += 1
        else:
            count.failed += 1  # Or the log ends inside this case.
    return count


def script_cases(text):
    verdicts = re.findall(r"^(passed|failed|skipped) ", text, re.MULTILINE)
    return Count(verdicts.count("passed"), verdicts.count("failed"), verdicts.count("skipped"))


def count_test(name, status, logs):
    """status as ctest spells it: run (passed), fail, notrun (skipped, or its executable is missing), disabled."""
    if status in ("skipped", "disabled"):
        return Count(skipped=1)
    folder = pathlib.Path(logs) / name
    count = Count()
    if (folder / "cases.xml").is_file():
        count.add(boost_cases((folder / "cases.xml").read_text(encoding="utf-8", errors="replace")))
        if status == "run":
            count.passed, count.failed = count.passed + count.failed, 0  # Boost's expected_failures.
    if (folder / "cases.txt").is_file():
        count.add(script_cases((folder / "cases.txt").read_text(encoding="utf-8", errors="replace")))
    if status == "run" and count.passed + count.failed + count.skipped == 0:
        count.passed = 1
    if status != "run" and count.failed == 0:
        count.failed = 1
    return count


def count_run(ctest_xml, logs):
    """Returns the sum, and the names of the tests that were skipped or failed with their reasons."""
    total, remarks = Count(), []
    for case in xml.etree.ElementTree.parse(ctest_xml).getroot().iter("testcase"):
        name, status = case.get("name"), case.get("status")
        skipped = case.find("skipped")
        reason = skipped.get("message", "") if skipped is not None else ""
        if status == "notrun" and "SKIP_RETURN_CODE" in reason:
            status = "skipped"
            output = (case.findtext("system-out") or "").strip().splitlines()
            reason = output[-1] if output else reason
        count = count_test(name, status, logs)
        total.add(count)
        if count.failed:
            remarks.append(f"failed:  {name}" + (f" ({reason})" if status == "notrun" else ""))
        elif status in ("skipped", "disabled"):
            remarks.append(f"skipped: {name} ({reason or status})")
    return total, remarks


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        total, remarks = count_run(sys.argv[1], sys.argv[2])
    except (OSError, xml.etree.ElementTree.ParseError) as error:
        print(f"count_cases.py: ctest left no readable result: {error}")
        total, remarks = Count(failed=1), []
    print()
    for remark in remarks:
        print(remark)
    if total.passed + total.failed == 0:
        print("nothing ran")
    print(total.line())
    return 0 if total.failed == 0 and total.passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())
