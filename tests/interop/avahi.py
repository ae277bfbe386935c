# SPDX-License-Identifier: MIT
"""An avahi-daemon (packages avahi-daemon, avahi-utils, dbus) in the lab, with a system bus of its own."""
import contextlib
import os
import shutil
import tempfile

import lab

BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>unix:path=/run/dbus/system_bus_socket</listen><auth>EXTERNAL</auth>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_type="method_call"/><allow send_type="signal"/>
<allow send_type="method_return"/><allow send_type="error"/><allow receive_type="method_call"/>
<allow receive_type="signal"/><allow receive_type="method_return"/><allow receive_type="error"/></policy></busconfig>
"""

DAEMON = """[server]
host-name=%s
use-ipv4=yes
use-ipv6=no
allow-interfaces=%s
[publish]
publish-workstation=no
"""


def available():
    return all(shutil.which(tool) for tool in ("avahi-daemon", "avahi-browse", "avahi-publish", "dbus-daemon"))


@contextlib.contextmanager
def daemon(interface, host):
    """Both find their sockets at fixed places: an empty /run, seen by nobody outside the lab, hides the machine's."""
    lab.shell("mount -t tmpfs tmpfs /run; mkdir -p /run/dbus /run/avahi-daemon; "
              "! id avahi >/dev/null 2>&1 || chown avahi:avahi /run/avahi-daemon")
    with tempfile.TemporaryDirectory() as folder:
        bus, config = os.path.join(folder, "bus.conf"), os.path.join(folder, "avahi.conf")
        with open(bus, "w", encoding="utf-8") as file:
            file.write(BUS)
        with open(config, "w", encoding="utf-8") as file:
            file.write(DAEMON % (host, interface))
        with lab.running("dbus-daemon", ["dbus-daemon", "--config-file=" + bus, "--nofork", "--nopidfile",
                                         "--print-address"], r"^unix:"):
            with lab.running("avahi-daemon", ["avahi-daemon", "-f", config, "--no-drop-root", "--no-chroot",
                                              "--no-rlimits"], r"startup complete"):
                yield
