#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads the sources of this repository and complains where they break a rule of the house: one case per rule."""
import os
import pathlib
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import case_list
import checks
import source_tree

TREE = source_tree.Tree(os.environ.get("RATS_SOURCE_DIR", HERE.parent.parent))


class Repository(unittest.TestCase):
    pass


def _case(check):
    def run(self):
        complaints = list(check(TREE))
        if complaints:
            self.fail(f"{len(complaints)} complaints:\n  " + "\n  ".join(complaints))
    return run


for rule in checks.ALL:
    setattr(Repository, f"test_{rule.__name__}", _case(rule))

if __name__ == "__main__":
    case_list.main()
