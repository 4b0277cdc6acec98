from typing import get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.modbus.answer import content, exception, read_request, write_request
from adapters.modbus.framing import Framing, Request, WrongAnswerError
from adapters.modbus.plan import Block
from schemas.status import Reason
from simulators.devices.modbus_frames import Asked, framed, next_request

FRAMINGS: tuple[Framing, ...] = get_args(Framing)
ASKED = read_request(Block("holding", 0x6B, 3, ()))
RIGHT = bytes.fromhex("03 06 022B 0000 0064")
framings = st.sampled_from(FRAMINGS)
every_framing = pytest.mark.parametrize("framing", FRAMINGS)


def request(framing: Framing, asked: bytes = ASKED) -> Request:
    return Request(framing, 0x11, asked, 7)


def wire(framing: Framing, pdu: bytes = RIGHT, unit: int = 0x11) -> bytes:
    """As the simulators, which share no code with the product, put it on the wire."""
    return framed(framing, Asked(unit, pdu, 7), pdu)


@given(framings, st.integers(0, 255), st.integers(1, 0xFFFF), st.binary(min_size=5, max_size=5))
def test_requests_are_those_of_the_standard(framing: Framing, unit: int, transaction: int, data: bytes) -> None:
    """Another implementation of header, CRC and LRC takes them for what they are."""
    asked = b"\x03" + data[1:]
    frame = Request(framing, unit, asked, transaction).frame
    found, rest = next_request(framing, frame)
    assert found == Asked(unit, asked, transaction if framing == "tcp" else 0)
    assert rest == b""


@every_framing
@pytest.mark.parametrize("pdu", [RIGHT, b"\x83\x02"])
def test_the_right_answer_is_right(framing: Framing, pdu: bytes) -> None:
    """Registers, or an exception."""
    assert request(framing).answer(wire(framing, pdu)) == pdu


@every_framing
def test_an_answer_in_pieces_is_waited_for(framing: Framing) -> None:
    """It may come octet by octet."""
    for asked, answered in ((ASKED, RIGHT), (write_request(24, 3), write_request(24, 3))):
        whole = wire(framing, answered)
        assert all(request(framing, asked).answer(whole[:cut]) is None for cut in range(len(whole)))


@every_framing
@pytest.mark.parametrize(
    ("pdu", "unit", "what"),
    [
        (b"\x04" + RIGHT[1:], 0x11, "function 4"),
        (RIGHT, 0x12, "unit 18"),
        (bytes.fromhex("03 04 022B 0000"), 0x11, "4 bytes"),
        (bytes.fromhex("03 08 022B 0000 0064 0001"), 0x11, "8 bytes"),
        (b"\x84\x02", 0x11, "function 132"),
    ],
)
def test_the_answer_to_another_question_is_refused(framing: Framing, pdu: bytes, unit: int, what: str) -> None:
    """Other function, unit or count (F23)."""
    with pytest.raises(WrongAnswerError, match=what):
        request(framing).answer(wire(framing, pdu, unit))


@pytest.mark.parametrize(
    ("framing", "received", "what"),
    [
        ("tcp", b"\0\0" + wire("tcp")[2:], "without transaction id"),
        ("tcp", b"HTTP/1.1 400 Bad Request\r\n", "no Modbus TCP frame"),
        ("rtu", wire("rtu")[:-1] + b"\0", "CRC"),
        ("rtu", wire("rtu") + b"\0", "octets behind"),
        ("rtu", request("rtu").frame + wire("rtu"), "echo"),
        ("ascii", wire("ascii")[:-4] + b"00\r\n", "LRC"),
        ("ascii", b"\0" + wire("ascii"), "no Modbus ASCII frame"),
        ("ascii", wire("ascii") * 2, "no Modbus ASCII frame"),
        ("ascii", request("ascii").frame, "echo"),
        ("ascii", b":" + b"0" * 600, "without end"),
    ],
)
def test_damaged_frames_are_refused_with_what_is_wrong(framing: Framing, received: bytes, what: str) -> None:
    """Checksums, noise, echo (F24)."""
    with pytest.raises(WrongAnswerError, match=what):
        request(framing).answer(received)


def test_lower_case_is_modbus_ascii_too() -> None:
    """Some devices write their digits so."""
    assert request("ascii").answer(wire("ascii").lower()) == RIGHT


def test_an_answer_to_an_earlier_request_is_passed_over() -> None:
    """A late one has another transaction id; what follows it is judged (F22)."""
    late = b"\0\x06" + wire("tcp")[2:]
    assert request("tcp").answer(late) is None
    assert request("tcp").answer(late + wire("tcp")) == RIGHT


@every_framing
def test_a_write_is_answered_by_its_repetition(framing: Framing) -> None:
    """Another register, or another content, is no answer."""
    asked = write_request(24, 3)
    assert request(framing, asked).answer(wire(framing, asked)) == asked
    with pytest.raises(WrongAnswerError):
        request(framing, asked).answer(wire(framing, write_request(24, 4)))


@given(framings, st.binary(max_size=300), st.integers(0, 40), st.integers(0, 40))
@example("rtu", b"", 0, 0)
def test_any_octets_get_a_verdict_and_only_a_whole_answer_passes(
    framing: Framing, noise: bytes, start: int, end: int
) -> None:
    """No other exception; what passes is, put on the wire again, exactly what was received."""
    whole = wire(framing)
    received = whole[:start] + noise + whole[end:]
    try:
        answered = request(framing).answer(received)
    except WrongAnswerError:
        return
    if answered is not None:
        assert (
            wire(framing, answered) == received.upper() if framing == "ascii" else wire(framing, answered) in received
        )
        assert answered[:2] == b"\x03\x06" or answered[0] == 0x83
        assert len(answered) == (8 if answered[0] == 3 else 2)


@given(st.sampled_from(["coil", "discrete", "holding", "input"]), st.integers(1, 100), st.data())
def test_contents_are_as_many_as_were_asked_for(table: str, count: int, data: st.DataObject) -> None:
    """Bits come padded to whole bytes, lowest first."""
    asked = read_request(Block(table, 0, count, ()))  # type: ignore[arg-type] # one of the four
    if table in {"coil", "discrete"}:
        cells = data.draw(st.lists(st.integers(0, 1), min_size=count, max_size=count))
        packed = sum(cell << at for at, cell in enumerate(cells)).to_bytes((count + 7) // 8, "little")
    else:
        cells = data.draw(st.lists(st.integers(0, 0xFFFF), min_size=count, max_size=count))
        packed = b"".join(cell.to_bytes(2, "big") for cell in cells)
    assert content(asked, bytes([asked[0], len(packed)]) + packed) == cells


@given(st.integers(0, 255))
def test_no_exception_code_is_good_news(code: int) -> None:
    """Each has a Bad status, a reason and its number in the text (F20)."""
    failure = exception(code)
    assert failure.status >> 31
    assert failure.reason is not Reason.NONE
    assert str(code) in failure.text


def test_exceptions_are_told_apart() -> None:
    """1 to 3 are ours to put right, 5 and 6 pass, 10 and 11 are the gateway speaking for a silent device."""
    assert [exception(code).reason for code in (1, 2, 3)] == [Reason.CONFIG] * 3
    assert [exception(code).reason for code in (10, 11)] == [Reason.COMM] * 2
    assert [code for code in range(256) if exception(code).is_busy] == [5, 6]
    assert [code for code in range(12) if not exception(code).is_sign_of_life] == [0, 10, 11]
