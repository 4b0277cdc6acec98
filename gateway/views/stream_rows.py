"""One stream, a page of numbers at a time, newest first: what stands under each, and what is missing. Pure."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from gateway.archive import evidence as kept
from gateway.archive.archive import Archive
from gateway.archive.numbers import (
    Aside,
    entries_at,
    entries_between,
    kept_aside,
    number_from,
    of_kind_after,
    of_kind_to,
)
from gateway.archive.record import OWN, Entry, findings_on, last_number, told_schemas
from gateway.intake.inspection import Standing
from gateway.link.topics import stream_named
from gateway.views.brief import Brief, brief
from gateway.views.display import Clock
from gateway.views.streams import FindingRow, Numbers, StreamRow, finding_row, stream_row
from schemas.catalogue import EVERYWHERE, FAMILIES, KINDS, Schema
from schemas.codec import HEAD, DecodeError, decode
from schemas.withheld_fields import shown

PAGE = 50
"""Numbers on a page."""
LISTED = 100
"""Findings and entries in quarantine that are listed."""
EVERY = 0, 2**63 - 1
"""Numbers of all findings, also of those that tell none."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Which page: the one that ends with the number `to`, or the one around the first number of a time (`at`, UTC
    microseconds); of one `kind`, where it is given. Without all that, the newest.
    """

    to: int | None = None
    at: int | None = None
    kind: str | None = None


def asked_number(given: str | None) -> int | None:
    """The number that an address asks for; None where it asks for none. Raises ValueError where it is unclear."""
    text = (given or "").replace(" ", "")
    if text and not (text.isascii() and text.isdigit() and len(text) < 19):
        raise ValueError("to is a number of the stream")
    return int(text) if text else None


def asked_of(query: Mapping[str, str], clock: Clock) -> Asked:
    """The page that an address asks for. Raises ValueError where it is unclear."""
    at, kind = query.get("at", ""), query.get("kind") or None
    if kind is not None and kind not in KINDS:
        raise ValueError(f"there is no kind {kind!r}")
    to = asked_number(query.get("to"))
    try:
        return Asked(to, clock.instant(at) if at else None, kind)
    except OverflowError as error:
        raise ValueError("at is an ISO 8601 time of this age") from error


class Here(StrEnum):
    """What stands under a number."""

    RECORD = "RECORD"
    UNREADABLE = "UNREADABLE"
    LEAF = "LEAF"
    """Only its leaf hash: the content made room at the sender."""
    MISSING = "MISSING"
    """A seal counts it, and it has not come."""
    NOTHING = "NOTHING"
    """Numbers behind it have come, and no seal counts it yet."""


@dataclass(frozen=True, slots=True)
class NumberRow:
    """A number, or a run of numbers that are not here: `first` to `last`. `leaf` is in hexadecimal.

    `proven` says that a seal covers it. `brief` is None where there is nothing to read, `size` counts octets.
    """

    first: int
    last: int
    here: Here
    proven: bool
    kind: str = ""
    leaf: str | None = None
    size: int | None = None
    brief: Brief | None = None


@dataclass(frozen=True, slots=True)
class StreamPage:
    """`rows` are newest first, `last` is the highest number of the stream. `older` and `newer` are the number with
    which the page before and after this one ends, None where there is none. `found` is the number of the time that was
    asked for; None where it was not, or where all is older. `kinds` may stand in this stream.
    """

    stream: StreamRow
    asked: Asked
    rows: Sequence[NumberRow]
    last: int
    older: int | None
    newer: int | None
    found: int | None
    kinds: Sequence[str]
    findings: Sequence[FindingRow]
    aside: Sequence[Aside]


def stream_page(name: str, standing: Standing, asked: Asked, now: int) -> Callable[[Archive], StreamPage]:
    """The question to the archive; `standing` is how far the stream is proven."""

    def ask(archive: Archive) -> StreamPage:
        told = {name: ranges} if (ranges := kept.told_missing(archive).get(name)) else {}
        numbers = Numbers(told, kept.held(archive, told), kept.leaves_only(archive))
        row = stream_row(name, standing, numbers, now)
        last = max(last_number(archive, name) or 0, standing.received)
        found = None if asked.at is None else number_from(archive, name, asked.at)
        to = _end(asked, found, last)
        entries, span = _entries(archive, name, asked.kind, to)
        rows = _rows(archive, entries, span, row)
        older, newer = _beside(archive, name, asked.kind, rows, last)
        findings = [finding_row(one, {name: standing}, numbers) for one in findings_on(archive, name, EVERY, LISTED)]
        aside = kept_aside(archive, name, LISTED)
        return StreamPage(row, asked, rows, last, older, newer, found, kinds_of(name), findings, aside)

    return ask


def kinds_of(stream: str) -> tuple[str, ...]:
    """The kinds that its family may carry; none where the name is not one of ours."""
    named = stream_named(stream)
    return () if named is None else (*FAMILIES[named.family].kinds, *EVERYWHERE[:1])


def _end(asked: Asked, found: int | None, last: int) -> int:
    """The highest number to show: what is looked for by its time stands in the middle."""
    if asked.at is not None:
        return last if found is None else min(found + PAGE // 2, last)
    return last if asked.to is None else min(asked.to, last)


def _entries(archive: Archive, name: str, kind: str | None, to: int) -> tuple[list[Entry], tuple[int, int] | None]:
    """What is here, and the numbers that were asked for, where every one of them was."""
    if kind is not None:
        return entries_at(archive, name, of_kind_to(archive, name, kind, to, PAGE)), None
    span = max(1, to - PAGE + 1), to
    return entries_between(archive, name, *span), span


def _beside(
    archive: Archive, name: str, kind: str | None, rows: Sequence[NumberRow], last: int
) -> tuple[int | None, int | None]:
    """With which number the older and the newer page end."""
    if not rows:
        return None, None
    low, high = rows[-1].first, rows[0].last
    if kind is None:
        return low - 1 if low > 1 else None, min(high + PAGE, last) if high < last else None
    newer = of_kind_after(archive, name, kind, high, PAGE)
    older = of_kind_to(archive, name, kind, low - 1, 1)
    return older[0] if older else None, newer[-1] if newer else None


def _rows(
    archive: Archive, entries: Sequence[Entry], span: tuple[int, int] | None, stream: StreamRow
) -> list[NumberRow]:
    known = _known(archive, entries)
    rows: list[NumberRow] = []
    expected = None if span is None else span[0]
    for entry in entries:
        if expected is not None and entry.number > expected:
            rows += _absent(expected, entry.number - 1, stream)
        rows.append(_row(entry, known, proven=entry.number <= stream.verified))
        expected = None if expected is None else entry.number + 1
    if expected is not None and span is not None and expected <= span[1]:
        rows += _absent(expected, span[1], stream)
    return rows[::-1]


def _known(archive: Archive, entries: Sequence[Entry]) -> Mapping[bytes, Schema]:
    """What they are read by: the stream is asked for its schemas only where this version has other ones."""
    named = {entry.octets[2:HEAD] for entry in entries if entry.octets is not None}
    return OWN if named <= OWN.keys() else told_schemas(archive, entries[0].stream)


def _absent(first: int, last: int, stream: StreamRow) -> list[NumberRow]:
    """A run of numbers that are not here, cut where a finding says that they are missing."""
    rows, at = list[NumberRow](), first
    for told in stream.missing:
        low, high = max(told[0], at), min(told[1], last)
        if low > high:
            continue
        if at < low:
            rows.append(NumberRow(at, low - 1, Here.NOTHING, proven=False))
        rows.append(NumberRow(low, high, Here.MISSING, proven=False))
        at = high + 1
    return [*rows, NumberRow(at, last, Here.NOTHING, proven=False)] if at <= last else rows


def _row(entry: Entry, known: Mapping[bytes, Schema], *, proven: bool) -> NumberRow:
    number, leaf = (entry.number, entry.number), entry.leaf.hex()
    if entry.octets is None:
        return NumberRow(*number, Here.LEAF, proven, entry.kind, leaf)
    said = None
    with suppress(DecodeError):
        said = brief(shown(decode(entry.octets, known)))
    here = Here.UNREADABLE if said is None else Here.RECORD
    return NumberRow(*number, here, proven, entry.kind, leaf, len(entry.octets), said)
