# SPDX-License-Identifier: MIT
"""The examples and the demo do what they say."""
import hashlib
import os
import re
import subprocess
import sys

sys.path[:0] = [os.path.join(os.environ["RATS_SOURCE_DIR"], "tests"),
                os.path.join(os.environ["RATS_SOURCE_DIR"], "tests", "apps")]
import case_list
from support.processes import PATIENCE, ProgramTest


class Examples(ProgramTest):
    def test_embedding_exchanges_messages(self):
        done = self.run_program("embedding")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("total 42", done.stdout)

    def test_a_test_of_ones_own_holds_in_a_simulated_network(self):
        done = self.run_program("own_test", "--report_level=short", "--log_level=error")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("2 test cases out of 2 passed", done.stdout + done.stderr)

    def simulate(self, *arguments):
        done = self.run_program("simulate", *arguments)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return re.search(r"event hash ([0-9a-f]{16})", done.stdout).group(1), done.stdout

    def test_one_seed_gives_one_history(self):
        first, text = self.simulate(7)
        self.assertIn("50 nodes, 100 greetings", text)
        self.assertEqual(self.simulate(7)[0], first)
        self.assertNotEqual(self.simulate(8)[0], first)

    def test_simulate_refuses_nonsense(self):
        self.assertEqual(self.run_program("simulate", 1, 2).returncode, 2)


class Demo(ProgramTest):
    def demo(self, *arguments):
        environment = dict(os.environ, RATS_DEMO_SKIP_BUILD="1", RATS_DEMO_BUILD_DIR=os.environ["RATS_BINARY_DIR"],
                           TMPDIR=self.folder)
        done = subprocess.run(["bash", os.path.join(os.environ["RATS_SOURCE_DIR"], "apps", "demo.sh"), *arguments],
                              text=True, capture_output=True, env=environment, timeout=2 * PATIENCE, check=False)
        self.assertEqual([name for name in os.listdir(self.folder) if name.startswith("rats-demo")], [])
        return done

    def check(self, size):
        path = self.path("data file")
        with open(path, "wb") as file:  # Bytes of every value, the same in each run.
            for i in range((size + 31) // 32):
                file.write(hashlib.sha256(b"%d" % i).digest()[:min(32, size - 32 * i)])
        done = self.demo(path)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(done.stdout.count("same SHA-256"), 5)
        self.assertIn("all went well", done.stdout)

    def test_a_file_of_several_megabytes(self):
        self.check(5_000_000)

    def test_an_empty_file(self):
        self.check(0)

    def test_a_file_that_ends_inside_a_piece_and_one_that_does_not(self):
        self.check(16 * 1024)
        self.check(16 * 1024 + 1)

    def test_a_missing_file_is_wrong_usage(self):
        self.assertEqual(self.demo(self.path("nothing")).returncode, 2)


if __name__ == "__main__":
    case_list.main()
