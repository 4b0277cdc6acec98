"""Space set aside beside the journal, so that gaps and alarms can still be written when the disk is full."""

import os
import sqlite3
from contextlib import suppress
from pathlib import Path

SIZE = 8 * 1024 * 1024
"""Octets that are set aside."""


class Reserve:
    """A file that is only there to be deleted. `held` says whether it is there."""

    def __init__(self, journal: Path) -> None:
        """Beside the journal's file."""
        self._file = journal.with_name(f"{journal.name}.reserve")
        self.held = False

    def take(self) -> bool:
        """Set the space aside, where there is so much; whether it is set aside now."""
        if self.held:
            return True
        try:
            file = os.open(self._file, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                os.posix_fallocate(file, 0, SIZE)
            finally:
                os.close(file)
            self.held = True
        except OSError:
            self.release()
        return self.held

    def regain(self) -> bool:
        """Set it aside again, once the disk has as much room besides; else the next record would cost it at once."""
        try:
            disk = os.statvfs(self._file.parent)
        except OSError:
            return False
        return disk.f_bavail * disk.f_frsize >= 2 * SIZE and self.take()

    def release(self) -> None:
        """Give the space up."""
        self.held = False
        with suppress(OSError):
            self._file.unlink(missing_ok=True)


def disk_full(error: sqlite3.Error) -> bool:
    """Whether the disk, and nothing else, was the reason."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL
