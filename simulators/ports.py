"""Ports on the loopback interface for things that come and go."""

import random
import socket

# Below the ephemeral range (from 32768 on Linux): while a device is down, a client that keeps connecting to an
# ephemeral port of its own host can be given that very port, reach itself, and keep the device from coming back.
_PORTS = range(20_000, 32_000)


def is_free(port: int) -> bool:
    """Whether a listener on 127.0.0.1 can have `port` now."""
    with socket.socket() as probe:
        # As servers do: connections of a predecessor that are still closing don't count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_ports(count: int) -> list[int]:
    """Distinct free ports, drawn at random so that two processes asking at once hardly meet. Raises `OSError`."""
    found: list[int] = []
    for port in random.sample(_PORTS, k=200):
        if len(found) == count:
            return found
        if is_free(port):
            found.append(port)
    raise OSError(f"no free port on 127.0.0.1 between {_PORTS.start} and {_PORTS.stop - 1}")


def free_port() -> int:
    """One of them."""
    return free_ports(1)[0]
