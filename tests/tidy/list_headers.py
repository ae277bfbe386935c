#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""list_headers.py ROOT light|all - names the headers of the house for the compiles-alone test, one per line.

light: those that do not reach CAF or Asio, however indirectly. Each of the others costs seconds to compile.
"""
import pathlib
import re
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent)]
import checks
import source_tree

HEAVY = re.compile(r"caf/|boost/(asio|beast)")


def light_headers(headers):
    by_name = {header.name: header for header in headers}
    verdicts = {}

    def heavy(name):
        if name not in verdicts:
            verdicts[name] = False  # Until proven otherwise; also ends a circle of includes.
            verdicts[name] = any(HEAVY.match(target) or (target in by_name and heavy(target))
                                 for _, _, target in by_name[name].includes)
        return verdicts[name]

    return [header for header in headers if not heavy(header.name)]


def headers_of(root):
    return [f for f in source_tree.Tree(root).cpp(*checks.HOUSES) if f.path.suffix in (".hpp", ".h")]


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[2] not in ("light", "all"):
        sys.exit(__doc__)
    found = headers_of(sys.argv[1])
    for header in light_headers(found) if sys.argv[2] == "light" else found:
        print(header.name)
