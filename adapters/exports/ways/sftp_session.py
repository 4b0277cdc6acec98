"""A connection to an SFTP server, for a thread that waits. Its own event loop runs while something is asked of it, so
that what comes over it costs the agent's loop nothing.

The server has to be the known one before it gets a password, and no other keys, agents or files of the machine's user
are used than those of the configuration.
"""

import asyncio
import errno
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

import asyncssh

from adapters.exports.settings import secret_in
from adapters.exports.ways.sftp_settings import SftpSettings
from adapters.exports.ways.way import AwayError
from schemas.records import GapCause

_T = TypeVar("_T")
LOCKED = 60.0
"""Seconds after a refused password: a server that counts them would lock the account."""
CLOSING = 2.0
"""Seconds to say goodbye."""


class _Known(asyncssh.SSHClient):
    """Knows the server by its fingerprint."""

    def __init__(self, fingerprint: str | None) -> None:
        self._fingerprint = fingerprint

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:  # noqa: ARG002 - asked so
        """Whether it is the one of the configuration."""
        return key.get_fingerprint() == self._fingerprint


class Session:
    """Connects when something is asked. Calls come from one thread."""

    def __init__(self, settings: SftpSettings) -> None:
        self._settings = settings
        self._runner: asyncio.Runner | None = None
        self._connection: asyncssh.SSHClientConnection | None = None
        self._client: asyncssh.SFTPClient | None = None

    @property
    def is_open(self) -> bool:
        """Whether there is a connection, as far as is known."""
        return self._client is not None

    def do(self, work: Callable[[asyncssh.SFTPClient, asyncio.Timeout], Awaitable[_T]]) -> _T:
        """What comes of it. Work that goes on puts its timeout off. Raises AwayError when the connection is lost, and
        OSError for what the server says of a file.
        """
        self._runner = self._runner or asyncio.Runner()
        return self._runner.run(self._done(work))

    def close(self) -> None:
        """Never raises."""
        if self._runner is None:
            return
        connection, self._connection, self._client = self._connection, None, None
        with suppress(OSError, asyncssh.Error):
            if connection is not None:
                self._runner.run(_ended(connection))
        self._runner.close()
        self._runner = None

    async def _done(self, work: Callable[[asyncssh.SFTPClient, asyncio.Timeout], Awaitable[_T]]) -> _T:
        try:
            async with asyncio.timeout(self._settings.patience) as limit:
                client = self._client or await self._connected()
                limit.reschedule(asyncio.get_running_loop().time() + self._settings.patience)
                return await work(client, limit)
        except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath) as error:
            raise FileNotFoundError(errno.ENOENT, error.reason) from error
        except asyncssh.SFTPPermissionDenied as error:
            raise PermissionError(errno.EACCES, error.reason) from error
        except (asyncssh.Error, OSError) as error:
            if isinstance(error, asyncssh.SFTPError) and not isinstance(error, _LOST):
                raise OSError(errno.EIO, error.reason) from error
            self._drop()
            raise self._away(error) from error

    async def _connected(self) -> asyncssh.SFTPClient:
        known, options = self._options()
        self._connection, _ = await asyncssh.create_connection(
            lambda: _Known(self._settings.fingerprint), self._settings.host, self._settings.port,
            known_hosts=known, options=options, config=None,
        )  # fmt: skip
        self._client = await self._connection.start_sftp_client(path_errors="surrogateescape")
        return self._client

    def _options(self) -> tuple[bytes, asyncssh.SSHClientConnectionOptions]:
        """Known servers, and who we are. Raises AwayError for files that cannot be used."""
        wanted = self._settings
        try:
            known = b"" if wanted.known_hosts is None else wanted.known_hosts.read_bytes()
            password = None if wanted.password_file is None else secret_in(wanted.password_file)
            passphrase = None if wanted.passphrase_file is None else secret_in(wanted.passphrase_file)
            key = None if wanted.private_key is None else asyncssh.read_private_key(wanted.private_key, passphrase)
            asyncssh.import_known_hosts(known.decode())
        except (OSError, ValueError) as error:
            raise AwayError(f"key, password or known_hosts cannot be used: {error}", GapCause.OTHER) from error
        return known, asyncssh.SSHClientConnectionOptions(
            username=wanted.user, password=password, client_keys=None if key is None else [key], agent_path=None,
            gss_host=None, disable_trivial_auth=True, preferred_auth=("password" if key is None else "publickey",),
        )  # fmt: skip

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.abort()
        self._connection = self._client = None

    def _away(self, error: Exception) -> AwayError:
        where = f"{self._settings.host}:{self._settings.port}"
        if isinstance(error, asyncssh.HostKeyNotVerifiable):
            why = f"{where} is not the known server ({error.reason}); see known_hosts or fingerprint"
            return AwayError(why, GapCause.OTHER, LOCKED)
        if isinstance(error, asyncssh.PermissionDenied):
            why = f"{where} refuses {self._settings.user}; correct user and password_file or private_key"
            return AwayError(why, GapCause.OTHER, LOCKED)
        if isinstance(error, TimeoutError):
            why = f"{where} did not answer for {self._settings.patience:g} s"
            return AwayError(why, GapCause.DEVICE_SILENT)
        return AwayError(f"{where}: {' '.join(str(error).split()) or type(error).__name__}")


_LOST = (asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection, asyncssh.SFTPBadMessage)


async def _ended(connection: asyncssh.SSHClientConnection) -> None:
    connection.close()
    async with asyncio.timeout(CLOSING):
        await connection.wait_closed()
