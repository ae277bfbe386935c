#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Plants violations in a temporary tree and demands that each check notices them, and stays silent otherwise."""
import pathlib
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
import case_list
import checks
import list_headers
import source_tree

LICENCE = "// SPDX-License-Identifier: MIT\n"
ROOT_HOME = "/" + "root/secret"  # Put together here, so that the check does not find it in this file.

# check -> [(file, text, the complaint must hold this)]: one complaint for each.
PLANTED = {
    checks.includes_follow_the_arrows: [
        ("protocols/a.hpp", '#include "runtime/x.hpp"\n', "runtime/x.hpp"),
        ("protocols/b.hpp", '  #  include <actors/x.hpp>\n', "protocols/b.hpp:1"),
        ("runtime/a.cpp", '\n#include "protocols/wire/frame.hpp"\n', "runtime/a.cpp:2"),
        ("runtime/b.cpp", '#include "actors/x.hpp"\n', "actors/x.hpp"),
        ("actors/a.cpp", '#include "apps/librats.h"\n', "apps/librats.h"),
        ("apps/a.cpp", '#include "tests/x.hpp"\n', "tests/x.hpp"),
    ],
    checks.includes_name_the_full_path: [
        ("runtime/io/a.cpp", '#include "io_loop.hpp"\n', "io_loop.hpp"),
        ("runtime/io/b.cpp", '#include "../io/a.cpp"\n#include "runtime/none.hpp"\n', "runtime/none.hpp"),
    ],
    checks.protocols_are_pure: [
        ("protocols/a.hpp", "#include <caf/actor.hpp>\n", "caf/actor.hpp"),
        ("protocols/b.hpp", "#include <boost/asio/ip/udp.hpp>\n", "boost/asio"),
        ("protocols/c.hpp", "#include <boost/core/span_extra.hpp>\n", "span_extra"),
        ("protocols/d.hpp", "#include <thread>\n", "<thread>"),
        ("protocols/e.hpp", "#include <mutex>\n", "<mutex>"),
        ("protocols/f.cpp", "#include <fstream>\n", "<fstream>"),
        ("protocols/g.cpp", "#include <iostream>\n", "<iostream>"),
        ("protocols/h.cpp", "#include <sys/socket.h>\n", "sys/socket.h"),
    ],
    checks.threads_meet_in_mailboxes_only: [
        ("protocols/a.cpp", "std::mutex m;\n", "`mutex`"),
        ("actors/a.cpp", "std::lock_guard g{m};\n", "`lock_guard`"),
        ("actors/b.cpp", "std::condition_variable_any c;\n", "`condition_variable_any`"),
        ("actors/c.hpp", "/* \n */ std::atomic<int> n;\n", "actors/c.hpp:2"),
        ("actors/d.hpp", "std::atomic_flag busy;\n", "`atomic_flag`"),
        ("apps/a.cpp", "spin_lock s;\n", "`spin_lock`"),
        ("apps/b.c", "pthread_mutex_lock(&m);\n", "`pthread_mutex_lock`"),
    ],
    checks.clocks_are_read_in_runtime_only: [
        ("protocols/a.cpp", "auto t = std::chrono::steady_clock::now();\n", "`steady_clock::now(`"),
        ("actors/a.cpp", "auto t = system_clock::now ();\n", "`system_clock::now (`"),
        ("actors/b.cpp", "auto t = time(nullptr);\n", "`time(nullptr)`"),
        ("apps/a.cpp", "gettimeofday(&tv, nullptr);\n", "`gettimeofday`"),
        ("apps/b.cpp", "std::time_t t; std::time(&t);\n", "`std::time(&t)`"),
        ("tests/sim/a.cpp", "auto t = my_clock::now();\n", "`my_clock::now(`"),
    ],
    checks.randomness_comes_from_runtime_only: [
        ("protocols/a.cpp", "std::random_device d;\n", "`random_device`"),
        ("protocols/b.cpp", "randombytes_buf(p, 32);\n", "`randombytes_buf`"),
        ("protocols/c.cpp", "crypto_kx_keypair(p, s);\n", "`crypto_kx_keypair(`"),
        ("actors/a.cpp", "std::mt19937_64 e{7};\n", "`mt19937_64`"),
        ("apps/a.cpp", "int n = rand();\n", "`rand(`"),
        ("tests/sim/a.cpp", "std::random_device d;\n", "tests/sim/a.cpp"),
    ],
    checks.caf_version_stays_in_one_folder: [
        ("actors/a.hpp", "CAF_ADD_TYPE_ID(librats, (x))\n", "`CAF_ADD_TYPE_ID`"),
        ("actors/b.hpp", "CAF_ALLOW_UNSAFE_MESSAGE_TYPE(x)\n", "`CAF_ALLOW_UNSAFE_MESSAGE_TYPE`"),
        ("apps/a.cpp", 'cfg.set("scheduler.policy", caf::atom("sharing"));\n', "`caf::atom(`"),
        ("runtime/io/a.hpp", "caf::execution_unit* unit;\n", "`execution_unit`"),
        ("tests/actors/a.cpp", "caf::scheduler::test_coordinator& c;\n", "`test_coordinator`"),
    ],
    checks.nobody_includes_all_of_caf: [
        ("runtime/caf/a.hpp", "#include <caf/all.hpp>\n", "runtime/caf/a.hpp"),
        ("tests/actors/a.cpp", '#include "caf/all.hpp"\n', "tests/actors/a.cpp"),
    ],
    checks.tests_do_not_sleep: [
        ("tests/actors/a.cpp", "std::this_thread::sleep_for(1s);\n", "`sleep_for`"),
        ("tests/actors/b.cpp", "std::this_thread::sleep_until(t);\n", "`sleep_until`"),
        ("tests/actors/c.cpp", "usleep(10);\n", "`usleep(`"),
        ("tests/apps/a.sh", "for i in 1 2; do sleep 0.1; done\n", "tests/apps/a.sh:1"),
        ("tests/apps/b.sh", "a=1\nsleep $a\n", "tests/apps/b.sh:2"),
        ("tests/apps/c.py", "import time\n  time.sleep(1)\n", "tests/apps/c.py:2"),
    ],
    checks.top_folders_are_known: [("docs/a.md", "x\n", "docs/")],
    checks.top_folders_have_a_door_sign: [("apps/README.md", None, "apps/README.md")],
    checks.files_hold_one_idea: [
        ("actors/a.cpp", "\n" * 601, "601 lines"),
        ("tests/apps/a.py", "\n" * 700, "700 lines"),
    ],
    checks.sources_start_with_their_licence: [
        ("actors/a.cpp", "#pragma once\n" + LICENCE, "actors/a.cpp:1"),
        ("actors/b.hpp", "\n" + LICENCE, "actors/b.hpp:1"),
        ("tests/a.sh", "#!/usr/bin/env bash\n\n# SPDX-License-Identifier: MIT\n", "tests/a.sh:1"),
        ("tests/b.py", "", "tests/b.py:1"),
    ],
    checks.lines_fit_the_page: [
        ("actors/a.hpp", "x" * 121 + "\n", "actors/a.hpp:1: 121"),
        ("tests/a.cpp", "x\n" + "é" * 130, "tests/a.cpp:2: 130"),
    ],
    checks.no_path_of_somebodys_machine: [
        ("config/node.ini", f"data = {ROOT_HOME}\n", "config/node.ini:1"),
        ("README.md", "x\nsee /" + "home/anna/librats\n", "README.md:2"),
        ("tests/a.sh", f'cd "{ROOT_HOME}"\n', "tests/a.sh:1"),
        ("CMakeLists.txt", "set(X /" + "work)\n", "CMakeLists.txt:1"),
        (".ci/run", "cd /" + "Users/anna\n", ".ci/run:1"),
    ],
}

