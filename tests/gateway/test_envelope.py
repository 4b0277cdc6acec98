"""Keys and headers, made anew from the entry and compared."""

from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.route import Route
from gateway.access.log import draft_of
from gateway.envelope import KEY, altered, differing
from gateway.journal.journal import Draft, Numbered
from gateway.link.messages import Outgoing, messages
from gateway.link.topics import Stream, headers
from gateway.notices.routed import drafts_of, drafts_of_signer
from gateway.proof.findings import Code
from gateway.proof.keys import Role, generate
from gateway.proof.merkle import leaf_hash
from gateway.redaction.redact import Reason, redact
from schemas import context, exported, records
from schemas.access import Access
from schemas.catalogue import FAMILIES, KINDS, schema
from schemas.codec import Record, decode, encode, kind_of
from schemas.derived import shapes
from schemas.opening import Opening
from schemas.records import AlarmEvent, AlarmState, Condition, ConditionReport, Evicted
from tests.gateway.messages import alarm, frame, gap, weighing
from tests.gateway.notices.steps import raised
from tests.gateway.signing.persons import said

NUMBER = 1234
SENDER = generate("cmo-a", Role.SENDER, "line-3")
STREAM = "cmo-a.line-3.holder-b.measurements.v1"
ROUTE = Route(
    {one.name: [Stream("cmo-a", "line-3", "cmo-a" if one.home else "holder-b", one.name)] for one in FAMILIES.values()}
)
PUBLISHED = {schema(kind).fingerprint: schema(kind) for kind in KINDS}
TIME = 1_800_000_000_123_456


def least(kind: type[Any]) -> Any:
    """A record of another system with nothing but what it must have."""
    some: dict[type, Any] = {str: "x", int: TIME, float: 1.0}
    wanted: dict[str, Any] = {one.name: one.type for one in shapes(kind) if one.required}
    return kind(**{name: some.get(sort) or next(iter(sort)) for name, sort in wanted.items()})


ROUTED: list[Record] = [
    frame({"dp": 12.5}, received=TIME, source="ems"),
    alarm(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, TIME, alarm=uuid4()),
    gap(TIME - 7, TIME),
    gap(TIME - 7, None),
    weighing(TIME),
    Condition(
        source="ems", report=ConditionReport.TOLD, condition="ns=2;s=High", event=b"\1", received=TIME, retain=True
    ),
    Opening(stream=STREAM, record=uuid4(), kind="Weighing", field="operator", clause="E-6", disclosed="[]", time=TIME),
    *map(least, (exported.KINDS | context.KINDS).values()),
    *redact(least(exported.BatchStep), STREAM, {"step": Reason("E-7")})[1],
]


def published(draft: Draft, octets: bytes | None) -> Outgoing:
    """The message that the publisher makes of an entry of the journal."""
    entry = Numbered(draft.stream, NUMBER, draft.kind, draft.key, draft.time, leaf_hash(draft.octets), octets)
    (message,) = messages([entry], SENDER)
    return message


def made_by_the_sender() -> list[tuple[str, Record, Outgoing]]:
    """One message of each kind, as it goes out, with the stream it is of and the record in it."""
    drafts = [draft for record in ROUTED for draft in ROUTE(record)]
    text = records.Schema(fingerprint=schema("Frame").fingerprint, text=schema("Frame").text)
    drafts.append(draft_of("holder-b.holder-b.cmo-a.access.v1", least(Access)))
    drafts += drafts_of(raised())
    drafts += drafts_of_signer(said(), ["holder-b"])
    drafts.append(Draft(STREAM, "Schema", text.fingerprint, TIME, encode(text)))
    whole = [(draft.stream, published(draft, draft.octets)) for draft in drafts]
    whole.append((STREAM, published(drafts[0], None)))
    return [(stream, decode(message.octets, PUBLISHED), message) for stream, message in whole]


MADE = made_by_the_sender()


