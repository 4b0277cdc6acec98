"""Every parser of every adapter, each with what goes in and what must hold of what comes out.

What must hold stands beside each parser's own tests, and is taken from there where it is a property of one case. Octets
are made from a seed: hypothesis would take ten times as long to draw them one by one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from asyncua import ua
from hypothesis import strategies as st
from structlog.testing import capture_logs

from adapters.modbus import identity
from adapters.modbus.framing import Framing
from adapters.modbus.image import Image
from adapters.modbus.plan import Block
from adapters.modbus.profile import Profile, load_profile, profile_names
from adapters.opcua.conditions import FIELDS, Conditions
from adapters.opcua.described import UCUM, unit_of
from adapters.serial.line import LONGEST, Line
from adapters.serial.reading import Fault, Weight
from adapters.serial.weighing import row
from schemas.codec import decode, encode
from schemas.status import Reason
from tests.adapters.modbus import test_framing, test_fuzz
from tests.adapters.opcua import test_nodes, test_values
from tests.adapters.serial import test_dialects, test_pattern
from tests.support.evidence import PUBLISHED

BATCH = 10
LIKELY = (b" ", b"0", b"-", b"?", b".", b",", b"[", b"]", b"\r", b"\n", b"g", b"kg")
CODES = {int.from_bytes(code.encode(), "big"): unit for code, unit in UCUM.items()}
"""UCUM code by UnitId (OPC 10000-8, 5.6.4.3)."""
ODD = (0, 1, 148, 150, 0x7FC0, 0x7FFF, 0x8000, 0x8001, 0xFFFF)


@dataclass(frozen=True)
class Parser:
    """`holds` is called with each of at least `count` cases, and fails where the parser is wrong."""

    name: str
    count: int
    batches: st.SearchStrategy[Sequence[Any]]
    holds: Callable[[Any], None]
    size: int = 1
    """Of a batch."""

    @property
    def examples(self) -> int:
        """How many batches that is."""
        return -(-self.count // self.size)


def seeded(make: Callable[[Random], Any]) -> st.SearchStrategy[Sequence[Any]]:
    """`BATCH` cases, each of a random source."""
    return st.integers(0, 2**64 - 1).map(lambda seed: [make(random) for random in [Random(seed)] * BATCH])


def damaged(line: bytes, random: Random) -> bytes:
    """Some octets taken out and others put in, at up to three places."""
    for _ in range(random.choice((0, 1, 1, 1, 2, 3))):
        at = random.randint(0, len(line))
        new = random.choice((random.randbytes(random.randint(0, 3)), random.choice(LIKELY)))
        line = line[:at] + new + line[at + random.randint(0, 3) :]
    return line


def _balance(name: str, case: test_dialects.Case) -> Parser:
    def line(random: Random) -> bytes:
        if random.random() < 0.1:
            return random.randbytes(random.randint(0, 60))
        places = random.randint(0, 4)
        shown = f"{random.randint(-99_999, 999_999) / 10**places:.{places}f}"
        return damaged(case.build(shown, random.random() < 0.5), random)

    return Parser(f"balance {name}", 12_000, seeded(line), lambda octets: _line(case, octets), BATCH)


def _line(case: test_dialects.Case, line: bytes) -> None:
    """Good only where another recogniser takes the line for a whole one of a stable weight (F43)."""
    for read in (case.dialect.read(line), case.dialect.read_identity(line)):
        whole = isinstance(read, Weight) and read.stable
        assert not whole or case.stable(line)
        _, value, status, reason, _ = row(read, unit="g", identified=True)
        assert status != 0 or whole
        assert (value is None) == bool(status >> 31)
        assert (reason is Reason.NONE) == (status == 0)
        assert not isinstance(read, Fault) or "\n" not in read.text


def _cut(chunks: list[bytes]) -> None:
    """A line of any port, local or remote: no octet is lost, made up or moved."""
    port = Line(b"\r\n")
    for chunk in chunks:
        port.data_received(chunk)
    lines = port.drain()
    assert b"".join(lines) == b"".join(chunks)
    assert all(line.endswith(b"\r\n") or len(line) > LONGEST for line in lines[:-1])
    assert all(line.find(b"\r\n") in {-1, len(line) - 2} for line in lines)


def _chunks(random: Random) -> list[bytes]:
    ends = (b"", b"\r\n", b"\r", b"\n", b"S S     100.00 g\r\n")
    return [
        random.choice(ends) + random.randbytes(random.choice((0, 1, 20, 400))) for _ in range(random.randint(0, 12))
    ]


def _frame(framing: Framing) -> Parser:
    def octets(random: Random) -> tuple[bytes, int, int]:
        noise = random.randbytes(random.choice((0, 0, 1, 2, 8, 300)))
        return noise, random.randint(0, 40), random.randint(0, 40)

    holds = _property(test_framing.test_any_octets_get_a_verdict_and_only_a_whole_answer_passes)
    return Parser(f"Modbus {framing} frame", 8000, seeded(octets), lambda case: holds(framing, *case), BATCH)


def _registers(case: tuple[Any, ...]) -> None:
    tags, memory, refused, checked = case
    _property(test_fuzz.test_good_is_only_what_everything_allows)(tags, memory, refused, checked=checked)


PROFILES = tuple(load_profile(name) for name in profile_names())


def _memory(random: Random) -> tuple[Profile, list[int], set[int]]:
    words = [random.choice((random.choice(ODD), random.getrandbits(16))) for _ in range(125)]
    return random.choice(PROFILES), words, {random.randint(0, 20)}


def _said(case: tuple[Profile, list[int], set[int]]) -> None:
    """A device is taken for the one that a profile is made for only where it says so itself (F33)."""
    profile, memory, silent = case
    image = Image()
    for at, one in enumerate(profile.identity):
        if at not in silent:
            span = one.span
            image.put(Block(span.table, span.start, span.end - span.start, ()), memory[: span.end - span.start])
    found = identity.said(profile, image)
    identity.float_order(profile, found)
    assert all(isinstance(text, str) for text in identity.plain(found).values())
    fitting = all(one.one_of is None or found.get(one.name) in one.one_of for one in profile.identity)
    assert (identity.refusal(profile, found) is None) == fitting


def _told(events: list[list[ua.Variant]]) -> None:
    """What a server says of its alarms becomes records that can be sent, and comes back from them."""
    conditions = Conditions("ems", 1)
    conditions.refresh_begins()
    with capture_logs():
        told = [condition for fields in events for condition in conditions.take(fields)]
    for condition in [*told, *conditions.forget_unheard()]:
        assert decode(encode(condition), PUBLISHED) == condition


def _values(changes: Any) -> None:
    _property(test_values.test_whatever_a_server_sends_good_means_a_usable_value)(changes)


def _unit(case: tuple[int, str | None]) -> None:
    """A unit is known only by its code (F-A3)."""
    code, shown = case
    found = unit_of(ua.EUInformation(UnitId=ua.Int32(code), DisplayName=ua.LocalizedText(shown)))
    assert found == ((CODES[code], True) if code in CODES else (shown or None, False))


def _property(test: Any) -> Callable[..., None]:
    """What a property test says of one case."""
    inner: Callable[..., None] = test.hypothesis.inner_test
    return inner


node_ids = st.builds(
    ua.NodeId,
    st.integers(0, 2**32 - 1).map(ua.Int32)
    | st.text(st.characters(), max_size=8).map(ua.String)
    | st.binary(max_size=8)
    | st.uuids(),
    st.integers(0, 2**16 - 1).map(ua.Int16),
)
event_fields = test_values.variants | st.builds(ua.Variant, node_ids, st.just(ua.VariantType.NodeId))
likely_event = st.tuples(
    *(
        st.builds(ua.Variant, node_ids, st.just(ua.VariantType.NodeId)) if path in {"", "EventType"} else event_fields
        for path, _ in FIELDS
    )
).map(list)
changes = st.tuples(
    st.integers(0, 2), test_values.variants, st.integers(0, 2**32 - 1) | st.just(0), st.none() | st.datetimes()
)
codes = st.integers(-(2**31), 2**31 - 1) | st.sampled_from([*CODES])

PARSERS = (
    *(_balance(name, case) for name, case in test_dialects.CASES.items()),
    Parser(
        "ascii-line", 3000, st.tuples(st.data()),
        _property(test_pattern.test_a_damaged_line_is_no_line_unless_the_formatter_could_have_written_it),
    ),
    Parser("lines of a port", 6000, seeded(_chunks), _cut, BATCH),
    *(_frame(framing) for framing in test_framing.FRAMINGS),
    Parser(
        "Modbus registers", 1000,
        st.tuples(st.tuples(
            st.lists(test_fuzz.tags(), min_size=1, max_size=4), test_fuzz.memories,
            st.sets(st.integers(0, test_fuzz.SIZE + 7), max_size=3), st.booleans(),
        )),
        _registers,
    ),
    Parser("Modbus identity", 6000, seeded(_memory), _said, BATCH),
    Parser("OPC UA values", 1000, st.tuples(st.lists(changes, min_size=1, max_size=4)), _values),
    Parser(
        "OPC UA alarms", 1000,
        st.tuples(st.lists(likely_event | st.lists(event_fields, max_size=3), min_size=1, max_size=2)), _told,
    ),
    Parser("OPC UA units", 3000, st.tuples(st.tuples(codes, st.none() | st.text(max_size=8))), _unit),
    Parser(
        "OPC UA node ids", 3000,
        st.tuples(st.text(max_size=40) | st.from_regex(r"(ns=|nsu=|i=|s=|g=|b=|;|\d|\w|-)*", fullmatch=True)),
        _property(test_nodes.test_any_text_is_a_node_id_or_a_value_error),
    ),
)  # fmt: skip
