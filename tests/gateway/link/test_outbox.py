"""What waits in memory: in order, bounded, and what goes is counted."""

from hypothesis import given
from hypothesis import strategies as st

from gateway.link.outbox import OVERHEAD, Entry, Outbox
from schemas.frame import Frame
from tests.gateway.messages import frame


def entry(family: str, number: int, size: int = 10) -> Entry:
    return Entry(family, "Frame", str(number), b"k", number, str(number).encode().ljust(size))


def framed(octets: bytes) -> Frame:
    return frame({"dp": 1.0, "t": 2.0}, received=int(octets), source="ems")


def test_measurements_make_room_oldest_first_and_are_counted() -> None:
    """Alarms stay, however full."""
    outbox = Outbox(octets=3 * (10 + OVERHEAD), decode=framed)
    for number in range(4):
        outbox.put(entry("measurements", number))
        outbox.put(entry("alarms", 100 + number))
    assert [e.id for e in outbox.take(10)] == ["100", "101", "102", "103"]
    lost = outbox.take_lost()["ems"]
    assert (lost.began, lost.ended, lost.samples, lost.tags) == (0, 3, 8, {"dp", "t"})
    assert outbox.take_lost() == {}


def test_what_was_under_way_comes_back_to_its_place() -> None:
    """A failed send changes nothing of the order."""
    outbox = Outbox(octets=10**6, decode=framed)
    for number in range(5):
        outbox.put(entry("measurements", number))
    outbox.take(3)
    outbox.give_back()
    outbox.put(entry("alarms", 9))
    assert [e.id for e in outbox.take(10)] == ["9", "0", "1", "2", "3", "4"]
    outbox.confirm()
    assert (len(outbox), outbox.octets) == (0, 0)


@given(st.lists(st.sampled_from(["measurements", "alarms", "take", "confirm", "give_back"])))
def test_order_and_accounts_hold_whatever_happens(happenings: list[str]) -> None:
    """Per family the numbers come out ascending, once each; octets are those of what is held."""
    outbox, put, out = Outbox(octets=8 * (10 + OVERHEAD), decode=framed), 0, list[Entry]()
    taken: list[Entry] = []
    dropped = 0
    for what in happenings:
        if what in {"measurements", "alarms"}:
            put += 1
            outbox.put(entry(what, put))
        elif what == "take":
            taken = outbox.take(3)
        else:
            out += taken if what == "confirm" else []
            taken = []
            getattr(outbox, what)()
        dropped += sum(lost.samples for lost in outbox.take_lost().values()) // 2
        assert outbox.octets == len(outbox) * (10 + OVERHEAD)
    assert len(out) + len(outbox) + dropped == put
    for family in ("measurements", "alarms"):
        numbers = [e.time for e in out if e.family == family]
        assert numbers == sorted(set(numbers))
