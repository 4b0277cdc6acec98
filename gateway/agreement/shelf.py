"""A folder of agreements that is read again when its files change."""

from collections.abc import Iterable
from pathlib import Path
from threading import Lock

from gateway.agreement.in_force import Signed, signed_agreements
from gateway.proof.note import VerifierKey

Seen = tuple[tuple[str, int, int], ...]
"""Name, time of change and size of each file."""


class Shelf:
    """Agreements in a folder. May be asked from several threads."""

    def __init__(self, folder: Path, trust: Iterable[VerifierKey]) -> None:
        self._folder, self._trust = folder, tuple(trust)
        self._one = Lock()
        self._seen: Seen | None = None
        self._signed = Signed(())

    def signed(self) -> Signed:
        """As the files are now. Raises ConfigurationError where the folder cannot be read, or has no agreement."""
        with self._one:
            seen = self._look()
            if seen != self._seen:
                self._signed, self._seen = signed_agreements(self._folder, self._trust), seen
            return self._signed

    def _look(self) -> Seen:
        if not self._folder.is_dir():
            return ()
        files = ((file.name, file.stat()) for file in sorted(self._folder.iterdir()))
        return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in files)
