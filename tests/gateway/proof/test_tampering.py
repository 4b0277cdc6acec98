"""Whatever a broker's administrator, or a twin of the sender, does to a stream: found, and taken for nothing else."""

from dataclasses import replace
from math import inf

from hypothesis import given
from hypothesis import strategies as st

from gateway.proof.findings import Code
from gateway.proof.standing import Limits
from tests.gateway.proof.streams import OTHER, START, Message, Reader, entries, message, sealed

PATIENCE = Limits().patience
COUNT = 24
ENTRIES = entries(COUNT)
Event = Message | bytes
"""An entry's message, or a seal."""


@st.composite
def streams(draw: st.DrawFn, *, whole: bool = True) -> list[Event]:
    """A stream as both topics hold it, in any order in which they can be read: each topic keeps its own order.

    There are idle seals in it; the last seal counts all when `whole`.
    """
    sizes = sorted(draw(st.lists(st.integers(0, COUNT), max_size=6)) + ([COUNT, COUNT] if whole else []))
    seals: list[Event] = [sealed(ENTRIES, size, START + at * 5) for at, size in enumerate(sizes)]
    messages: list[Event] = [message(number, entry) for number, entry in enumerate(ENTRIES, 1)]
    return merged(draw, messages, seals)


def merged(draw: st.DrawFn, one: list[Event], other: list[Event]) -> list[Event]:
    turns = draw(st.permutations([True] * len(one) + [False] * len(other)))
    sources = {True: iter(one), False: iter(other)}
    return [next(sources[turn]) for turn in turns]


def read(events: list[Event], *, restart_at: int = -1) -> Reader:
    """All of it is read, some time passes, and what is asked for is sent again."""
    reader = Reader(Limits(late=inf, silent=inf))
    for at, event in enumerate(events):
        if at == restart_at:
            reader.restart()
        reader.seal(event) if isinstance(event, bytes) else reader.entry(event)
        reader.wait(0.01, caught_up=False)
    reader.wait(PATIENCE + 1)
    return reader


def resend(reader: Reader) -> None:
    """The sender answers what the verifier wants."""
    for _ in range(8):
        for first, last in reader.verifier.wanted():
            reader.answer(first, ENTRIES[first - 1 : last])
        reader.wait(PATIENCE + 1)


def place(events: list[Event], number: int) -> int:
    wanted = message(number, ENTRIES[number - 1])
    return next(at for at, event in enumerate(events) if event == wanted)


def seal_places(events: list[Event]) -> list[int]:
    return [at for at, event in enumerate(events) if isinstance(event, bytes)]


def flipped(octets: bytes, at: int, change: int) -> bytes:
    at %= len(octets)
    return octets[:at] + bytes([octets[at] ^ change]) + octets[at + 1 :]


NUMBERS = st.integers(1, COUNT)
PLACES = st.integers(0, 1000)
CHANGES = st.integers(1, 255)


@given(streams(), st.integers(0, 40))
def test_an_untouched_stream_has_no_finding(events: list[Event], restart_at: int) -> None:
    """In whatever order the two topics are read, and wherever the verifier is started anew."""
    reader = read(events, restart_at=restart_at)
    assert reader.found == []
    assert reader.verifier.verified_to == reader.verifier.received_to == COUNT
    assert reader.verifier.wanted() == []


@given(streams(whole=False))
def test_nothing_is_proven_past_the_last_seal(events: list[Event]) -> None:
    """What came without a seal is received, not verified."""
    reader = read(events)
    last = max((int(e.split(b"\n")[1]) for e in events if isinstance(e, bytes)), default=0)
    assert reader.found == []
    assert (reader.verifier.verified_to, reader.verifier.received_to) == (last, COUNT)


@given(streams(), NUMBERS, PLACES, CHANGES)
def test_a_changed_byte_of_an_entry_is_found(events: list[Event], number: int, at: int, change: int) -> None:
    """As altered; once the entry is sent again the very number is told, and all is proven."""
    where = place(events, number)
    entry = flipped(ENTRIES[number - 1], at, change)
    reader = read([*events[:where], message(number, entry), *events[where + 1 :]])
    assert reader.codes() == {Code.ALTERED}
    assert number in reader.numbers(Code.ALTERED)
    assert reader.verifier.verified_to < number
    resend(reader)
    assert reader.codes() == {Code.ALTERED}
    assert (reader.found[-1].first, reader.found[-1].last) == (number, number)
    assert reader.verifier.verified_to == COUNT


@given(streams(), NUMBERS, PLACES, CHANGES)
def test_a_changed_byte_of_a_number_is_found(events: list[Event], number: int, at: int, change: int) -> None:
    """The number is missing, and the message that bears a false one never proves anything."""
    where, original = place(events, number), message(number, ENTRIES[number - 1])
    false = flipped(original.number, at, change)
    reader = read([*events[:where], replace(original, number=false), *events[where + 1 :]])
    assert reader.codes() <= {Code.ALTERED, Code.MISSING}
    assert reader.numbers(Code.MISSING) == {number}
    resend(reader)
    assert reader.numbers(Code.ALTERED) <= {0, int(false) if false.isdigit() else 0}
    assert reader.verifier.verified_to == COUNT


