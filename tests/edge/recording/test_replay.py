"""Recorded devices say the same again."""

import asyncio
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from adapters.tools import Framing
from edge.recording.record import Event, Head, Recording, What
from edge.recording.replay import Memory, turns
from edge.recording.serving import replaying
from tests.support.eventually import eventually

READ = bytes.fromhex("000000000006010300040002")
ANSWER = bytes.fromhex("00000000000701030400004160")


def recording(*events: tuple[int, What, bytes], framing: Framing = "octets") -> Recording:
    head = Head("device", "modbus", framing, "tcp", "2026-01-01T00:00:00Z")
    return Recording(head, tuple(Event(at, 1, what, octets) for at, what, octets in events))


def numbered(number: int, frame: bytes) -> bytes:
    return number.to_bytes(2, "big") + frame[2:]


def test_answers_come_in_their_order_and_then_from_the_first_again() -> None:
    """Also the missing one."""
    memory = Memory(recording(
        (0, "opened", b""), (10, "asked", b"SI\r\n"), (20, "said", b"1"), (90_000, "asked", b"SI\r\n"),
        (190_000, "asked", b"SI\r\n"), (190_500, "said", b"3"),
    ))  # fmt: skip
    assert [memory.next(b"SI\r\n") for _ in range(4)] == [[(10, b"1")], [], [(500, b"3")], [(10, b"1")]]
    assert memory.next(b"Z\r\n") is None


def test_the_number_of_a_modbus_request_is_that_of_the_new_one() -> None:
    """In the answer to it; an old answer that came in between keeps its own. Pieces stay as they were cut."""
    late = numbered(6, ANSWER)
    said = numbered(7, ANSWER)
    memory = Memory(recording(
        (0, "asked", numbered(7, READ)), (5, "said", late + said[:3]), (9, "said", said[3:]), framing="modbus-tcp",
    ))  # fmt: skip
    new = numbered(99, ANSWER)
    assert memory.next(numbered(99, READ)) == [(5, late + new[:3]), (9, new[3:])]


def test_pieces_of_a_request_are_one() -> None:
    """What a device says before anybody asks is the first turn."""
    found = list(turns(recording(
        (0, "opened", b""), (5, "said", b"hello"), (10, "asked", b"S"), (20, "asked", b"I\r\n"), (30, "said", b"1"),
    ).events))  # fmt: skip
    assert [(turn.asked, turn.said) for turn in found] == [(b"", [(5, b"hello")]), (b"SI\r\n", [(10, b"1")])]


@given(st.lists(st.sampled_from([b"SI\r\n", b"SIR\r\n", b"I4\r\n"]), max_size=8), st.data())
def test_requests_are_found_however_they_are_cut(asked: Sequence[bytes], data: st.DataObject) -> None:
    """One after the other, in order."""
    known = [(at * 100_000, "asked", one) for at, one in enumerate([b"SI\r\n", b"SIR\r\n", b"I4\r\n"])]
    memory = Memory(recording(*known))  # type: ignore[arg-type] # the literals are the right ones
    whole, buffer, found = b"".join(asked), b"", []
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    for begin, end in zip([0, *cuts], [*cuts, len(whole)], strict=True):
        buffer += whole[begin:end]
        while buffer:
            one, buffer = memory.take(buffer)
            if one is None:
                break
            found.append(one)
    assert found == list(asked)
    assert buffer == b""


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_any_octets_are_taken(recorded: bytes, buffer: bytes) -> None:
    """Nothing is kept for ever that never becomes a request, and none gets lost."""
    memory = Memory(recording((0, "asked", recorded), (1, "said", recorded), framing="modbus-tcp"))
    memory.next(recorded)
    taken, rest = memory.take(buffer)
    assert (taken or b"") + rest == buffer


async def test_an_unknown_request_is_told_and_not_answered() -> None:
    """Those that are known still are."""
    unknown: list[bytes] = []
    made = recording((0, "opened", b""), (10, "asked", b"SI\r\n"), (20, "said", b"S S 1 g\r\n"))
    async with replaying(made, unknown.append) as address:
        host, _, port = address.rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"XYZ\r\n")
        await eventually(lambda: unknown, within=60)  # pieces that come together would be one unknown request
        writer.write(b"SI\r\n")
        assert await asyncio.wait_for(reader.readexactly(9), 60) == b"S S 1 g\r\n"
        writer.close()
    assert unknown == [b"XYZ\r\n"]
