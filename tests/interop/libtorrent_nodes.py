#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Nodes of libtorrent-rasterbar's DHT (package python3-libtorrent) in one process, which does what its input says.

usage: libtorrent_nodes.py COUNT PORT [ADDRESS]
Node I listens on 127.0.0.(1+I):(PORT+I), or with an ADDRESS (say, ::1) on ADDRESS:(PORT+I). `ready` is printed when
each knows another one. Then a line each of:
  know ENDPOINT          ask that node to join; answered at once with `told`
  keepers HEX N          wait until N nodes have the node of that id in their tables
  announce HEX           announce the last node under an info-hash, until others find it: `announced ENDPOINT`
  get HEX ENDPOINT       look for peers until this one is among them: `peers ENDPOINT...`
  put TEXT               store an immutable item, until others find it: `target HEX`
  fetch HEX              look for one: `item TEXT`
  put-mutable SEED TEXT  the same with a mutable item, under the key made from 32 bytes: `key HEX`
  fetch-mutable KEY      look for one: `item TEXT`
What could not be done is answered with `failed ...` after 14 seconds.
"""
import hashlib
import select
import sys
import tempfile
import time

sys.dont_write_bytecode = True  # Nothing is left beside the sources.

try:
    import libtorrent as lt
    import krpc
except ImportError as missing:
    print("missing %s" % missing)
    sys.exit(77)

PATIENCE = 14
AGAIN = 1.5  # Seconds after which a question is put once more: what is looked for may arrive meanwhile.


def endpoint(address, port):
    return "[%s]:%d" % (address, port) if ":" in address else "%s:%d" % (address, port)


def split_endpoint(text):
    host, port = text.rsplit(":", 1)
    return host.strip("[]"), int(port)


class Node:
    def __init__(self, address, port):
        self.address, self.port = address, port
        alerts = lt.alert.category_t
        self.session = lt.session({
            "listen_interfaces": endpoint(address, port),
            "enable_dht": True, "enable_lsd": False, "enable_upnp": False, "enable_natpmp": False,
            "dht_bootstrap_nodes": "",
            "alert_mask": alerts.dht_notification | alerts.dht_operation_notification | alerts.error_notification,
            # A whole network on one machine, and bursts of a test that are no flood.
            "dht_restrict_routing_ips": False, "dht_restrict_search_ips": False, "dht_ignore_dark_internet": False,
            "dht_prefer_verified_node_ids": False, "dht_enforce_node_id": False,
            "dht_block_ratelimit": 10000, "dht_upload_rate_limit": 1000000,
        })

    def name(self):
        return endpoint(self.address, self.port)

    def alerts(self, seconds):
        """What happens within a time, as it happens."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.session.wait_for_alert(max(1, int(1000 * (end - time.monotonic()))))
            yield from self.session.pop_alerts()

    def id(self):
        state = self.session.save_state(lt.save_state_flags_t.save_dht_state)
        return state[b"dht state"][b"node-id"][0][:20]

    def table_size(self):
        self.session.post_dht_stats()
        for alert in self.alerts(2):
            if isinstance(alert, lt.dht_stats_alert):
                return sum(bucket["num_nodes"] for bucket in alert.routing_table)
        return 0

    def has(self, node_id):
        """Whether a live node of that id is in its table."""
        self.session.dht_live_nodes(lt.sha1_hash(self.id()))
        for alert in self.alerts(2):
            if isinstance(alert, lt.dht_live_nodes_alert):
                return any(node_id in str(entry) or node_id in str(entry.get("nid", "")) for entry in alert.nodes)
        return False

    def until(self, ask, answer):
        """Asks again and again until `answer` makes something of an alert."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            ask()
            for alert in self.alerts(AGAIN):
                found = answer(alert)
                if found is not None:
                    return found
        return None


def expanded(seed):
    """The private key as libtorrent takes it: the scalar of RFC 8032 and the prefix."""
    raw = bytearray(hashlib.sha512(seed).digest())
    raw[0] &= 248
    raw[31] = raw[31] & 63 | 64
    return bytes(raw)


def item_text(entry):
    value = entry["value"]
    return value.decode() if isinstance(value, bytes) else str(value)


class Swarm:
    def __init__(self, count, port, address):
        self.folder = tempfile.TemporaryDirectory()
        self.nodes = [Node(address or "127.0.0.%d" % (1 + i), port + i) for i in range(count)]
        for i, node in enumerate(self.nodes):
            for other in {0, i - 1, (i + 1) % count} - {i, -1}:
                node.session.add_dht_node((self.nodes[other].address, self.nodes[other].port))

    def settle(self):
        deadline = time.monotonic() + PATIENCE
        waiting = list(self.nodes)
        while waiting and time.monotonic() < deadline:
            waiting = [node for node in waiting if node.table_size() == 0]
        return not waiting

    def know(self, where):
        for node in self.nodes[::4]:
            node.session.add_dht_node(split_endpoint(where))
        return "told"

    def keepers(self, node_id, count):
        deadline = time.monotonic() + PATIENCE
        keepers = 0
        while time.monotonic() < deadline:
            keepers = sum(node.has(node_id) for node in self.nodes)
            if keepers >= int(count):
                return "keepers %d" % keepers
        return "failed: only %d nodes keep it" % keepers

    def announce(self, key):
        what = lt.add_torrent_params()
        what.info_hashes = lt.info_hash_t(lt.sha1_hash(bytes.fromhex(key)))
        what.save_path = self.folder.name
        what.flags &= ~(lt.torrent_flags.paused | lt.torrent_flags.auto_managed)
        torrent = self.nodes[-1].session.add_torrent(what)
        name = self.nodes[-1].name()
        # What is said before the torrent is up has no effect, and it would not try again for minutes.
        found = self.look_for(key, name, torrent.force_dht_announce)
        return "announced " + name if name in found else "failed: nobody finds it"

    def get(self, key, wanted):
        found = self.look_for(key, wanted, lambda: None)
        return " ".join(["peers" if wanted in found else "failed: only", *sorted(found)])

    def look_for(self, key, wanted, also):
        node = self.nodes[len(self.nodes) // 2]
        key = lt.sha1_hash(bytes.fromhex(key))
        seen = set()

        def answer(alert):
            if isinstance(alert, lt.dht_get_peers_reply_alert) and alert.info_hash == key:
                seen.update(endpoint(*peer) for peer in alert.peers())
                return wanted in seen or None
            return None

        def ask():
            also()
            node.session.dht_get_peers(key)

        node.until(ask, answer)
        return seen

    def put(self, *words):
        # Of its own it would say that it has ended only when the last node answered, or failed to for 15 s.
        target = str(self.nodes[-1].session.dht_put_immutable_item(" ".join(words)))
        return "target " + target if self.find_item(target) else "failed: nobody finds it"

    def fetch(self, target):
        text = self.find_item(target)
        return "failed: no such item" if text is None else "item " + text

    def find_item(self, target):
        node = self.nodes[1]

        def answer(alert):
            try:
                mine = isinstance(alert, lt.dht_immutable_item_alert) and str(alert.target) == target
                return item_text(alert.item) if mine else None
            except RuntimeError:  # How these bindings say that there is no value.
                return None

        return node.until(lambda: node.session.dht_get_immutable_item(lt.sha1_hash(bytes.fromhex(target))), answer)

    def put_mutable(self, seed, *words):
        seed = bytes.fromhex(seed)
        public = krpc.public_key(seed)
        text = " ".join(words)
        self.nodes[-1].session.dht_put_mutable_item(expanded(seed), public, text.encode(), b"")
        return "key " + public.hex() if self.find_mutable(public, text) else "failed: nobody finds it"

    def fetch_mutable(self, key):
        text = self.find_mutable(bytes.fromhex(key))
        return "failed: no such item" if text is None else "item " + text

    def find_mutable(self, key, wanted=None):
        node = self.nodes[1]

        def answer(alert):
            try:
                text = item_text(alert.item) if isinstance(alert, lt.dht_mutable_item_alert) else None
                return text if wanted in (None, text) else None
            except (RuntimeError, KeyError):
                return None

        return node.until(lambda: node.session.dht_get_mutable_item(key, b""), answer)


def main():
    swarm = Swarm(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else None)
    print("ready" if swarm.settle() else "failed: some know nobody", flush=True)
    while True:
        if not select.select([sys.stdin], [], [], 1)[0]:
            for node in swarm.nodes:
                node.session.pop_alerts()
            continue
        words = sys.stdin.readline().split()
        if not words:
            return
        print(getattr(swarm, words[0].replace("-", "_"))(*words[1:]), flush=True)


main()
