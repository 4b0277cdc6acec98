"""Files of another machine, over SFTP. They are only read."""

import asyncio
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import cast

import asyncssh

from adapters.exports.originals import UnreadableError, UnsettledError
from adapters.exports.ways.folder import Entry
from adapters.exports.ways.sftp_session import Session
from adapters.exports.ways.sftp_settings import SftpSettings
from adapters.exports.ways.way import AwayError

CHUNK = 256 * 1024
"""Octets that are asked for at once."""
SPARE = 1000
"""What may stand in a folder besides twice the files that it may hold: marks, temporary files, folders."""


class SftpTree:
    """As `Tree`. A transfer that breaks goes on where it was, as long as it gets further."""

    def __init__(self, settings: SftpSettings, alive: Callable[[], None]) -> None:
        """`alive` is called whenever the server gave something."""
        self._settings, self._alive = settings, alive
        self._session = Session(settings)

    @property
    def root(self) -> str:
        """As `Tree`."""
        return f"sftp://{self._settings.host}:{self._settings.port}/{self._settings.folder.lstrip('/')}"

    def is_there(self) -> bool:
        """As `Tree`. A connection that the server ended while nothing was asked is no loss."""
        idle = self._session.is_open
        try:
            return self._session.do(lambda sftp, _: sftp.isdir(self._settings.folder))
        except AwayError:
            if not idle:
                raise
            return self._session.do(lambda sftp, _: sftp.isdir(self._settings.folder))

    def has(self, name: str) -> bool:
        """As `Tree`."""
        return self._session.do(lambda sftp, _: sftp.exists(self._path(name)))

    def entries(self, path: str) -> list[Entry]:
        """As `Tree`."""
        return self._session.do(lambda sftp, limit: self._listed(sftp, path, limit))

    def chunks(self, path: str, signature: str) -> Iterator[bytes]:
        """As `Tree`."""
        try:
            yield from self._chunks(path, signature)
        except FileNotFoundError as error:
            raise UnsettledError from error
        except OSError as error:
            raise UnreadableError(error.strerror or str(error)) from error

    def close(self) -> None:
        """As `Tree`."""
        self._session.close()

    def _path(self, path: str) -> str:
        return f"{self._settings.folder}/{path}" if path else self._settings.folder

    async def _listed(self, sftp: asyncssh.SFTPClient, path: str, limit: asyncio.Timeout) -> list[Entry]:
        found, most = list[Entry](), 2 * self._settings.most_files + SPARE
        async for one in sftp.scandir(self._path(path)):
            self._alive()
            limit.reschedule(asyncio.get_running_loop().time() + self._settings.patience)
            name = str(one.filename)
            if name in {".", ".."} or "/" in name:
                continue
            found.append(_entry(name, one.attrs))
            if len(found) > most:
                raise AwayError(f"{self.root}: a folder holds more than {most} files (most_files)")
        return found

    def _chunks(self, path: str, signature: str) -> Iterator[bytes]:
        at, began = 0, -1
        while True:
            try:
                for chunk in self._from(path, signature, at):
                    at += len(chunk)
                    yield chunk
            except AwayError:
                if at == began:
                    raise
                began = at
            else:
                return

    def _from(self, path: str, signature: str, at: int) -> Iterator[bytes]:
        """The rest of a file."""
        file = self._session.do(lambda sftp, _: sftp.open(self._path(path), "rb", encoding=None))
        try:
            if _signature(self._session.do(lambda *_: file.stat())) != signature:
                raise UnsettledError
            while chunk := self._session.do(partial(_read, file, at)):
                at += len(chunk)
                yield chunk
            after = self._session.do(lambda *_: file.stat())
            if _signature(after) != signature or after.size != at:
                raise UnsettledError
        finally:
            with suppress(AwayError, OSError):
                if self._session.is_open:
                    self._session.do(lambda *_: file.close())


async def _read(file: asyncssh.SFTPClientFile, at: int, *_: object) -> bytes:
    return cast(bytes, await file.read(CHUNK, at))


def _entry(name: str, attrs: asyncssh.SFTPAttrs) -> Entry:
    mode = attrs.permissions or 0
    if stat.S_ISDIR(mode):
        return Entry(name, is_folder=True)
    if not stat.S_ISREG(mode):
        return Entry(name)
    return Entry(name, signature=_signature(attrs), size=attrs.size or 0, modified=_modified(attrs))


def _signature(attrs: asyncssh.SFTPAttrs) -> str:
    return f"{attrs.size}:{_modified(attrs)}"


def _modified(attrs: asyncssh.SFTPAttrs) -> int:
    """Nanoseconds since 1970; most servers know seconds only."""
    return (attrs.mtime or 0) * 1_000_000_000 + (attrs.mtime_ns or 0)
