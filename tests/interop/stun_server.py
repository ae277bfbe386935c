# SPDX-License-Identifier: MIT
"""STUN (RFC 8489), as much of it as a server needs that answers what a test wants, and a question to find out whether
another server is up. Shares no code with ours.
"""
import ipaddress
import os
import socket
import struct
import threading

COOKIE = 0x2112A442
MAPPED, ERROR_CODE, XOR_MAPPED, ALTERNATE_SERVER, SOFTWARE = 0x0001, 0x0009, 0x0020, 0x8023, 0x8022
REQUEST, SUCCESS, ERROR = 0x0001, 0x0101, 0x0111


def message(kind, transaction, *attributes):
    body = b"".join(struct.pack(">HH", code, len(value)) + value + bytes(-len(value) % 4) for code, value in attributes)
    return struct.pack(">HHI", kind, len(body), COOKIE) + transaction + body


def address(code, where, transaction=None):
    """An attribute with an address, masked with the transaction id if that is given."""
    raw = ipaddress.ip_address(where[0]).packed
    port = where[1]
    if transaction is not None:
        mask = struct.pack(">I", COOKIE) + transaction
        raw = bytes(a ^ b for a, b in zip(raw, mask))
        port ^= COOKIE >> 16
    return code, struct.pack(">BBH", 0, 1 if len(raw) == 4 else 2, port) + raw


def mapped(transaction, where, *more):
    return message(SUCCESS, transaction, address(XOR_MAPPED, where, transaction), *more)


def error(transaction, code, text, *more):
    value = struct.pack(">HBB", 0, code // 100, code % 100) + text.encode()
    return message(ERROR, transaction, (ERROR_CODE, value), *more)


class Server:
    """Calls `answer(server, transaction, client, count)` for each Binding request, the first with count 1; it returns
    the datagrams to send back."""

    def __init__(self, where, answer):
        self.answer = answer
        self.requests = []
        self.socket = self._open(where)
        self.other = self._open((where[0], where[1] + 1))  # For answers from the wrong place.
        self.where = where
        threading.Thread(target=self._serve, daemon=True).start()

    @staticmethod
    def _open(where):
        out = socket.socket(socket.AF_INET6 if ":" in where[0] else socket.AF_INET, socket.SOCK_DGRAM)
        out.bind(where)
        return out

    def _serve(self):
        while True:
            data, client = self.socket.recvfrom(2048)
            kind, length, cookie = struct.unpack(">HHI", data[:8])
            assert (kind, length, cookie) == (REQUEST, len(data) - 20, COOKIE), "no Binding request: %r" % data
            self.requests.append(data)
            for out in self.answer(self, data[8:20], client[:2], len(self.requests)):
                self.socket.sendto(out, client)


def is_up(where, patience=10):
    """Asks a server until it answers."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ask:
        ask.settimeout(0.1)
        for _ in range(patience * 10):
            ask.sendto(message(REQUEST, os.urandom(12)), where)
            try:
                if ask.recv(2048)[:2] == struct.pack(">H", SUCCESS):
                    return True
            except TimeoutError:
                pass
            except ConnectionRefusedError:
                pass
    return False
