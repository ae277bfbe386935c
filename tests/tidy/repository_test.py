#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""repository_test.py [ROOT] - reads the sources and names every place that breaks a rule; one case per rule."""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import case_list
import checks
import source_tree


def main():
    tree = source_tree.Tree(sys.argv[1] if len(sys.argv) > 1 else HERE.parent.parent)
    verdicts = {}
    for check in checks.ALL:
        complaints = list(check(tree))
        verdicts[check.__name__] = "failed" if complaints else "passed"
        print(f"{verdicts[check.__name__]} {check.__name__}")
        for complaint in complaints:
            print(f"  {complaint}")
    # A tree that was not found would pass everything.
    names = {source.name for source in tree.files}
    read = {"protocols/core/bytes.hpp", "tests/tidy/repository_test.py"} <= names
    verdicts["the_tree_was_read"] = "passed" if read else "failed"
    print(f"{verdicts['the_tree_was_read']} the_tree_was_read: {len(names)} files in {tree.root}")
    case_list.write(verdicts)
    return 1 if "failed" in verdicts.values() else 0


if __name__ == "__main__":
    sys.exit(main())
