"""Servers that refuse to run as root, or that need no rights at all: in a folder of their own, as nobody."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from pwd import getpwnam, getpwuid
from signal import SIGTERM, Signals

GRACE = 20
"""Seconds to end by itself."""


def user() -> str:
    """Who they run as: nobody where the tests are root, else whoever runs the tests."""
    return "nobody" if os.geteuid() == 0 else getpwuid(os.geteuid()).pw_name


def command(given: Sequence[str]) -> list[str]:
    """It, as that user."""
    if os.geteuid() != 0:
        return [*given]
    return [
        "setpriv",
        f"--reuid={getpwnam(user()).pw_uid}",
        f"--regid={getpwnam(user()).pw_gid}",
        "--clear-groups",
        *given,
    ]


def give(*paths: Path) -> None:
    """Make them that user's own."""
    for path in paths:
        shutil.chown(path, getpwnam(user()).pw_uid, getpwnam(user()).pw_gid)


@contextmanager
def own_folder(prefix: str) -> Iterator[Path]:
    """A short path (a socket's name is limited), that user's own, removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir="/tmp"))
    give(folder)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def serving(given: Sequence[str], folder: Path, end: Signals = SIGTERM) -> Iterator[subprocess.Popen[bytes]]:
    """A server while the block runs; what it says is in `server.log`, and `end` ends it."""
    with (folder / "server.log").open("ab") as log:
        process = subprocess.Popen(command(given), cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.send_signal(end)
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
