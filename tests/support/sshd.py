"""A real OpenSSH server: SFTP on loopback, one account, read-only."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncssh

from tests.adapters.support import free_port
from tests.support import unprivileged

SSHD = Path("/usr/sbin/sshd")
CONFIGURATION = """
ListenAddress 127.0.0.1:{port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/authorized
StrictModes no
UsePAM yes
PasswordAuthentication no
KbdInteractiveAuthentication no
PidFile none
Subsystem sftp internal-sftp -R
"""


@dataclass(frozen=True)
class Sshd:
    """`folder` is also where exports are put."""

    port: int
    folder: Path
    user: str
    fingerprint: str

    @property
    def key(self) -> Path:
        return self.folder / "client"

    @property
    def known_hosts(self) -> str:
        """As OpenSSH keeps it."""
        return f"[127.0.0.1]:{self.port} {(self.folder / 'host.pub').read_text()}"


@contextmanager
def sshd() -> Iterator[Sshd]:
    """It runs as nobody where the tests are root; that is the account, too."""
    if not SSHD.exists():
        raise FileNotFoundError(f"{SSHD} is missing: sudo apt-get install openssh-server")
    with unprivileged.own_folder("sshd-") as folder:
        port, host, client = free_port(), *(asyncssh.generate_private_key("ssh-ed25519") for _ in range(2))
        for key, name in ((host, "host"), (client, "client")):
            key.write_private_key(folder / name)
            key.write_public_key(folder / f"{name}.pub")
            (folder / name).chmod(0o600)
        (folder / "authorized").write_bytes(client.export_public_key())
        (folder / "sshd_config").write_text(CONFIGURATION.format(port=port, folder=folder))
        unprivileged.give(*folder.iterdir())
        with unprivileged.serving([str(SSHD), "-D", "-e", "-f", str(folder / "sshd_config")], folder) as process:
            _await_port(port, process, folder / "server.log")
            yield Sshd(port, folder, unprivileged.user(), host.get_fingerprint())


def _await_port(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError(f"sshd does not listen: {log.read_text()}")
