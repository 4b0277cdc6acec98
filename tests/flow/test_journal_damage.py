"""The journal's file damaged while the agent is down: found, the good prefix kept, told, and publishing goes on."""

import sqlite3
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from schemas.records import GapCause
from tests.support.line import line

pytestmark = pytest.mark.kafka
UNCONFIRMED = 60
"""Entries for which the journal has no receipt when it is damaged."""


def cut(file: Path) -> None:
    """A third of it is gone, as after a crash of a disk that lied about fsync."""
    octets = file.read_bytes()
    file.write_bytes(octets[: len(octets) * 2 // 3])


def flip(file: Path) -> None:
    """One bit in the middle of an entry."""
    db = sqlite3.connect(file)
    query = "SELECT octets FROM entries WHERE kind = 'Frame' ORDER BY number DESC LIMIT 1 OFFSET 20"
    (entry,) = db.execute(query).fetchone()
    db.close()
    octets = bytearray(file.read_bytes())
    octets[octets.index(entry) + len(entry) // 2] ^= 0x10
    file.write_bytes(octets)


@pytest.mark.parametrize("damage", [cut, flip])
async def test_a_damaged_journal_is_told_and_the_agent_goes_on(
    kafka: str, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    """What was published stays as it is, no number is given to another entry, and the damage is a gap."""
    async with line(tmp_path, kafka, holder=f"holder-{uuid4().hex[:8]}") as one:
        one.start_node()
        one.start_agent()
        await one.flowing()
        one.stop("node")  # no receipts: what comes now stays in the journal
        await one.makes(UNCONFIRMED)
        one.stop("agent")  # in order: the whole journal stands in its file
        before = dict(one.committed.sizes)
        damage(one.journal)
        one.start_node()
        one.start_agent()
        await one.flowing()
        verdict = await one.finish()
        evidence = await one.evidence()
    assert verdict.good, verdict
    assert one.committed.sizes[one.measurements] > before[one.measurements]
    assert GapCause.JOURNAL_DAMAGED in {gap.cause for gap in evidence.gaps}
