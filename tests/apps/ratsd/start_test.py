# SPDX-License-Identifier: MIT
"""How ratsd starts, and how it says why it does not."""
import os
import signal
import socket
import stat
import sys
import unittest

sys.path[:0] = [os.path.join(os.environ["RATS_SOURCE_DIR"], "tests"),
                os.path.join(os.environ["RATS_SOURCE_DIR"], "tests", "apps")]
import case_list
from support.processes import BIN, Program, ProgramTest


class Configuration(ProgramTest):
    def mistakes_of(self, text, *arguments):
        path = self.path("node.ini")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        done = self.run_program("ratsd", "--config", path, *arguments)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertEqual(done.stdout, "")
        return done.stderr

    def test_every_mistake_is_named_with_file_line_key_and_what_is_accepted(self):
        text = self.mistakes_of("[node]\nlisten_port = many\nlisten_prot = 1\n[nod]\nx = 1\n[limits]\nhalf_open_max = 0\n"
                                "[log]\nlevel = loud\nno equals sign\n")
        for expected in (["node.ini:2", "node.listen_port", "many", "0 to 65535"],
                         ["node.ini:3", "listen_prot", "listen_port"],
                         ["node.ini:4", "nod", "node"],
                         ["node.ini:7", "limits.half_open_max", "1 to 1000000"],
                         ["node.ini:9", "log.level", "loud", "trace, debug, info, warn, error or off"],
                         ["node.ini:10"]):
            self.assertTrue(any(all(part in line for part in expected) for line in text.splitlines()),
                            "%r is not in\n%s" % (expected, text))

    def test_mistakes_on_the_command_line_are_named_too(self):
        done = self.run_program("ratsd", "--node.listen_port", "70000", "--node.nonsense", "1")
        self.assertEqual(done.returncode, 2)
        self.assertIn("node.listen_port", done.stderr)
        self.assertIn("nonsense", done.stderr)

    def test_a_missing_file_is_a_mistake(self):
        done = self.run_program("ratsd", "--config", self.path("nowhere.ini"))
        self.assertEqual(done.returncode, 2)
        self.assertIn("nowhere.ini", done.stderr)

    def test_silence_shorter_than_the_ping_interval_is_a_mistake(self):
        self.assertIn("silence_max", self.mistakes_of("[liveness]\nping_interval = 10 s\nsilence_max = 5 s\n"))

    def test_print_config_reads_back(self):
        done = self.run_program("ratsd", "--print-config", "--node.listen_port", "7001")
        self.assertEqual(done.returncode, 0)
        self.assertIn("listen_port = 7001", done.stdout)
        path = self.path("again.ini")
        with open(path, "w", encoding="utf-8") as file:
            file.write(done.stdout)
        again = self.run_program("ratsd", "--config", path, "--print-config")
        self.assertEqual(again.returncode, 0, again.stderr)
        self.assertIn("listen_port = 7001", again.stdout)

    def test_help_and_version(self):
        done = self.run_program("ratsd", "--help")
        self.assertEqual(done.returncode, 0)
        for part in ("--node.listen_port", "--config", "SIGHUP", "SIGUSR1", "status.json"):
            self.assertIn(part, done.stdout)
        done = self.run_program("ratsd", "--version")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"^ratsd \d+\.\d+\.\d+\n$")


class Failure(ProgramTest):
    def sentence(self, *arguments):
        done = self.run_program("ratsd", "--node.bind_address", "127.0.0.1", *arguments)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual(done.stdout, "")
        return done.stderr

    def test_a_port_that_is_taken(self):
        with socket.create_server(("127.0.0.1", 0)) as holder:
            text = self.sentence("--node.listen_port", holder.getsockname()[1], "--node.port_attempts", "1")
            self.assertIn("127.0.0.1:%d" % holder.getsockname()[1], text)
            self.assertIn("listen_port", text)

    def test_an_address_that_is_not_ours(self):
        done = self.run_program("ratsd", "--node.bind_address", "192.0.2.77")
        self.assertEqual(done.returncode, 1)
        self.assertIn("bind_address", done.stderr)

    def test_a_data_dir_that_is_a_file(self):
        path = self.path("file")
        with open(path, "w", encoding="utf-8"):
            pass
        self.assertIn("data_dir", self.sentence("--node.data_dir", path))

    @unittest.skipIf(os.geteuid() == 0, "root may write anywhere")
    def test_a_data_dir_that_may_not_be_written_to(self):
        os.chmod(self.folder, 0o500)
        self.addCleanup(os.chmod, self.folder, 0o700)
        self.assertIn("data_dir", self.sentence("--node.data_dir", self.path("data")))

    def test_a_data_dir_on_a_file_system_without_writing(self):
        if not os.path.isdir("/proc/self"):
            self.skipTest("there is no /proc here")
        self.assertIn("data_dir", self.sentence("--node.data_dir", "/proc/self/librats"))

    def test_an_identity_of_the_wrong_size_is_refused_and_kept(self):
        path = self.path("identity.key")
        with open(path, "wb") as file:
            file.write(b"x" * 31)
        text = self.sentence("--node.data_dir", self.folder)
        self.assertIn("identity.key", text)
        self.assertIn("32", text)
        with open(path, "rb") as file:
            self.assertEqual(file.read(), b"x" * 31)

    def test_a_log_file_that_cannot_be_opened(self):
        self.assertIn("log file", self.sentence("--log.file", self.folder))


class Start(ProgramTest):
    def test_the_identity_is_kept_and_private(self):
        first = self.ratsd()
        self.assertEqual(first.stop(), 0)
        key = os.path.join(first.data_dir, "identity.key")
        self.assertEqual(stat.S_IMODE(os.stat(key).st_mode), 0o600)
        second = self.ratsd()
        self.assertEqual(second.id, first.id)
        self.assertEqual(second.stop(), 0)

    def test_the_next_free_port_is_taken(self):
        with socket.create_server(("127.0.0.1", 0)) as holder:
            port = holder.getsockname()[1]
            node = self.start(Program, os.path.join(BIN, "ratsd"), "--node.bind_address", "127.0.0.1",
                              "--node.listen_port", port, "--node.port_attempts", "50")
            self.assertGreater(int(node.out.wait_for("ratsd ready").rsplit(":", 1)[1]), port)
            node.signal(signal.SIGTERM)
            self.assertEqual(node.wait(), 0)

    def test_a_dial_only_node_is_ready_without_an_address(self):
        node = self.start(Program, os.path.join(BIN, "ratsd"), "--node.listen", "no")
        self.assertRegex(node.out.wait_for("ratsd ready"), r"^ratsd ready [0-9a-f]{64} -$")
        node.signal(signal.SIGTERM)
        self.assertEqual(node.wait(), 0)

    def test_the_log_holds_no_secret(self):
        node = self.ratsd("[log]\nlevel = trace\n")
        self.assertEqual(node.stop(), 0)
        with open(os.path.join(node.data_dir, "identity.key"), "rb") as file:
            key = file.read()
        self.assertNotIn(key.hex(), "\n".join(node.err.rest()))


if __name__ == "__main__":
    case_list.main()