@given(streams(), NUMBERS, PLACES, CHANGES)
def test_a_changed_byte_of_the_source_is_found(events: list[Event], number: int, at: int, change: int) -> None:
    """The message is altered, and its number is missing."""
    where, original = place(events, number), message(number, ENTRIES[number - 1])
    reader = read(
        [*events[:where], replace(original, source=flipped(original.source, at, change)), *events[where + 1 :]]
    )
    assert reader.codes() == {Code.ALTERED, Code.MISSING}
    assert reader.numbers(Code.MISSING) == {number}


@given(streams(), PLACES, PLACES, CHANGES)
def test_a_changed_byte_of_a_seal_is_found(events: list[Event], which: int, at: int, change: int) -> None:
    """As what it then is; the next intact seal proves what it did not."""
    places = seal_places(events)
    where = places[which % len(places)]
    octets = events[where]
    assert isinstance(octets, bytes)
    reader = read([*events[:where], flipped(octets, at, change), *events[where + 1 :]])
    assert len(reader.found) == 1
    assert reader.codes() <= {Code.ALTERED, Code.UNSIGNED, Code.WRONG_KEY}
    assert reader.verifier.verified_to == COUNT


def test_every_single_bit_counts() -> None:
    """Of an entry, its headers and the last seal: each one alone is found."""
    few, seal = ENTRIES[:2], sealed(ENTRIES, 2, START)
    first, second = message(1, few[0]), message(2, few[1])
    damaged: list[list[Event]] = []
    for bit in range(8):
        change = 1 << bit
        damaged += [[first, second, flipped(seal, at, change)] for at in range(len(seal))]
        for name in ("entry", "number", "source"):
            octets = getattr(second, name)
            versions = [replace(second, **{name: flipped(octets, at, change)}) for at in range(len(octets))]
            damaged += [[first, version, seal] for version in versions]
    unnoticed = [events for events in damaged if not (reader := read(events)).codes() or reader.verifier.verified_to]
    assert unnoticed == []


@given(streams(), st.sets(NUMBERS, min_size=1, max_size=5))
def test_dropped_entries_are_missing(events: list[Event], dropped: set[int]) -> None:
    """Exactly those; nothing past the first is proven until they are sent again."""
    places = {place(events, number) for number in dropped}
    reader = read([event for at, event in enumerate(events) if at not in places])
    assert reader.codes() == {Code.MISSING}
    assert reader.numbers(Code.MISSING) == dropped
    assert reader.verifier.verified_to < min(dropped)
    resend(reader)
    assert reader.codes() == {Code.MISSING}
    assert reader.verifier.verified_to == COUNT


@given(streams(), st.integers(0, COUNT - 1))
def test_a_tail_that_is_cut_off_is_missing(events: list[Event], kept: int) -> None:
    """The later seals count what does not come."""
    reader = read([event for event in events if isinstance(event, bytes) or int(event.number) <= kept])
    assert reader.codes() == {Code.MISSING}
    assert reader.numbers(Code.MISSING) == set(range(kept + 1, COUNT + 1))
    assert reader.verifier.verified_to <= kept


@given(streams(), NUMBERS, NUMBERS)
def test_messages_in_another_order_are_reordered(events: list[Event], one: int, other: int) -> None:
    """All that lies between is told, and all is proven."""
    first, second = place(events, one), place(events, other)
    events[first], events[second] = events[second], events[first]
    reader = read(events)
    assert reader.codes() == ({Code.REORDERED} if one != other else set())
    assert reader.numbers(Code.REORDERED) <= set(range(min(one, other), max(one, other) + 1))
    assert reader.verifier.verified_to == COUNT


@given(streams(), NUMBERS, NUMBERS)
def test_entries_under_each_others_number_are_altered(events: list[Event], one: int, other: int) -> None:
    """The numbers are in order, the contents are not those that were sealed."""
    first, second = place(events, one), place(events, other)
    events[first], events[second] = message(one, ENTRIES[other - 1]), message(other, ENTRIES[one - 1])
    reader = read(events)
    assert reader.codes() == ({Code.ALTERED} if one != other else set())
    resend(reader)
    assert reader.verifier.verified_to == COUNT


