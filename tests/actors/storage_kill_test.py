# SPDX-License-Identifier: MIT
"""storage_kill_test.py WRITER - kills a process that writes to its store, again and again, at moments that a seed
chooses, and looks whether everything that was acknowledged is there the next time."""
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

ROUNDS = 20
SEED = 4711


def run_round(writer, folder, durability, first, span):
    """What the store held at the start, and what was acknowledged until the end."""
    process = subprocess.Popen([writer, folder, durability, str(first)], stdout=subprocess.PIPE)
    found, acked = set(), set()
    ends = None
    while True:
        line = process.stdout.readline()
        if not line.endswith(b"\n"):
            break  # The last line may be torn.
        text = line.decode().rstrip("\n")
        if text.startswith("found "):
            found.add(text[6:])
        elif text == "ready":
            ends = time.monotonic() + span
        elif text.startswith("acked "):
            acked.add(text[6:])
        else:
            raise AssertionError(f"the writer says: {text}")
        if ends is not None and time.monotonic() >= ends:
            os.kill(process.pid, signal.SIGKILL)
            ends = float("inf")
    process.wait()
    if process.returncode != -signal.SIGKILL:
        raise AssertionError(f"the writer ended by itself, code {process.returncode}")
    return found, acked


def main():
    writer = sys.argv[1]
    choice = random.Random(SEED)
    for durability in ("relaxed", "full"):
        with tempfile.TemporaryDirectory(prefix="rats-storage-") as folder:
            known, first = set(), 0
            for number in range(ROUNDS // 2):
                found, acked = run_round(writer, folder, durability, first, choice.uniform(0.02, 0.4))
                lost = known - found
                if lost:
                    raise AssertionError(f"{durability}, round {number}: {len(lost)} acknowledged puts are lost, "
                                         f"{sorted(lost)[0]!r} for instance")
                known |= acked
                first += len(acked) + 1000
            found, _ = run_round(writer, folder, durability, first, 0.02)
            if known - found or len(known) < 100:
                raise AssertionError(f"{durability}, at the end: {len(known)} acknowledged, {len(known - found)} lost")
            print(f"{durability}: {len(known)} puts were acknowledged in {ROUNDS // 2} lives, all are there")


main()