# What looks like a violation and is none, for all checks at once.
CLEAN = {
    "protocols/core/bytes.hpp": LICENCE + "#include <boost/core/span.hpp>\n#include <arpa/inet.h>\n",
    "protocols/stun/a.hpp": LICENCE + '#include "protocols/core/bytes.hpp"\n// #include "actors/b.hpp"\n'
                            "// A std::mutex, steady_clock::now() and rand() would be wrong here.\n"
                            'const char* text = "std::mutex \\" sleep_for(1s) rand()";\n'
                            "auto n = 1'000'000; auto c = '\"'; /* std::atomic<int> */\n"
                            "auto raw = R\"x(time(nullptr) \" std::mutex)x\";\n"
                            "duration round_trip_time(int); // time(0)\n",
    "protocols/stun/b.cpp": LICENCE + '#include "protocols/stun/a.hpp"\nvoid f() { uptime(0); operand(1); p.lock(); }\n',
    "runtime/caf/a.hpp": LICENCE + "CAF_ADD_TYPE_ID(librats, (x))\ncaf::execution_unit* u;\n",
    "runtime/time/a.cpp": LICENCE + '#include "protocols/core/bytes.hpp"\nstd::mutex m; auto t = steady_clock::now();\n'
                          "std::random_device d;\n",
    "actors/a.cpp": LICENCE + '#include "runtime/caf/a.hpp"\n#include "protocols/stun/a.hpp"\nauto t = self->clock().now();\n',
    "apps/a.cpp": LICENCE + '#include "librats.h"\n#include "runtime/caf/a.hpp"\n' + "x" * 120 + "\n",
    "apps/examples/a.c": "/* SPDX-License-Identifier: MIT */\n",
    "tests/sim/a.cpp": LICENCE + "std::mt19937_64 engine{7};\n",
    "tests/bench/a.cpp": LICENCE + "std::this_thread::sleep_for(1s); steady_clock::now();\n",
    "tests/runtime/a_test.cpp": LICENCE + "steady_clock::now();\n",
    "tests/a.sh": "#!/usr/bin/env bash\n# SPDX-License-Identifier: MIT\n# do sleep 1\necho we never sleep here\n",
    "tests/a.py": "# SPDX-License-Identifier: MIT\n# time.sleep(1)\n",
    "build-x/a.cpp": "std::mutex m;\n",
    ".git/config": "worktree = /" + "root/x\n",
    "config/node.ini": "url = https://example.org/" + "root/x\ndata = ~/" + "work/x\ndir = /var/lib/librats\nPath=/usr/share/" + "work/\n",
}
DOOR_SIGNS = {f"{folder}/README.md": "# sign\n" for folder in checks.TOP_FOLDERS}


