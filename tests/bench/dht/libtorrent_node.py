#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""libtorrent_node.py PORT - a DHT node of libtorrent on 127.0.0.1, without its limits on traffic and on addresses.

Takes commands on standard input: "node PORT" makes a node of 127.0.0.1 known, "look N" walks towards N random keys,
twenty a second. Exit code 3: libtorrent is not installed.
"""
import os
import sys
import time

try:
    import libtorrent
except ImportError:
    sys.exit(3)

session = libtorrent.session({
    'listen_interfaces': f'127.0.0.1:{sys.argv[1]}',
    'alert_mask': 0,
    'enable_dht': True,
    'enable_lsd': False,
    'enable_upnp': False,
    'enable_natpmp': False,
    'dht_bootstrap_nodes': '',
    'dht_upload_rate_limit': 100_000_000,
    'dht_block_ratelimit': 100_000_000,  # It multiplies this by ten, in 32 bits.
    'dht_restrict_routing_ips': False,
    'dht_restrict_search_ips': False,
    'dht_prefer_verified_node_ids': False,
    'dht_ignore_dark_internet': False,
})
for line in sys.stdin:
    words = line.split()
    if words[:1] == ['node']:
        session.add_dht_node(('127.0.0.1', int(words[1])))
    elif words[:1] == ['look']:
        for _ in range(int(words[1])):
            session.dht_get_peers(libtorrent.sha1_hash(os.urandom(20)))
            time.sleep(0.05)
