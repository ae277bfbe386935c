#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A switch with long cables: passes Ethernet frames between interfaces, each after the same time, and loses some.

usage: slow_switch.py DELAY_MS LOSS_PERCENT SEED DEVICE...
For kernels without a queueing discipline that delays (netem). Knows who is where by the addresses that frames come from.
Prints "switching" when it does, and ends with its input or a signal.
"""
import collections
import random
import select
import socket
import sys
import time

EVERY_PROTOCOL = 0x0003  # ETH_P_ALL
FRAME_MAX = 65536
OUTGOING = 4  # PACKET_OUTGOING: what the switch sent itself.


def open_port(device):
    port = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(EVERY_PROTOCOL))
    port.bind((device, EVERY_PROTOCOL))
    port.setblocking(False)
    return port


def main():
    delay, loss, seed = float(sys.argv[1]) / 1000, float(sys.argv[2]) / 100, int(sys.argv[3])
    draw = random.Random(seed)
    ports = [open_port(device) for device in sys.argv[4:]]
    places = {}  # MAC address -> port
    waiting = collections.deque()  # All wait equally long, so they leave in the order in which they came.
    print("switching", flush=True)
    while True:
        now = time.monotonic()
        while waiting and waiting[0][0] <= now:
            _, port, frame = waiting.popleft()
            try:
                port.send(frame)
            except OSError:
                pass  # No room, or the cable is gone: a frame is lost.
        patience = max(0.0, waiting[0][0] - now) if waiting else None
        for port in select.select(ports + [sys.stdin], [], [], patience)[0]:
            if port is sys.stdin:
                return
            while True:
                try:
                    frame, sender = port.recvfrom(FRAME_MAX)
                except (BlockingIOError, OSError):
                    break
                if sender[2] == OUTGOING:
                    continue
                came = time.monotonic()
                places[frame[6:12]] = port
                target = places.get(frame[:6])
                for other in [target] if target else [x for x in ports if x is not port]:
                    if other is not port and draw.random() >= loss:
                        waiting.append((came + delay, other, frame))


if __name__ == "__main__":
    main()
