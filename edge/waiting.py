"""Records of batches whose product is not known yet, in memory and in a file beside the journal: a restart loses none.

A batch that was sent leaves the file only when what was sent is long on the disk. Of what an agent that was killed had
just sent some may be sent again, with the same record id; readers know it by that.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import structlog

from edge.recent import framed, read_kept
from schemas.catalogue import KINDS, schema
from schemas.codec import DecodeError, decode, encode
from schemas.exported import Exported
from schemas.records import Weighing

log = structlog.get_logger(__name__)

MOST = 10_000
"""Records that wait; of more the oldest batch's stay the manufacturer's."""
SETTLED = 60_000_000
"""Microseconds after which what was sent is on the disk."""
Named = Exported | Weighing


class Waiting:
    """One agent's. Never raises: without a disk they wait in memory alone, which is said."""

    def __init__(self, file: Path, now: Callable[[], int]) -> None:
        """Goes on with what waited in the life before; `now` is UTC microseconds."""
        self._file, self._now = file, now
        self._by_batch: dict[str, list[Named]] = {}
        self._sent: dict[str, tuple[int, list[Named]]] = {}
        """By batch since when it is sent, and what was: still in the file."""
        for one in self._read():
            self._by_batch.setdefault(one.batch or "", []).append(one)

    def __len__(self) -> int:
        return sum(map(len, self._by_batch.values()))

    def add(self, batch: str, record: Named) -> None:
        """It waits for the product of its batch."""
        self._by_batch.setdefault(batch, []).append(record)
        if len(self) > MOST:
            del self._by_batch[next(iter(self._by_batch))]
            self._write()
            return
        try:
            with self._file.open("ab") as file:
                file.write(framed(encode(record)))
        except OSError as error:
            self._say(error)

    def take(self, batch: str) -> list[Named]:
        """Those of a batch, to be sent now."""
        found = self._by_batch.pop(batch, [])
        if found:
            self._sent[batch] = self._now(), found
        return found

    def tidy(self) -> None:
        """Let go of what was sent and is on the disk by now."""
        old = [batch for batch, (since, _) in self._sent.items() if self._now() - since > SETTLED]
        if old:
            for batch in old:
                del self._sent[batch]
            self._write()

    def _read(self) -> Iterator[Named]:
        published = {schema(kind).fingerprint: schema(kind) for kind in KINDS}
        for kept in read_kept(0, self._file) if self._file.exists() else ():
            try:
                record = decode(kept.octets, published)
            except DecodeError as error:  # written by another version
                log.error("a record that waited cannot be read", why=str(error))  # noqa: TRY400 - it says all
                continue
            if isinstance(record, Named):
                yield record

    def _write(self) -> None:
        """What waits, and what is not surely on the disk."""
        new = self._file.with_suffix(".new")
        try:
            new.write_bytes(b"".join(framed(encode(one)) for one in self._all()))
            new.replace(self._file)
        except OSError as error:
            self._say(error)

    def _all(self) -> Iterable[Named]:
        some = [*(held for _, held in self._sent.values()), *self._by_batch.values()]
        return (one for records in some for one in records)

    def _say(self, error: OSError) -> None:
        log.error("records that wait for the product of their batch are in memory alone", why=str(error))
