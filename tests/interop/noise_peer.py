# SPDX-License-Identifier: MIT
"""A minimal member of a librats network that shares no code with the library.

The handshake is dissononce's (Debian package python3-dissononce), transport encryption is the `cryptography` package's
ChaCha20-Poly1305; only the framing is spelled out here, from the protocol's description. Blocking, one link at a time.
"""
import hashlib
import socket
import struct

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from dissononce.cipher.chachapoly import ChaChaPolyCipher
from dissononce.dh.x25519.x25519 import X25519DH
from dissononce.hash.sha256 import SHA256Hash
from dissononce.processing.handshakepatterns.interactive.XX import XXHandshakePattern
from dissononce.processing.impl.cipherstate import CipherState
from dissononce.processing.impl.handshakestate import HandshakeState
from dissononce.processing.impl.symmetricstate import SymmetricState

APP, CONTROL, PING, TYPED = 1, 2, 5, 7


class Closed(Exception):
    """The other side closed the link."""


def channel_id(name):
    """32-bit FNV-1a, folded to 16 bits, never zero."""
    value = 0x811C9DC5
    for byte in name.encode():
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return (value >> 16 ^ value & 0xFFFF) or 1


class Identity:
    """An X25519 key that may serve for several links."""

    def __init__(self):
        self.pair = X25519DH().generate_keypair()

    @property
    def peer_id(self):
        return hashlib.sha256(self.pair.public.data).hexdigest()


class Link:
    """One encrypted link over a connected socket."""

    def __init__(self, sock, initiator, identity, protocol="librats/1.0"):
        self.sock = sock
        self.buffer = b""
        self.send_count = self.receive_count = 0
        state = HandshakeState(SymmetricState(CipherState(ChaChaPolyCipher()), SHA256Hash()), X25519DH())
        prologue = b"librats-proto\x1f" + protocol.encode()
        state.initialize(XXHandshakePattern(), initiator, prologue, s=identity.pair)
        ciphers = None
        for turn in range(3):
            if (turn % 2 == 0) == initiator:
                message = bytearray()
                ciphers = state.write_message(b"", message)
                self._write_block(bytes(message))
            else:
                ciphers = state.read_message(self._read_block(), bytearray())
        keys = [bytes(cipher._key) for cipher in ciphers]
        self.send_key, self.receive_key = (ChaCha20Poly1305(key) for key in (keys if initiator else reversed(keys)))
        self.remote_id = hashlib.sha256(state.rs.data).hexdigest()

    @classmethod
    def dial(cls, address, identity, **options):
        return cls(socket.create_connection(address, timeout=10), True, identity, **options)

    def send(self, kind, payload, channel=0):
        inner = struct.pack(">BBH", kind, 0, channel) + payload
        nonce = bytes(4) + struct.pack("<Q", self.send_count)
        self.send_count += 1
        self._write_block(self.send_key.encrypt(nonce, inner, None))

    def receive(self):
        """The next frame: (type, channel, payload)."""
        nonce = bytes(4) + struct.pack("<Q", self.receive_count)
        self.receive_count += 1
        try:
            inner = self.receive_key.decrypt(nonce, self._read_block(), None)
        except InvalidTag as error:
            raise AssertionError("the library sent a block that does not authenticate") from error
        kind, flags, channel = struct.unpack(">BBH", inner[:4])
        assert flags == 0, "flags are always zero"
        return kind, channel, inner[4:]

    def receive_of(self, kind):
        """The next frame of a type; answers pings on the way, as a good peer does."""
        while True:
            got, channel, payload = self.receive()
            if got == PING and payload[0] == 0:
                self.send(PING, b"\x01" + payload[1:])
            if got == kind:
                return channel, payload

    def close(self):
        self.sock.close()

    def _write_block(self, body):
        self.sock.sendall(struct.pack(">I", len(body)) + body)

    def _read_block(self):
        size, = struct.unpack(">I", self._read(4))
        return self._read(size)

    def _read(self, count):
        while len(self.buffer) < count:
            chunk = self.sock.recv(1 << 16)
            if not chunk:
                raise Closed()
            self.buffer += chunk
        out, self.buffer = self.buffer[:count], self.buffer[count:]
        return out


def encode_identify(port):
    """Control/identify of a node that listens on `port`, knows no address and observed nothing."""
    return struct.pack(">BHBBB", 1, port, 0, 0, 1)


def decode_identify(payload):
    """(listen_port, addresses, observed address or None, transports)."""
    version, port, count = struct.unpack(">BHB", payload[:4])
    assert version == 1
    rest = payload[4:]

    def element(data):
        length = data[0]
        if length == 0:
            return None, data[1:]
        assert length in (4, 16)
        family = socket.AF_INET if length == 4 else socket.AF_INET6
        address = socket.inet_ntop(family, data[1:1 + length])
        return (address, struct.unpack(">H", data[1 + length:3 + length])[0]), data[3 + length:]

    addresses = []
    for _ in range(count):
        one, rest = element(rest)
        addresses.append(one)
    observed, rest = element(rest)
    return port, addresses, observed, rest[0] if rest else 0
