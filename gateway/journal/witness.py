"""The file beside the journal: it is locked while an agent uses the journal, and knows how many entries that ever gave.

SQLite drops the transactions behind a damaged place of its log without a word. So after each commit the number of
entries is written here too. It is never ahead of a sound journal, because it is written later; it may be behind.
"""

import fcntl
import os
from contextlib import suppress
from pathlib import Path
from zlib import crc32

from gateway.journal.entries import JournalError
from gateway.journal.layout import LAYOUT


class Witness:
    """Holds the lock until it is closed; the kernel frees it also when the process is killed."""

    def __init__(self, journal: Path) -> None:
        """Raises JournalError when another agent has the journal, OSError when the file cannot be made."""
        self._file = os.open(journal.with_name(f"{journal.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._file)
            raise JournalError(
                f"journal {journal} is in use: an agent with this configuration is already running"
            ) from error

    def told(self) -> int:
        """Entries that the journal has given at least; 0 where that is not known."""
        line = os.pread(self._file, 64, 0)
        with suppress(ValueError):
            version, total, crc = line.split()
            if int(version) == LAYOUT and int(crc, 16) == crc32(total):
                return int(total)
        return 0

    def tell(self, total: int) -> None:
        """The journal has given so many entries. What cannot be written stays behind, which is harmless."""
        octets = b"%020d" % total
        with suppress(OSError):
            os.pwrite(self._file, b"%d %s %08x\n" % (LAYOUT, octets, crc32(octets)), 0)

    def close(self) -> None:
        """Free the lock."""
        os.close(self._file)