class PlantedTree:
    """A temporary tree with the given files."""

    def __init__(self, *file_sets):
        self.files = {name: text for files in file_sets for name, text in files.items()}

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        for name, text in self.files.items():
            path = pathlib.Path(self.folder.name, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            if text is not None:
                path.write_text(text, encoding="utf-8")
        return source_tree.Tree(self.folder.name)

    def __exit__(self, *_):
        self.folder.cleanup()


class PlantedViolations(unittest.TestCase):
    def test_every_check_has_planted_violations(self):
        self.assertEqual(set(PLANTED), set(checks.ALL))

    def test_an_allow_list_entry_that_is_not_needed_is_a_complaint(self):
        with PlantedTree({"actors/a.cpp": "rand();\n", "actors/b.cpp": "\n"}) as tree:
            allowed = {"actors/a.cpp": "for the test", "actors/b.cpp": "for nothing"}
            complaints = list(checks._forbid(tree.cpp(), r"\brand\(", "why", allowed))
        self.assertEqual(len(complaints), 1)
        self.assertIn("actors/b.cpp", complaints[0])


class CleanTree(unittest.TestCase):
    def test_no_check_complains_about_what_only_looks_like_a_violation(self):
        with PlantedTree(DOOR_SIGNS, CLEAN) as tree:
            self.assertEqual([c for check in checks.ALL for c in check(tree)], [])


class Headers(unittest.TestCase):
    def test_a_header_that_reaches_caf_or_asio_through_others_is_not_light(self):
        files = {
            "runtime/a.hpp": "#include <caf/actor.hpp>\n",
            "runtime/b.hpp": '#include "runtime/a.hpp"\n',
            "runtime/c.hpp": '#include "runtime/b.hpp"\n#include "runtime/d.hpp"\n',
            "runtime/d.hpp": '#include "runtime/d.hpp"\n#include <vector>\n// #include <caf/actor.hpp>\n',
            "runtime/e.hpp": "#include <boost/asio/io_context.hpp>\n",
            "apps/f.h": '#include "runtime/d.hpp"\n',
            "apps/g.cpp": "\n",
        }
        with PlantedTree(files) as tree:
            headers = list_headers.headers_of(tree.root)
            self.assertEqual(len(headers), 6)
            light = [header.name for header in list_headers.light_headers(headers)]
        self.assertEqual(light, ["apps/f.h", "runtime/d.hpp"])


def _case(check, plants):
    def run(self):
        for name, text, expected in plants:
            with PlantedTree(DOOR_SIGNS, {name: text}) as tree:
                complaints = list(check(tree))
            with self.subTest(file=name, text=text):
                self.assertEqual(len([c for c in complaints if expected in c]), 1, complaints)
    return run


for rule, planted in PLANTED.items():
    setattr(PlantedViolations, f"test_{rule.__name__}", _case(rule, planted))

if __name__ == "__main__":
    case_list.main()
