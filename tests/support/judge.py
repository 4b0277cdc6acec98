"""What a run did to the data: lost, duplicated, undetected. Pure; what it looks at is gathered in `evidence.py`.

- lost: an entry that the agent had committed, or a scan that the device gave and no gap covers, and the archive or the
  topic does not have it.
- duplicated: the same number of a stream, the same sample or the same record twice in the archive.
- undetected: a value that the device never gave, an entry with another content than was committed, a time in which
  nobody looked and that no gap tells; and nothing said so.

Repeats are messages that stand in a topic more than once, byte for byte.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from uuid import UUID

from schemas.records import Gap
from tests.support.truth import COUNTERS

HOLE = 5_000_000
"""Microseconds without a scan that have to be told. Shorter ones are a busy machine."""
LISTED = 10
"""How many of a kind a verdict lists."""
HONEST = {"duplicate", "late_seal", "silent_stream"}
"""What a verifier may say of a sender that altered nothing, but was killed or cut off."""

Entry = tuple[str, int]
"""Stream and number."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One row of the archive; `value` is None where the device gave none. `received` is UTC microseconds."""

    tag: str
    value: int | None
    received: int


@dataclass(slots=True)
class Evidence:
    """What a run left behind. Leaf hashes by entry."""

    served: Mapping[int, int] = field(default_factory=dict)
    """The time of each scan that the device gave, UTC microseconds."""
    committed: Mapping[Entry, bytes] = field(default_factory=dict)
    """Entries that were seen in the agent's journal."""
    sizes: Mapping[str, int] = field(default_factory=dict)
    """The last number that the journal gave in each stream."""
    archived: Sequence[tuple[Entry, bytes]] = ()
    """Entries in the archive, one for each time that they stand there."""
    samples: Sequence[Sample] = ()
    records: Sequence[UUID] = ()
    """Ids of alarms and gaps in the archive, one for each time that they stand there."""
    gaps: Sequence[Gap] = ()
    findings: Sequence[str] = ()
    """Codes of the findings in the archive."""
    quarantined: int = 0
    topic: Sequence[tuple[Entry, bytes]] = ()
    """Entries in the topics, one for each time that they stand there."""


@dataclass(slots=True)
class Verdict:
    """A line for each fault; empty lists are what is hoped for."""

    lost: list[str]
    duplicated: list[str]
    undetected: list[str]
    accused: list[str]
    """Findings that say of an honest run that it was not."""
    repeats: int
    samples: int

    @property
    def good(self) -> bool:
        """Whether nothing is wrong; repeats in a topic are not."""
        return not (self.lost or self.duplicated or self.undetected or self.accused)

    def __str__(self) -> str:
        """The counts, then the first faults of each kind."""
        named = ("lost", self.lost), ("duplicated", self.duplicated), ("undetected", self.undetected)
        counts = ", ".join(f"{name} {len(faults)}" for name, faults in named)
        lines = [f"{name}: {one}" for name, faults in (*named, ("accused", self.accused)) for one in faults[:LISTED]]
        return "\n".join([f"{counts} (samples: {self.samples}, repeats in the topic: {self.repeats})", *lines])


def judge(evidence: Evidence) -> Verdict:
    """What became of everything that was served and committed."""
    distinct = set(evidence.topic)
    return Verdict(
        lost=[*_lost_entries(evidence), *_lost_scans(evidence)],
        duplicated=list(_duplicated(evidence)),
        undetected=[*_invented(evidence), *_altered(evidence), *_untold_holes(evidence)],
        accused=_accused(evidence),
        repeats=len(evidence.topic) - len(distinct),
        samples=len(evidence.samples),
    )


def _accused(evidence: Evidence) -> list[str]:
    codes = [code for code in evidence.findings if code not in HONEST]
    return codes + ["an entry in quarantine"] * evidence.quarantined


def _lost_entries(evidence: Evidence) -> Iterator[str]:
    for where, there in (("archive", evidence.archived), ("topic", evidence.topic)):
        entries = {entry for entry, _ in there}
        for stream, size in evidence.sizes.items():
            missing = [number for number in range(1, size + 1) if (stream, number) not in entries]
            yield from (f"{stream} number {number} is not in the {where}" for number in missing)


def _lost_scans(evidence: Evidence) -> Iterator[str]:
    """Scans of which not every counter is archived. The last one may have been under way when the agent ended."""
    values: dict[int, set[int]] = {}
    bad: list[int] = []
    for sample in (one for one in evidence.samples if one.tag.startswith("T.Count")):
        if sample.value is None:
            bad.append(sample.received)
        else:
            values.setdefault(sample.value // COUNTERS, set()).add(sample.value)
    scans = sorted(evidence.served)
    ends = [evidence.served[scan] for scan in scans[1:]]
    for scan, end in zip(scans, ends, strict=False):
        begin = evidence.served[scan]
        if len(values.get(scan, ())) == COUNTERS:
            continue
        if not any(_covers(gap, begin, end) for gap in evidence.gaps) and not any(begin <= at <= end for at in bad):
            yield f"scan {scan} of {begin} is not in the archive, and no gap tells it"


def _covers(gap: Gap, begin: int, end: int) -> bool:
    """Whether the gap touches the time from one scan to the next, in which the agent received it."""
    return gap.began <= end and (gap.ended is None or gap.ended >= begin)


def _duplicated(evidence: Evidence) -> Iterator[str]:
    entries = Counter(entry for entry, _ in evidence.archived)
    yield from (f"{stream} number {number} stands {n} times" for (stream, number), n in entries.items() if n > 1)
    samples = Counter((s.tag, s.value) for s in evidence.samples if s.tag.startswith("T.Count") and s.value is not None)
    yield from (f"{tag} = {value} stands {n} times" for (tag, value), n in samples.items() if n > 1)
    records = Counter(evidence.records)
    yield from (f"record {id_} stands {n} times" for id_, n in records.items() if n > 1)


def _invented(evidence: Evidence) -> Iterator[str]:
    for sample in evidence.samples:
        if sample.value is None or not sample.tag.startswith("T.Count"):
            continue
        scan, index = divmod(sample.value, COUNTERS)
        given = evidence.served.get(scan)
        if given is None or sample.tag != f"T.Count{index}" or sample.received < given:
            yield f"{sample.tag} = {sample.value} at {sample.received} was never given"


def _altered(evidence: Evidence) -> Iterator[str]:
    archived = dict(evidence.archived)
    for where, there in (("journal", evidence.committed.items()), ("topic", evidence.topic)):
        for entry, leaf in there:
            if entry in archived and archived[entry] != leaf:
                yield f"{entry[0]} number {entry[1]} has another content in the {where} than in the archive"


def _untold_holes(evidence: Evidence) -> Iterator[str]:
    times = sorted(evidence.served.values())
    for before, after in pairwise(times):
        if after - before > HOLE and not any(_covers(gap, before, after) for gap in evidence.gaps):
            yield f"nobody looked from {before} to {after}, and no gap tells it"
