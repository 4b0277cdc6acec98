"""What an administrator does to topics that a verifier has read already: cut, emptied, filled again."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.proof.findings import Code
from tests.gateway.proof.streams import START, Reader, entries, message, sealed
from tests.gateway.proof.test_tampering import COUNT, ENTRIES, PATIENCE, Event, place, read, resend, streams

LATER = START + 1000
TWIN = entries(COUNT, "forged ")


def feed(reader: Reader, events: list[Event]) -> None:
    """The topics once more, after a restart."""
    reader.restart()
    for event in events:
        reader.seal(event) if isinstance(event, bytes) else reader.entry(event)
        reader.wait(0.01, caught_up=False)
    reader.wait(PATIENCE + 1)


def alarming(reader: Reader) -> set[str]:
    return {finding.code for finding in reader.found if finding.alarms}


@given(streams(), st.integers(0, COUNT), st.integers(1, COUNT))
def test_a_tail_that_is_cut_off_after_it_was_read_is_not_lost(events: list[Event], cut: int, more: int) -> None:
    """What was received stays received; the stream goes on behind it, whatever the topic has forgotten."""
    whole = entries(COUNT + more)
    reader = read(events)
    kept = [event for event in events if not isinstance(event, bytes) and int(event.number) <= cut]
    fresh: list[Event] = [message(number, entry) for number, entry in enumerate(whole, 1) if number > COUNT]
    feed(reader, [*kept, *fresh, sealed(whole, COUNT + more, LATER)])
    assert alarming(reader) == set()
    assert reader.verifier.repeats[0] == len(kept)
    assert reader.verifier.verified_to == COUNT + more


@given(streams(whole=False), st.integers(0, COUNT - 1))
def test_a_tail_that_is_cut_off_with_its_seals_is_missing_once_one_comes(events: list[Event], cut: int) -> None:
    """Nobody can know before: a seal of what was cut off is what shows it."""
    sizes = [event for event in events if isinstance(event, bytes) and int(event.split(b"\n")[1]) <= cut]
    reader = read([*sizes, *(message(number, entry) for number, entry in enumerate(ENTRIES[:cut], 1))])
    assert reader.found == []
    feed(reader, [sealed(ENTRIES, COUNT, LATER)])
    assert alarming(reader) == {Code.MISSING}
    assert reader.numbers(Code.MISSING) == set(range(cut + 1, COUNT + 1))


@given(streams())
def test_the_same_topics_again_are_repeats_and_old_seals(events: list[Event]) -> None:
    """A copy of the whole log proves nothing new and breaks nothing."""
    reader = read(events)
    feed(reader, events)
    assert alarming(reader) <= {Code.STALE_SEAL}
    assert reader.verifier.repeats[0] == COUNT
    assert reader.verifier.verified_to == COUNT


@given(streams(), st.integers(1, COUNT))
def test_a_topic_filled_with_another_history_is_altered(events: list[Event], count: int) -> None:
    """Each of its entries; what was proven stays proven."""
    reader = read(events)
    feed(reader, [message(number, entry) for number, entry in enumerate(TWIN[:count], 1)])
    assert alarming(reader) == {Code.ALTERED}
    assert reader.numbers(Code.ALTERED) == set(range(1, count + 1))
    assert reader.verifier.verified_to == COUNT


@given(streams(), st.integers(1, COUNT - 1))
def test_another_history_with_the_senders_seals_is_forked(events: list[Event], count: int) -> None:
    """An agent whose journal was replaced began again under its old name and key."""
    reader = read(events)
    anew: list[Event] = [message(number, entry) for number, entry in enumerate(TWIN[:count], 1)]
    feed(reader, [*anew, sealed(TWIN, count, LATER)])
    assert alarming(reader) == {Code.FORKED}
    assert reader.verifier.verified_to == COUNT


@given(streams(), st.integers(0, 6), st.integers(0, 6))
def test_seals_in_another_order_are_stale(events: list[Event], one: int, other: int) -> None:
    """Those that come behind a later one; the entries are proven all the same."""
    places = [at for at, event in enumerate(events) if isinstance(event, bytes)]
    first, second = sorted((places[one % len(places)], places[other % len(places)]))
    events[first], events[second] = events[second], events[first]
    reader = read(events)
    assert reader.codes() == ({Code.STALE_SEAL} if first != second else set())
    assert reader.verifier.verified_to == COUNT


@given(streams(), st.integers(1, COUNT), st.integers(0, 40))
def test_a_change_is_found_across_a_restart(events: list[Event], number: int, restart_at: int) -> None:
    """Whenever the verifier stops and starts."""
    where = place(events, number)
    altered: list[Event] = [*events[:where], message(number, b"forged"), *events[where + 1 :]]
    reader = read(altered, restart_at=restart_at)
    assert reader.codes() == {Code.ALTERED}
    resend(reader)
    assert reader.codes() == {Code.ALTERED}
    assert reader.verifier.verified_to == COUNT
