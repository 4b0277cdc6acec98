"""What will be written: a batch's facts as files, in the order in which its systems export them.

Faults reach in between: they change facts, sheets or files, and note what they did and what has to come of it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from hashlib import sha256
from itertools import pairwise
from typing import Any, Literal

from simulators.batch.astm import framed, message
from simulators.batch.b2mml import production_record
from simulators.batch.batch import DAY, MINUTE, Batch
from simulators.batch.dialects import Dialect, Sheet, dialect_of, sheet_of
from simulators.batch.facts import Fact
from simulators.batch.formats import octets_of
from simulators.batch.laboratory import ANALYSER
from simulators.batch.quality import DMS, text_of
from simulators.batch.whole import facts_of

ZONE = "Asia/Shanghai"
RECORD = "mes-record"
"""Where the MES puts its batch production record: the same batch once more, as a tree."""
Manner = Literal["rename", "slow", "unfinished"]


@dataclass(frozen=True)
class Draft:
    """A file before it is octets."""

    system: str
    kind: str
    name: str
    at: int
    facts: list[Fact]
    sheet: Sheet


@dataclass(frozen=True)
class File:
    """A file of an export folder. `at` is when it is written, Unix µs; `records` are keys and versions of its rows."""

    system: str
    kind: str
    name: str
    at: int
    octets: bytes
    dialect: str = ""
    records: tuple[tuple[str, int], ...] = ()
    manner: Manner = "rename"

    def line(self) -> dict[str, Any]:
        """As a line of the truth."""
        own = {"file": f"{self.system}/{self.name}", "at": self.at, "kind": self.kind, "dialect": self.dialect}
        whole = {"sha256": sha256(self.octets).hexdigest(), "octets": len(self.octets), "manner": self.manner}
        return {**own, **whole, "records": [list(one) for one in self.records]}

    def like(self, mark: str, octets: bytes, **changed: Any) -> "File":
        """Another file beside it, a minute earlier, named with a mark."""
        stem, dot, suffix = self.name.rpartition(".")
        return replace(
            self, name=f"{stem}-{mark}{dot}{suffix}", octets=octets, at=self.at - MINUTE, records=(), **changed
        )


@dataclass(frozen=True)
class Away:
    """A share that is unmounted from `at` to `back`: its folder is there and empty."""

    system: str
    at: int
    back: int


@dataclass(frozen=True)
class Site:
    """How the site exports: one dialect or each system its own; its zone and form of times where they differ."""

    dialect: str | None = None
    zone: str = ZONE
    time: str | None = None

    def dialect_of(self, system: str, kind: str) -> Dialect:
        """The dialect of a list."""
        own = dialect_of(system, kind, self.dialect)
        moved = replace(own, zone=self.zone) if self.zone != ZONE and own.zone == ZONE else own
        return replace(moved, time=self.time) if self.time else moved


@dataclass
class Plan:
    """All that there is to be written, and the truth about it."""

    batch: Batch
    site: Site
    facts: list[Fact]
    drafts: list[Draft] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    away: list[Away] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)
    until: int | None = None
    """Nothing later than this is exported, Unix µs; None where the batch is over."""

    def cut(self, until: int) -> None:
        """The batch runs still: only what was known by then."""
        self.until = until
        self.facts = [one for one in self.facts if one.told <= until]

    def note(self, fault: str, what: str, **details: Any) -> None:
        """Say what a fault did."""
        self.notes.append({"fault": fault, "what": what, **details})

    def draft(self) -> None:
        """Facts become sheets: at each round, each list of a system that has something new is a file."""
        lists = sorted({(one.system, one.kind) for one in self.facts if one.system != ANALYSER})
        for system, kind in lists:
            own = [one for one in self.facts if (one.system, one.kind) == (system, kind)]
            self.drafts += self._rounds(system, kind, own)

    def _rounds(self, system: str, kind: str, facts: list[Fact]) -> Iterator[Draft]:
        number, dialect = 0, self.site.dialect_of(system, kind)
        name = re.sub("(?<=[a-z])(?=[A-Z])", "-", kind).lower()
        for before, until in pairwise(rounds(self.batch, self.facts[-1].told, self.until)):
            new = [one for one in facts if before < one.told <= until]
            if new:
                number += 1
                file = f"{name}-{self.batch.number}-{number:02d}.{dialect.suffix}"
                yield Draft(system, kind, file, until, new, sheet_of(new, kind, dialect))

    def write(self) -> None:
        """Sheets become files; the batch record, the analyser's messages and the documents come beside them."""
        for one in self.drafts:
            records = tuple((fact.key, fact.version) for fact in one.facts)
            name = one.sheet.dialect.name
            self.files.append(File(one.system, one.kind, one.name, one.at, octets_of(one.sheet), name, records))
        number, end = self.batch.number, self.batch.ended + 45 * MINUTE
        if self.until is None:
            record = production_record(self.batch, self.site.zone)
            self.files.append(File(RECORD, "BatchProductionRecord", f"bpr-{number}.xml", end, record, "b2mml"))
        measured = [one for one in self.facts if one.system == ANALYSER]
        if measured:
            self.files.append(analysed(measured, self.site.zone, f"toc-{number}-01.astm", "F"))
        for document in self.batch.recipe.documents if self.until is None else ():
            octets = text_of(self.batch, document)
            self.files.append(File(DMS, "", f"documents/{document}.txt", self.batch.days(-1.5), octets))


def analysed(results: list[Fact], zone: str, name: str, status: str) -> File:
    """The message of an analyser, as a file."""
    at = max(one.told for one in results) + MINUTE
    records = tuple((one.key, one.version) for one in results)
    return File(ANALYSER, "TestResult", name, at, framed(message(results, zone, status)), "astm", records)


def rounds(batch: Batch, last: int, until: int | None = None) -> list[int]:
    """The moments at which all systems export: before the start, after each operation, then every third day.

    While the batch runs those up to `until`, the last of them then.
    """
    spans = batch.course.operations.values()
    moments = [0, batch.start - 60 * MINUTE, *(batch.at(span.ended) + 30 * MINUTE for span in spans)]
    while moments[-1] < last:
        moments.append(moments[-1] + 3 * DAY)
    return moments if until is None else [*(moment for moment in moments if moment < until), until]


def plan_of(batch: Batch, site: Site) -> Plan:
    """A plan with the facts alone."""
    return Plan(batch, site, facts_of(batch))