@given(streams(), st.lists(st.tuples(NUMBERS, PLACES), min_size=1, max_size=4))
def test_repeated_entries_are_counted_and_raise_no_alarm(events: list[Event], repeats: list[tuple[int, int]]) -> None:
    """Wherever the repeat comes after the first."""
    for number, later in repeats:
        where = place(events, number)
        events.insert(where + 1 + later % (len(events) - where), message(number, ENTRIES[number - 1]))
    reader = read(events)
    assert reader.codes() == set()
    assert [finding.code for finding in reader.found] == [Code.DUPLICATE] * len(repeats)
    assert reader.verifier.repeats[0] == len(repeats)
    assert reader.verifier.verified_to == COUNT


@given(streams(), NUMBERS, PLACES, st.binary(max_size=20))
def test_an_invented_entry_is_altered(events: list[Event], number: int, at: int, invented: bytes) -> None:
    """Whether it comes before the genuine one of its number or after; the genuine one is proven."""
    events.insert(at % (len(events) + 1), message(number, invented))
    reader = read(events)
    reader.wait(PATIENCE + 1)
    assert reader.codes() == {Code.ALTERED}
    assert reader.numbers(Code.ALTERED) == {number}
    assert reader.verifier.verified_to == COUNT


@given(streams(), PLACES, PLACES)
def test_an_old_seal_that_is_replayed_is_stale(events: list[Event], which: int, later: int) -> None:
    """However old; only the newest one may come twice, since a killed sender's last request can."""
    places = seal_places(events)
    old, at = places[which % len(places)], 0
    at = old + 1 + later % (len(events) - old)
    newest = [where for where in places if where < at][-1]
    replayed = events[old]
    reader = read([*events[:at], replayed, *events[at:]])
    assert reader.codes() == (set() if old == newest else {Code.STALE_SEAL})
    assert reader.verifier.verified_to == COUNT


@given(streams(), PLACES, st.integers(0, COUNT))
def test_a_seal_by_another_key_has_a_wrong_key(events: list[Event], at: int, size: int) -> None:
    """It proves nothing and harms nothing."""
    events.insert(at % (len(events) + 1), sealed(entries(COUNT, "forged "), size, START + 1000, OTHER))
    reader = read(events)
    assert reader.codes() == {Code.WRONG_KEY}
    assert reader.verifier.verified_to == COUNT


@given(streams(), PLACES, PLACES)
def test_a_seal_without_its_signatures_is_unsigned(events: list[Event], which: int, line: int) -> None:
    """All of them, or one."""
    places = seal_places(events)
    where = places[which % len(places)]
    octets = events[where]
    assert isinstance(octets, bytes)
    lines = octets.decode().split("\n")
    stripped = ["\n".join(lines[:3]) + "\n", "\n".join(lines[:5] + lines[6:]), "\n".join(lines[:4] + lines[5:])][
        line % 3
    ]
    reader = read([*events[:where], stripped.encode(), *events[where + 1 :]])
    assert reader.codes() == {Code.UNSIGNED}


@given(st.data(), st.integers(0, COUNT - 1))
def test_two_senders_with_one_key_are_a_fork(data: st.DataObject, common: int) -> None:
    """Both write and seal; whatever comes first, in whatever mixture."""
    draw = data.draw
    branches = [ENTRIES, ENTRIES[:common] + entries(COUNT, "twin ")[common:]]
    messages: list[Event] = [message(number, entry) for number, entry in enumerate(ENTRIES[:common], 1)]
    tails: list[list[Event]] = [
        [message(number, entry) for number, entry in enumerate(branch[common:], common + 1)] for branch in branches
    ]
    topic = messages + draw(st.composite(merged)(*tails))
    whose = draw(st.lists(st.integers(0, 1), max_size=6)) + draw(st.permutations([0, 1]))
    sizes = sorted(draw(st.lists(st.integers(common + 1, COUNT), min_size=len(whose) - 2, max_size=len(whose) - 2)))
    seals: list[Event] = [
        sealed(branches[one], size, START + at * 5)
        for at, (one, size) in enumerate(zip(whose, [*sizes, COUNT, COUNT], strict=True))
    ]
    reader = read(draw(st.composite(merged)(topic, seals)))
    reader.wait(PATIENCE + 1)
    assert Code.FORKED in reader.codes()
    assert reader.codes() <= {Code.FORKED}
    assert reader.verifier.repeats[0] == 0


@given(st.data(), st.integers(1, COUNT - 1), st.integers(1, COUNT))
def test_a_history_that_was_sealed_and_left_is_a_fork(data: st.DataObject, common: int, size: int) -> None:
    """The topic holds one history, one seal is of another: a later one that fits shows it."""
    twin = ENTRIES[:common] + entries(COUNT, "twin ")[common:]
    size = max(size, common + 1)
    messages: list[Event] = [message(number, entry) for number, entry in enumerate(ENTRIES, 1)]
    seals: list[Event] = [
        sealed(ENTRIES, common, START),
        sealed(twin, size, START + 5),
        sealed(ENTRIES, COUNT, START + 10),
    ]
    reader = read(data.draw(st.composite(merged)(messages, seals)))
    assert reader.codes() == {Code.FORKED}
