"""A small disk that a test may fill: a tmpfs in a mount namespace of its own, kept by a sleeping process."""

import errno
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from simulators.child import Child
from tests.support.eventually import eventually

WAYS = (["unshare", "--mount"], ["unshare", "--user", "--map-root-user", "--mount"])
"""As root; else as root of a user namespace."""
BLOCK = 64 * 1024


class SmallDisk:
    """`path` is where processes started with `command` see it, `seen` where everybody else does."""

    def __init__(self, folder: Path, keeper: Child, *, user: bool) -> None:
        self.path = folder
        self.seen = Path(f"/proc/{keeper.pid}/root{folder}")
        own = ["--user", "--preserve-credentials"] if user else []
        self.command = ["nsenter", "--target", str(keeper.pid), *own, "--mount", "--"]

    def fill(self) -> None:
        """Take all the room that is left; called again, what became free meanwhile."""
        with (self.seen / "ballast").open("ab", buffering=0) as ballast:
            size = BLOCK
            while size:
                try:
                    ballast.write(bytes(size))
                except OSError as error:
                    if error.errno != errno.ENOSPC:
                        raise
                    size //= 2

    def free(self) -> None:
        """Give the room back."""
        (self.seen / "ballast").unlink()


@contextmanager
def small_disk(folder: Path, mib: int) -> Iterator[SmallDisk]:
    """Mounted at `folder`, gone at the end. Fails where neither root nor user namespaces are to be had."""
    folder.mkdir()
    way = next((way for way in WAYS if _works(way)), None)
    if way is None:
        message = "a disk that can be filled needs root or user namespaces: run as root, or allow `unshare --user`"
        raise pytest.fail.Exception(message, pytrace=False)
    script = f'mount -t tmpfs -o size={mib}m,mode=0777 tmpfs "$0" && touch "$0/ready" && exec sleep infinity'
    keeper = Child([*way, "sh", "-c", script, folder], log=folder.with_suffix(".log"))
    try:
        yield SmallDisk(folder, keeper, user="--user" in way)
    finally:
        keeper.kill()


async def mounted(disk: SmallDisk) -> None:
    """Wait until it can be used."""
    await eventually((disk.seen / "ready").exists, within=60, what="the small disk is mounted")


def _works(way: list[str]) -> bool:
    return subprocess.run([*way, "true"], capture_output=True, check=False).returncode == 0
