"""For random agreements, stays and records: each holder gets what a plain reading of the clauses gives it, no more."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any
from uuid import uuid4

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.agreement.routing.frames import part
from gateway.agreement.routing.router import Router
from schemas.codec import Record, encode
from schemas.context import Assignment
from schemas.exported import BatchStep, EquipmentUse, QualityEvent, QualityMatter, StepEvent, Use
from schemas.frame import Frame, Row
from schemas.records import Alarm, AlarmEvent, AlarmState, Gap, GapCause, Weighing, WeighingMethod
from tests.gateway.agreement.routing.making import (
    BEGIN,
    LINE,
    MINUTE,
    Version,
    Versions,
    agreement,
    at,
    clause,
    frame,
    plant,
    router,
    stay,
    table,
)  # fmt: skip

ROOMS = ("ROOM1", "ROOM2", "ROOM3")
TAGS = {"R1.T": "ROOM1", "R1.P": "ROOM1", "R2.T": "ROOM2", "R3.T": "ROOM3", "WFI.T": None, "R2.Batch": "ROOM2"}
HOLDERS = {"anning": ("PA1", "PA2"), "baiyao": ("PB1",), "chenkang": ("PC1", "PC2")}
ALSO = {"PA1": ("pa-one",), "PB1": ("pb-one",)}
BATCHES = {"A-7001": "PA1", "A-7002": "pa-one", "A-7003": "PA2", "B-8001": "PB1", "B-8002": "pb-one", "C-9001": "PC1"}
UNKNOWN = {"X-5001": None, "Y-5002": "NOBODYS"}
EVER = 2**62
MINUTES = st.sampled_from(range(0, 120, 5)) | st.integers(0, 120)


@dataclass(frozen=True)
class Case:
    """One plant with its agreements, what is known of batches, and the records that come."""

    versions: Versions
    stays: tuple[Assignment, ...]
    records: tuple[Record, ...]


@st.composite
def clauses(draw: st.DrawFn, holder: str, number: int) -> Any:
    places = {
        "rooms": draw(st.sampled_from([["ROOM1", "ROOM2", "ROOM3"], ["ROOM1", "ROOM2"], ["ROOM3"], ["ROOM2"], []])),
        "tags": draw(st.lists(st.sampled_from(["WFI.*", "R?.T", "R2.*"]), unique=True, max_size=1)),
        "equipment": draw(st.lists(st.sampled_from(["FL3", "FL4"]), max_size=1)),
    }
    always = any(places.values()) and draw(st.integers(0, 4)) == 0
    lines = draw(st.sampled_from([[LINE], [LINE], [LINE], [LINE, "line-4"], ["line-4"]]))
    families = draw(st.sampled_from([["measurements", "alarms", "gaps"], ["batches", "weighings"], ["measurements"]]))
    wide = draw(st.integers(0, 4)) < 4
    return clause(
        f"E-{number}", **places, lines=lines, when="always" if always else "batch",
        families=["measurements", "alarms", "gaps", "weighings", "batches", "quality"] if wide else families,
        products=draw(st.lists(st.sampled_from(HOLDERS[holder]), unique=True, max_size=1)),
        before=draw(st.sampled_from([0, 0, 10, 45])), after=draw(st.sampled_from([0, 0, 10, 45])),
        decided_by=draw(st.sampled_from([[], [], [], ["ROOM1"], ["ROOM2", "ROOM3"]])),
    )  # fmt: skip


@st.composite
def versions(draw: st.DrawFn) -> Versions:
    found = []
    for holder, products in HOLDERS.items():
        codes = {code: ALSO.get(code, ()) for code in products}
        some = [draw(clauses(holder, number)) for number in range(draw(st.sampled_from([2, 1, 3, 0])))]
        change = draw(st.sampled_from([None, None, *range(10, 120, 10)]))
        if change is None:
            found.append(Version(agreement(holder, codes, *some)))
            continue
        found.append(Version(agreement(holder, codes, *some), ends=at(change)))
        if draw(st.integers(0, 3)):
            others = [draw(clauses(holder, number)) for number in range(draw(st.integers(0, 2)))]
            found.append(Version(agreement(holder, codes, *others, version=2), begins=at(change)))
    return Versions(tuple(found))


@st.composite
def stays(draw: st.DrawFn) -> Assignment:
    batch, product = draw(st.sampled_from(sorted((BATCHES | BATCHES | UNKNOWN).items(), key=str)))
    began, length = draw(MINUTES), draw(st.sampled_from([None, 0, *range(10, 70, 5)]))
    ended = None if length is None else began + length
    return stay(batch, product, draw(st.sampled_from(ROOMS)), began, ended, key=str(draw(st.integers(0, 9))))


TABLES = [table(TAGS), table({"R1.P": "ROOM1", "R1.T": "ROOM1"}), table({"WFI.T": None, "R2.Batch": "ROOM2"})]


@st.composite
def frames(draw: st.DrawFn) -> Frame:
    tags, one = draw(st.sampled_from(TABLES)), draw(MINUTES)
    rows = []
    for _ in range(draw(st.integers(1, 8))):
        name, time = draw(st.sampled_from(tags.names)), draw(st.sampled_from([one, one, one, None]) | MINUTES)
        value: Any = draw(st.sampled_from([*BATCHES, *UNKNOWN, "-", ""])) if name == "R2.Batch" else 1.5
        rows.append((name, value, time))
    return frame(tags, rows, received=one)


@st.composite
def alarms(draw: st.DrawFn) -> Alarm:
    tag, time = draw(st.sampled_from([name for name in TAGS if name != "R2.Batch"])), draw(MINUTES)
    batches = draw(st.lists(st.sampled_from([*BATCHES, *UNKNOWN]), unique=True, max_size=2))
    return Alarm(
        alarm=uuid4(), condition=f"{tag}.HIGH", tag=tag, event=AlarmEvent.RAISED, state=AlarmState.UNACKNOWLEDGED,
        time=at(time), since=at(time - draw(st.sampled_from([0, 0, 5, 30]))), limit=1.0, deadband=0.1, on_delay=0.0,
        unit="1", room=TAGS[tag], line=LINE, batch=", ".join(batches) or None,
    )  # fmt: skip


@st.composite
def others(draw: st.DrawFn) -> Record:  # noqa: PLR0911 - one for each kind
    began, length = draw(MINUTES), draw(st.integers(0, 40))
    batch = draw(st.sampled_from([*BATCHES, *UNKNOWN]))
    room, equipment = draw(st.sampled_from(ROOMS)), draw(st.sampled_from(["FL3", "FL5"]))
    common: Any = {"system": "mes", "key": "k", "line": LINE, "time": at(began + length)}
    match draw(st.integers(0, 6)):
        case 0:
            tags = draw(st.lists(st.sampled_from(sorted(TAGS)), unique=True, max_size=2))
            ended = draw(st.sampled_from([None, at(began + length)]))
            return Gap(gap=uuid4(), source=draw(st.sampled_from(["ems", "ems", "edge"])), tags=tuple(tags),
                       began=at(began), ended=ended, cause=GapCause.OTHER, detail="", line=LINE)  # fmt: skip
        case 1:
            return Weighing(
                source="scale", tag="R1.T", method=WeighingMethod.COMMAND, accepted=True, calibration_due=1,
                minimum=0.0, low=0.0, high=1.0, time=at(began), line=LINE,
                batch=draw(st.sampled_from([batch, batch, None])),
            )  # fmt: skip
        case 2:
            return BatchStep(**common, batch=batch, step="fill", event=StepEvent.STARTED, room=room)
        case 3:
            return EquipmentUse(**common, equipment=equipment, use=Use.CLEANING, began=at(began),
                                room=draw(st.sampled_from([room, None])))  # fmt: skip
        case 4:
            return QualityEvent(**common, what=QualityMatter.CHANGE, reference="C-1", title="t", status="open",
                                room=draw(st.sampled_from([room, None])))  # fmt: skip
        case 5:
            return QualityEvent(**common, what=QualityMatter.DEVIATION, reference="D-1", title="t", status="open",
                                batch=batch, product=draw(st.sampled_from([None, BATCHES.get(batch)])))  # fmt: skip
        case _:
            return stay(batch, (BATCHES | UNKNOWN)[batch], room, began, None)


CASES = st.builds(
    Case, versions(), st.lists(stays(), min_size=3, max_size=8).map(tuple),
    st.lists(st.one_of(frames(), frames(), alarms(), others()), min_size=3, max_size=6).map(tuple),
)  # fmt: skip


class Plain:
    """The clauses, read as a person reads them: one row, one clause and one stay after the other."""

    def __init__(self, case: Case) -> None:
        last = {(one.place, one.key): one for one in case.stays}  # of each key the last of one version
        self.stays = [one for one in last.values() if one.ended is None or one.began < one.ended]
        self.versions = case.versions

    def terms(self, holder: str, moment: int) -> Sequence[Any]:
        return [one.agreement for one in self.versions.at(moment) if one.agreement.holder.id == holder]

    def own(self, holder: str, product: str | None) -> bool:
        return any(product == code or product in ALSO.get(code, ()) for code in HOLDERS[holder])

    def meant(self, holder: str, one: Any, product: str | None) -> bool:
        codes = one.products or HOLDERS[holder]
        return any(product == code or product in ALSO.get(code, ()) for code in codes)

    def there(self, holder: str, one: Any, rooms: Sequence[str], moment: int) -> bool:
        """Whether a batch that is meant is in one of the rooms, or a margin of its stay reaches so far."""
        near = [other for other in self.stays if other.place in (one.decided_by or rooms)]
        foreign = [other for other in near if not self.own(holder, other.product)]
        for other in near:
            ended = EVER if other.ended is None else other.ended
            if not self.meant(holder, one, other.product):
                continue
            if other.began <= moment < ended:
                return True
            if other.began - one.before * MINUTE <= moment < other.began and not any(
                between.began < other.began and (between.ended is None or between.ended > moment) for between in foreign
            ):
                return True
            if ended <= moment < ended + one.after * MINUTE and not any(
                between.began <= moment and (between.ended is None or between.ended > ended) for between in foreign
            ):
                return True
        return False

    def gets(  # noqa: PLR0917 - all of them say what, where and when
        self, holder: str, family: str, tag: str | None, rooms: Sequence[str], span: tuple[int, int], version: int,
        *, equipment: str | None = None,
    ) -> bool:  # fmt: skip
        """By place and time: at any moment of the span, for which it is enough to look at where something changes."""
        moments = {moment for moment in (*span, *self.changes()) if span[0] <= moment <= span[1]}
        for one in (one for agreed in self.terms(holder, version) for one in agreed.exchange):
            about = any(room in one.rooms for room in rooms) or equipment in one.equipment
            about = about or (tag is not None and any(fnmatchcase(tag, pattern) for pattern in one.tags))
            families = {"gaps", "measurements"} if family == "gaps" else {family}
            if not about or LINE not in one.lines or not families & set(one.families):
                continue
            if one.when == "always" or any(self.there(holder, one, rooms, moment) for moment in moments):
                return True
        return False

    def changes(self) -> Iterator[int]:
        every = [one for version in self.versions.versions for one in version.agreement.exchange]
        margins = {0, *(one.before for one in every), *(one.after for one in every)}
        for one in self.stays:
            for edge in (one.began, one.ended):
                if edge is not None:
                    yield from (edge + sign * margin * MINUTE for margin in margins for sign in (1, -1))

    def row(self, holder: str, row: Row, received: int) -> bool:
        time = received if row.source_time is None else row.source_time
        names = row.tag == "R2.Batch" and row.value not in ("", "-", None)
        if names and not self.own(holder, (BATCHES | UNKNOWN)[str(row.value)]):
            return False
        rooms = [] if row.room is None else [row.room]
        return self.gets(holder, "measurements", row.tag, rooms, (time, time), time)

    def named(self, holder: str, family: str, record: Any) -> bool:
        product = getattr(record, "product", None) or (BATCHES | UNKNOWN)[record.batch]
        for one in (one for agreed in self.terms(holder, record.time) for one in agreed.exchange):
            if family not in one.families or LINE not in one.lines or not self.meant(holder, one, product):
                continue
            if not (one.rooms or one.tags or one.equipment):
                return True
            room = TAGS[record.tag] if isinstance(record, Weighing) else getattr(record, "room", None)
            tag = getattr(record, "tag", None)
            if room in one.rooms or (tag is not None and any(fnmatchcase(tag, pattern) for pattern in one.tags)):
                return True
        return False

    def other(self, holder: str, record: Any) -> bool:  # noqa: PLR0911 - one for each kind
        """Of a record that is no frame."""
        match record:
            case Alarm():
                rooms = [] if record.room is None else [record.room]
                return self.gets(holder, "alarms", record.tag, rooms, (record.since, record.time), record.time)
            case Gap():
                end = record.began if record.ended is None else record.ended
                if record.source == "edge":
                    return bool(self.terms(holder, end))
                return any(
                    self.gets(holder, "gaps", tag, [room for room in [TAGS[tag]] if room], (record.began, end), end)
                    for tag in record.tags or TAGS
                )
            case Assignment():
                return bool(self.terms(holder, record.time)) and self.own(holder, record.product)
            case Weighing() if record.batch is None:
                return self.gets(holder, "weighings", record.tag, ["ROOM1"], (record.time, record.time), record.time)
            case EquipmentUse():
                rooms = [] if record.room is None else [record.room]
                span = (record.began, record.time or 0)
                return self.gets(
                    holder, "batches", None, rooms, span, span[1], equipment=record.equipment
                )  # fmt: skip
            case QualityEvent() if record.batch is None:
                rooms = [] if record.room is None else [record.room]
                return self.gets(holder, "quality", None, rooms, (record.time or 0,) * 2, record.time or 0)
        family = {Weighing: "weighings", BatchStep: "batches", QualityEvent: "quality"}[type(record)]
        return self.named(holder, family, record)


def routed(case: Case) -> tuple[Router, dict[str, list[Record]]]:
    """The records as each holder gets them."""
    where = plant(TAGS, naming=frozenset(["R2.Batch"]), no_batch=frozenset(["", "-"]))
    by = router(case.versions, where, products={name: product or "" for name, product in BATCHES.items()})
    for one in case.stays:
        by.learn(one)
    got: dict[str, list[Record]] = {holder: [] for holder in HOLDERS}
    for record in case.records:
        if isinstance(record, Frame):
            for holders, rows in by.shares(record):
                for holder in holders:
                    got[holder].append(record if rows is None else part(record, rows))
            continue
        for sent in by.sent(record, BEGIN):
            got[sent.decision.holder].append(sent.record)
    return by, got


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(CASES)
def test_every_row_and_record_reaches_exactly_the_holders_that_the_clauses_name(case: Case) -> None:
    """Against a plain reading, row by row; and what a holder gets holds no batch number or product of another."""
    plain, (_, got) = Plain(case), routed(case)
    for holder in HOLDERS:
        expected: list[Any] = []
        for record in case.records:
            if isinstance(record, Frame):
                expected += [row for row in record.rows() if plain.row(holder, row, record.received)]
            elif plain.other(holder, record):
                expected.append(record.id)
        found: list[Any] = []
        for record in got[holder]:
            found += list(record.rows()) if isinstance(record, Frame) else [record.id]
        assert repr(found) == repr(expected)
        octets = b"".join(encode(replace(record, line=LINE) if isinstance(record, Gap) else record)
                          for record in got[holder])  # fmt: skip
        foreign = {word for batch, code in (BATCHES | UNKNOWN).items() if not plain.own(holder, code)
                   for word in (batch, code) if word is not None}  # fmt: skip
        assert not [word for word in foreign if word.encode() in octets]
