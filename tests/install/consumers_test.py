#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""consumers_test.py CMAKE GENERATOR COMPILER [-DOPTION...] - installs the built tree and uses it as a stranger would.

Reads RATS_SOURCE_DIR and RATS_BINARY_DIR. The prefix is moved after the installation, because packages are. As a
subdirectory the library is only configured: building it once more would take as long as the whole build, and would test
the same compiler on the same files.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent)]
import case_list

CMAKE, GENERATOR, COMPILER = sys.argv[1:4]
OPTIONS = sys.argv[4:]
SOURCES = os.environ["RATS_SOURCE_DIR"]
BINARIES = os.environ["RATS_BINARY_DIR"]
del sys.argv[1:]


def run(*command):
    done = subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace", timeout=240)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}\nended with {done.returncode}:\n{done.stdout}")
    return done.stdout


class Consumers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="rats install ")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        staging, cls.prefix = cls.folder / "staging", cls.folder / "prefix"
        run(CMAKE, "--install", BINARIES, "--prefix", staging)
        shutil.move(staging, cls.prefix)

    def configure(self, kind, *options):
        build = self.folder / kind
        run(CMAKE, "-G", GENERATOR, "-S", HERE / kind, "-B", build, f"-DCMAKE_CXX_COMPILER={COMPILER}", *OPTIONS, *options)
        return build

    def test_a_program_finds_the_installed_package_builds_and_runs(self):
        build = self.configure("find_package", f"-Drats_ROOT={self.prefix}")
        run(CMAKE, "--build", build)
        self.assertIn("0 peers", run(build / "consumer"))

    def test_a_program_configures_with_the_sources_as_a_subdirectory(self):
        self.configure("add_subdirectory", f"-DLIBRATS_SOURCES={SOURCES}")

    def test_the_public_header_needs_one_include_folder_and_does_not_reach_caf(self):
        used = run(COMPILER, "-std=c++17", "-M", "-I", self.prefix / "include" / "librats", HERE / "find_package" / "main.cpp")
        self.assertIn("librats.h", used)
        self.assertNotIn("/caf/", used)

    def test_no_installed_file_names_the_source_or_the_build_folder(self):
        for path in self.prefix.rglob("*"):
            if path.suffix in (".cmake", ".pc", ".h", ".hpp"):
                text = path.read_text(encoding="utf-8", errors="replace")
                for folder in (SOURCES, BINARIES):
                    self.assertNotIn(folder + "/", text, path)


if __name__ == "__main__":
    case_list.main()
