# SPDX-License-Identifier: MIT
"""rats-client at a terminal, which is a pseudo-terminal here."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios

sys.path[:0] = [os.path.join(os.environ["RATS_SOURCE_DIR"], "tests"),
                os.path.join(os.environ["RATS_SOURCE_DIR"], "tests", "apps")]
import case_list
from support.processes import BIN, PATIENCE, ProgramTest

UP = "\x1b[A"
TAB = "\t"
ENTER = "\r"


class Terminal:
    """A program at a terminal of 24 rows and some columns."""

    def __init__(self, *command, environment, columns=80):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        self.process = subprocess.Popen([str(x) for x in command], stdin=slave, stdout=slave, stderr=slave,
                                        env=environment, start_new_session=True)
        os.close(slave)
        self.columns = columns
        self.raw = ""
        self.mark = 0

    def type(self, text):
        os.write(self.master, text.encode())

    def read_until(self, part):
        """Reads on until the text since the last call holds this part."""
        while part not in self.raw[self.mark:]:
            ready, _, _ = select.select([self.master], [], [], PATIENCE)
            try:
                piece = os.read(self.master, 65536) if ready else b""
            except OSError:  # The other side is closed.
                piece = b""
            if not piece:
                raise AssertionError("no %r in %r" % (part, self.raw[self.mark:]))
            self.raw += piece.decode("utf-8", "replace")
        end = self.raw.index(part, self.mark) + len(part)
        text = self.raw[self.mark:end]
        self.mark = end
        return text

    def rows(self):
        """What stands on the screen: enough of a terminal for what libedit sends to one of this kind."""
        rows, y, x = [[]], 0, 0
        for token in re.findall(r"\x1b\[[0-9;]*[A-Za-z]|\x1b.|.|\n", self.raw, re.S):
            if token == "\r":
                x = 0
            elif token == "\n":
                y += 1
            elif token == "\b":
                x = max(0, x - 1)
            elif token.startswith("\x1b["):
                count = int(token[2:-1] or 0) if token[2:-1].isdigit() or not token[2:-1] else 0
                if token[-1] == "A":
                    y = max(0, y - max(1, count))
                elif token[-1] == "C":
                    x += max(1, count)
                elif token[-1] == "G":
                    x = max(1, count) - 1
                elif token[-1] in "JK":
                    rows[y:y + 1] = [rows[y][:x]]
                    if token[-1] == "J":
                        del rows[y + 1:]
            elif token >= " ":
                if x == self.columns:
                    y, x = y + 1, 0
                while len(rows) <= y:
                    rows.append([])
                rows[y].extend(" " * (x + 1 - len(rows[y])))
                rows[y][x] = token
                x += 1
            while len(rows) <= y:
                rows.append([])
        return ["".join(row).rstrip() for row in rows]

    def wait(self):
        """The exit code; reads meanwhile, so that the program can write."""
        try:
            while os.read(self.master, 65536):
                pass
        except OSError:
            pass
        return self.process.wait(timeout=PATIENCE)

    def destroy(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)


class AtATerminal(ProgramTest):
    def setUp(self):
        super().setUp()
        self.node = self.ratsd("[messages]\necho_channel = echo\n")
        self.environment = dict(os.environ, TERM="xterm", HOME=self.folder, XDG_STATE_HOME=self.path("state"),
                                LC_ALL="C.UTF-8")

    def client(self, *arguments, columns=80):
        terminal = Terminal(os.path.join(BIN, "rats-client"), "0", "127.0.0.1", self.node.port, *arguments,
                            environment=self.environment, columns=columns)
        self.addCleanup(terminal.destroy)
        terminal.read_until("is connected")
        terminal.read_until("> ")
        return terminal

    def test_commands_and_peers_are_completed(self):
        client = self.client()
        client.type("/pe" + TAB + ENTER)
        client.read_until(self.node.id[:8])
        client.read_until("> ")
        client.type("/m" + TAB + self.node.id[:2] + TAB + "hi" + ENTER)
        client.read_until("> ")
        client.type("/s" + TAB)
        client.read_until("/send")
        client.read_until("/status")
        client.type("ta" + TAB + ENTER)
        client.read_until("up for")
        client.type("/quit" + ENTER)
        self.assertEqual(client.wait(), 0)

    def test_history_survives_the_program(self):
        client = self.client()
        client.type("/channel echo first" + ENTER)
        client.read_until("#echo: first")
        client.type(UP + "!" + ENTER)
        client.read_until("#echo: first!")
        client.type("/quit" + ENTER)
        self.assertEqual(client.wait(), 0)
        path = self.path("state", "librats", "rats-client.history")
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        again = self.client()
        again.type(UP + UP + ENTER)
        again.read_until("#echo: first!")
        again.type("\x04")  # Ctrl-D at an empty line.
        self.assertEqual(again.wait(), 0)

    def test_history_lives_in_the_data_dir_if_there_is_one(self):
        client = self.client("--data-dir", self.path("me"))
        client.type("/id" + ENTER + "/quit" + ENTER)
        self.assertEqual(client.wait(), 0)
        self.assertIn("/id", open(self.path("me", "rats-client.history"), encoding="utf-8").read())
        self.assertFalse(os.path.exists(self.path("state")))

    def test_what_arrives_does_not_garble_the_line_being_typed(self):
        client = self.client(columns=60)
        long = "a line that is longer than one row of the terminal, " + "so that it wraps around \u00fc"
        client.type("/channel echo one" + ENTER)
        client.read_until("#echo: one")
        client.type(long)
        client.read_until("\u00fc")
        self.assertEqual(self.node.stop(), 0)
        client.read_until("is gone")
        client.read_until("\u00fc")
        client.type(" end" + ENTER)
        client.read_until("nobody is connected")
        rows = client.rows()
        gone = next(i for i, row in enumerate(rows) if "is gone" in row)
        self.assertTrue(rows[gone].startswith("* " + self.node.id[:8]), rows)
        typed = "> " + long + " end"
        self.assertEqual(rows[gone + 1] + rows[gone + 2], typed, rows)
        self.assertEqual([row for row in rows if row.startswith("> a line")], [typed[:60]], rows)

    def test_the_prompt_shows_the_room(self):
        client = self.client()
        client.type("/join garden" + ENTER)
        client.read_until("* you joined [garden]")
        client.read_until("[garden] > ")
        client.type("hello")
        client.read_until("hello")
        client.type(ENTER)
        client.read_until("* nobody is in [garden] yet")
        client.type("/leave g" + TAB + ENTER)
        client.read_until("* you left [garden]")
        client.read_until("> ")
        rows = client.rows()
        self.assertEqual(rows[-1], ">")
        self.assertIn("[garden] > hello", rows)
        self.assertNotIn("hello", "\n".join(rows).replace("[garden] > hello", ""))  # Our own words are there already.
        client.type("/quit" + ENTER)
        self.assertEqual(client.wait(), 0)

    def test_a_file_that_moves_has_a_bar_above_the_line_being_typed(self):
        taker = self.ratsd("[files]\ninbox = %s\n" % self.path("inbox"), name="taker")
        with open(self.path("tree.bin"), "wb") as file:
            file.write(os.urandom(1 << 20) * 16)
        client = self.client()
        client.type("/connect 127.0.0.1 %d" % taker.port + ENTER)
        client.read_until("* " + taker.id[:8] + " is connected")
        client.type("/give %s %s" % (taker.id[:8], self.path("tree.bin")) + ENTER)
        client.read_until("[....................] #1 tree.bin to " + taker.id[:8])
        client.read_until(" of 16 MiB")
        client.type("hal")
        client.read_until("* #1 tree.bin to %s: complete, 16 MiB" % taker.id[:8])
        client.read_until("> ")
        client.type("lo" + ENTER)
        client.read_until("lo")
        client.type("/quit" + ENTER)
        self.assertEqual(client.wait(), 0)
        rows = client.rows()
        self.assertEqual([row for row in rows if "#1" in row],
                         ["* #1 tree.bin to %s: complete, 16 MiB" % taker.id[:8]], rows)
        self.assertIn("> hallo", rows)

    def test_a_mistake_is_no_reason_to_fail(self):
        client = self.client()
        client.type("/chanel" + ENTER)
        client.read_until("did you mean /channel?")
        client.type("/log debug" + ENTER + "/connect 127.0.0.1 1" + ENTER)
        client.read_until("debug")
        client.read_until("error: 127.0.0.1 port 1")
        client.type("/quit" + ENTER)
        self.assertEqual(client.wait(), 0)

    def test_the_terminal_going_away_ends_the_program(self):
        client = self.client()
        os.close(client.master)
        self.assertEqual(client.process.wait(timeout=PATIENCE), 0)
        client.master = os.open(os.devnull, os.O_RDONLY)

    def test_ctrl_c_ends_the_program(self):
        client = self.client()
        client.process.send_signal(signal.SIGINT)
        self.assertEqual(client.wait(), 0)


if __name__ == "__main__":
    case_list.main()
