"""Free ports of 127.0.0.1."""

from __future__ import annotations

import random
import socket

#: Below the range from which systems take ports by themselves: a client's port must not be in our way.
RANGE = range(15000, 32000)


def free_ports(count: int) -> list[int]:
    """So many different ports that nobody listens on now."""
    found: list[int] = []
    while len(found) < count:
        port = random.SystemRandom().choice(RANGE)
        if port not in found and _is_free(port):
            found.append(port)
    return found


def free_port() -> int:
    return free_ports(1)[0]


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
