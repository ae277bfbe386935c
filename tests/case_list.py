# SPDX-License-Identifier: MIT
"""Lists the cases of a Python test for count_cases.py, when ctest asks for that.

At the end of a file of unittest cases:  `if __name__ == "__main__": case_list.main()`
"""
import os
import sys
import unittest


def write(verdicts):
    """verdicts: name -> passed, failed or skipped."""
    path = os.environ.get("RATS_TEST_CASES_FILE")
    if path:
        with open(path, "w", encoding="utf-8") as out:
            out.writelines(f"{verdict} {name}\n" for name, verdict in verdicts.items())


class _ListingResult(unittest.TextTestResult):
    def __init__(self, *arguments, **keywords):
        super().__init__(*arguments, **keywords)
        self.verdicts = {}

    def _note(self, test, verdict):
        self.verdicts.setdefault(test.id().replace(" ", "_"), verdict)

    def addSuccess(self, test):
        super().addSuccess(test)
        self._note(test, "passed")

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self._note(test, "failed")

    def addError(self, test, error):
        super().addError(test, error)
        self._note(test, "failed")

    def addSubTest(self, test, subtest, error):
        super().addSubTest(test, subtest, error)
        if error is not None:
            self._note(test, "failed")

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._note(test, "skipped")


def main():
    runner = unittest.TextTestRunner(stream=sys.stdout, resultclass=_ListingResult, verbosity=2)
    program = unittest.main(module="__main__", testRunner=runner, exit=False)
    verdicts = program.result.verdicts
    write(verdicts)
    sys.exit(0 if verdicts and program.result.wasSuccessful() else 1)