def test_every_kind_is_tried_here() -> None:
    """Also one that is added later."""
    assert {kind_of(record) for _, record, _ in MADE} == set(KINDS)


@pytest.mark.parametrize(("stream", "record", "message"), MADE)
def test_what_the_sender_makes_fits_its_entry(stream: str, record: Record, message: Outgoing) -> None:
    """Key and all headers, of every kind of record, also in the place of entries that made room."""
    given_headers = dict(message.headers)
    assert differing(stream, NUMBER, record, message.key, given_headers) == []
    assert differing(stream, NUMBER, None, message.key, given_headers) == []
    assert altered(stream, NUMBER, record, message.key, given_headers, now=0) is None


@pytest.mark.parametrize(("stream", "record", "message"), MADE)
def test_every_changed_byte_is_named(stream: str, record: Record, message: Outgoing) -> None:
    """Of the key, of a header's value and of its name, with any bit."""
    unnoticed = []
    whole = dict(message.headers)
    for bit in range(8):
        for name, value in whole.items():
            for at in range(len(value)):
                changed = value[:at] + bytes([value[at] ^ 1 << bit]) + value[at + 1 :]
                if differing(stream, NUMBER, record, message.key, whole | {name: changed}) != [name]:
                    unnoticed.append((name, at, bit))
            for at in range(len(name)):
                other = name[:at] + chr(ord(name[at]) ^ 1 << bit) + name[at + 1 :]
                renamed = {other if one == name else one: value for one, value in whole.items()}
                if set(differing(stream, NUMBER, record, message.key, renamed)) != {name, other}:
                    unnoticed.append((name, at, bit))
        for at in range(len(message.key)):
            key = message.key[:at] + bytes([message.key[at] ^ 1 << bit]) + message.key[at + 1 :]
            if differing(stream, NUMBER, record, key, whole) != [KEY]:
                unnoticed.append((KEY, at, bit))
    assert unnoticed == []


@pytest.mark.parametrize("name", [name for name, _ in headers(STREAM, "Frame", 1, TIME)])
def test_a_header_that_is_gone_is_named(name: str) -> None:
    """Each of them."""
    stream, record, message = MADE[0]
    fewer = {one: value for one, value in message.headers if one != name}
    assert differing(stream, NUMBER, record, message.key, fewer) == [name]


def test_a_header_that_nobody_needs_is_named() -> None:
    """Also one with a name that could harm a terminal."""
    stream, record, message = MADE[0]
    finding = altered(stream, NUMBER, record, message.key, dict(message.headers) | {"\x1b[2J": b""}, now=5.0)
    assert finding is not None
    assert (finding.code, finding.first, finding.leaf, finding.found) == (Code.ALTERED, NUMBER, None, 5.0)
    assert str(finding).endswith("not as the entry says: '\\x1b[2J'")


def test_of_an_unreadable_record_the_rest_is_compared() -> None:
    """Its type, time and key are not known."""
    _, _, message = MADE[0]
    known = dict(message.headers) | {"ce_type": b"?", "ce_time": b"?", "content-type": b"text/plain"}
    assert differing(MADE[0][0], NUMBER, None, b"?", known) == ["content-type"]


@given(st.integers(-(2**63), 2**63 - 1))
def test_a_time_that_no_header_can_tell_is_no_crash(time: int) -> None:
    """An entry that somebody made up may state any."""
    record = frame({}, received=time, source="ems")
    stream, _, message = MADE[0]
    fits = [] if time == TIME else ["ce_time"]
    assert differing(stream, NUMBER, record, message.key, dict(message.headers)) == fits


def test_the_place_of_entries_that_made_room_has_the_first_number() -> None:
    """Nothing else about them is known to a reader, so nothing else stands in the headers."""
    _, record, message = MADE[-1]
    assert isinstance(record, Evicted)
    assert "ce_time" not in dict(message.headers)
    assert differing(STREAM, record.first + 1, record, message.key, dict(message.headers)) == ["ce_id"]
