# SPDX-License-Identifier: MIT
"""The language of the Mainline DHT (BEP 3, 5, 42, 44), written here once more, to share no code with ours."""
import hashlib
import ipaddress
import os
import socket
import struct

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def encode(value):
    if isinstance(value, int):
        return b"i%de" % value
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, bytes):
        return b"%d:%s" % (len(value), value)
    if isinstance(value, list):
        return b"l" + b"".join(map(encode, value)) + b"e"
    keys = sorted((key.encode() if isinstance(key, str) else key, one) for key, one in value.items())
    return b"d" + b"".join(encode(key) + encode(one) for key, one in keys) + b"e"


def decode(data):
    """One value and nothing behind it; a ValueError unless keys are sorted and each number is written in one way."""
    value, end = _decode(data, 0)
    if end != len(data) or encode(value) != data:
        raise ValueError("not canonical: %r" % data)
    return value


def _decode(data, at):
    kind = data[at:at + 1]
    if kind == b"i":
        end = data.index(b"e", at)
        return int(data[at + 1:end]), end + 1
    if kind in (b"l", b"d"):
        items = []
        at += 1
        while data[at:at + 1] != b"e":
            item, at = _decode(data, at)
            items.append(item)
        return (items if kind == b"l" else dict(zip(items[::2], items[1::2]))), at + 1
    colon = data.index(b":", at)
    end = colon + 1 + int(data[at:colon])
    if end > len(data):
        raise ValueError("cut off")
    return data[colon + 1:end], end


def compact(address, port):
    return ipaddress.ip_address(address).packed + struct.pack(">H", port)


def read_compact(raw):
    return str(ipaddress.ip_address(raw[:-2])), struct.unpack(">H", raw[-2:])[0]


def nodes_in(raw, v6=False):
    """[(id, (address, port))] of compact node infos."""
    size = 38 if v6 else 26
    assert len(raw) % size == 0, "nodes have %d bytes" % len(raw)
    return [(raw[i:i + 20], read_compact(raw[i + 20:i + size])) for i in range(0, len(raw), size)]


# -- BEP 44 ------------------------------------------------------------------------------------------------------------
def public_key(seed):
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def signature(seed, value, seq, salt=b""):
    text = (b"4:salt" + encode(salt) if salt else b"") + b"3:seqi%de1:v" % seq + encode(value)
    return Ed25519PrivateKey.from_private_bytes(seed).sign(text)


def target_of(value):
    return hashlib.sha1(encode(value)).digest()


def mutable_target(seed, salt=b""):
    return hashlib.sha1(public_key(seed) + salt).digest()


# -- asking ------------------------------------------------------------------------------------------------------------
class Asker:
    """A socket that asks one question after another. It is no node: it answers nobody and says so (BEP 43)."""

    def __init__(self, address, timeout=3, read_only=True):
        self.id = os.urandom(20)
        self.read_only = read_only
        self.socket = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 0))
        self.socket.settimeout(timeout)

    def exchange(self, to, datagram, transaction):
        """Sends bytes; the answer with that transaction id, as a dictionary. None when there is none in time."""
        self.socket.sendto(datagram, to)
        try:
            while True:
                data, origin = self.socket.recvfrom(4096)
                if origin[:2] != to:
                    continue
                answer = decode(data)
                if answer.get(b"y") in (b"r", b"e") and answer.get(b"t") == transaction:
                    answer["size"], answer["from"] = len(data), origin[:2]
                    return answer
        except TimeoutError:
            return None

    def ask(self, to, method, arguments=None, transaction=None):
        transaction = os.urandom(2) if transaction is None else transaction
        message = {"t": transaction, "y": "q", "q": method, "a": {"id": self.id, **(arguments or {})}}
        if self.read_only:
            message["ro"] = 1
        return self.exchange(to, encode(message), transaction)

    def where(self):
        return self.socket.getsockname()[:2]
