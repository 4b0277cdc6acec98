"""Gathers what a run left behind: from the journal's file, the topics and the archive, for `judge.py`."""

import asyncio
import shutil
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from aiokafka import AIOKafkaConsumer, ConsumerRecord

from gateway.archive.archive import Archive
from gateway.link.admin import partitions
from gateway.link.topics import number_of, stream_of, topic, topics
from gateway.proof.merkle import leaf_hash
from schemas.catalogue import KINDS, schema
from schemas.codec import decode
from schemas.records import Evicted
from tests.support.judge import Entry, Evidence, Sample

PUBLISHED = {schema(kind).fingerprint: schema(kind) for kind in KINDS}
"""All schemas of ours by fingerprint."""


@dataclass(slots=True)
class Committed:
    """What the agent's journal was seen to hold, each time that the agent had ended."""

    sizes: dict[str, int] = field(default_factory=dict)
    leaves: dict[Entry, bytes] = field(default_factory=dict)

    def look(self, journal: Path) -> None:
        """Take what the file holds now; a copy is read, so that nothing is repaired behind the agent's back."""
        with TemporaryDirectory() as folder:
            copy = Path(folder) / "journal.db"
            for suffix in ("", "-wal"):
                if (file := journal.with_name(journal.name + suffix)).exists():
                    shutil.copy(file, f"{copy}{suffix}")
            db = sqlite3.connect(copy)
            try:
                self._take(db)
            finally:
                db.close()

    def _take(self, db: sqlite3.Connection) -> None:
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'entries'").fetchone():
            return  # killed before it had made its tables
        names = dict(db.execute("SELECT id, name FROM streams"))
        self.sizes |= dict(db.execute("SELECT name, size FROM streams"))
        for stream, number, leaf in db.execute("SELECT stream, number, leaf FROM entries"):
            self.leaves[names[stream], number] = leaf


def sizes(journal: Path) -> dict[str, int]:
    """The last number of each stream, of a journal that an agent may be writing."""
    if not journal.exists():
        return {}
    db = sqlite3.connect(f"file:{journal}?mode=ro", uri=True)
    try:
        return dict(db.execute("SELECT name, size FROM streams"))
    except sqlite3.DatabaseError:
        return {}  # its tables are not made yet, or it is a damaged one that nobody has opened yet
    finally:
        db.close()


def from_archive(file: Path, evidence: Evidence) -> None:
    """Take over what the archive holds. No node has it open."""
    archive = Archive(file)
    try:
        samples = "SELECT tag, CASE WHEN status = 0 THEN value::BIGINT END, received FROM samples WHERE tag LIKE 'T.%'"
        rows = archive.rows(samples)
        evidence.samples = [Sample(*row) for row in rows]
        evidence.records = [id_ for (id_,) in archive.rows("SELECT id FROM alarms UNION ALL SELECT id FROM gaps")]
        evidence.gaps = archive.gaps(0, 2**62)
        evidence.findings = [code for (code,) in archive.rows("SELECT code FROM findings")]
        evidence.quarantined = archive.counts()["quarantine"]
        found = archive.rows("SELECT stream, number, leaf FROM entries")
        evidence.archived = [((stream, number), bytes(leaf)) for stream, number, leaf in found]
    finally:
        archive.close()


async def from_topics(bootstrap: str, origin: str, recipient: str, *, committed: bool = False) -> list[ConsumerRecord]:
    """Every message of every stream, as it stands there; only what transactions committed when told so."""
    return await messages(bootstrap, topics(origin, recipient), committed=committed)


async def messages(bootstrap: str, names: Sequence[str], *, committed: bool = False) -> list[ConsumerRecord]:
    """Every message of the topics, to the ends that they have now."""
    level = "read_committed" if committed else "read_uncommitted"
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest", isolation_level=level,
        max_partition_fetch_bytes=8 * 1024 * 1024,
    )  # fmt: skip
    await consumer.start()
    try:
        places = sorted(await partitions({"bootstrap_servers": bootstrap}, names))
        consumer.assign(places)
        ends = await consumer.end_offsets(places)
        found: list[ConsumerRecord] = []
        async with asyncio.timeout(120):
            while any([await consumer.position(place) < end for place, end in ends.items()]):
                fetched = await consumer.getmany(timeout_ms=200)
                found += [record for records in fetched.values() for record in records]
        return found
    finally:
        await consumer.stop()


def entries_of(found: Sequence[ConsumerRecord]) -> list[tuple[Entry, bytes]]:
    """The entries that the messages stand for, with their leaf hashes."""
    return [entry for record in found for entry in _entries(record)]


def _entries(record: ConsumerRecord) -> list[tuple[Entry, bytes]]:
    stream, number, octets = stream_of(record.headers), number_of(record.headers) or 0, record.value or b""
    if dict(record.headers).get("ce_type", b"").endswith(b".Evicted"):
        gone = decode(octets, PUBLISHED)
        assert isinstance(gone, Evicted)
        return [((stream, gone.first + at), leaf) for at, leaf in enumerate(gone.leaves)]
    return [((stream, number), leaf_hash(octets))]


def back(origin: str, recipient: str, family: str) -> str:
    """The topic that leads from the recipient back to the sender."""
    return topic(recipient, origin, family)
