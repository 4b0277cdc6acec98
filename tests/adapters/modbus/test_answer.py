import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.modbus.answer import exception, mismatch
from schemas.status import Reason
from tests.adapters.modbus.device import adu, refusal

REQUEST = bytes.fromhex("0007 0000 0006 11 03 006B 0003")
RIGHT = bytes.fromhex("0007 0000 0009 11 03 06 022B 0000 0064")
BITS = bytes.fromhex("0007 0000 0006 11 01 0000 0009")


def test_the_right_answer_is_right() -> None:
    """Registers, bits padded to whole bytes, and an exception."""
    assert mismatch(REQUEST, RIGHT) is None
    assert mismatch(BITS, bytes.fromhex("0007 0000 0005 11 01 02 FF 01")) is None
    assert mismatch(REQUEST, refusal(REQUEST, 2)) is None


@pytest.mark.parametrize("cut", range(len(RIGHT)))
def test_an_answer_in_pieces_is_waited_for(cut: int) -> None:
    """TCP may bring it byte by byte."""
    assert mismatch(REQUEST, RIGHT[:cut]) is None


@pytest.mark.parametrize(
    ("answer", "what"),
    [
        (RIGHT[:7] + b"\x04" + RIGHT[8:], "function 4"),
        (RIGHT[:6] + b"\x12" + RIGHT[7:], "unit 18"),
        (adu(REQUEST, bytes.fromhex("03 04 022B 0000")), "4 bytes"),
        (adu(REQUEST, bytes.fromhex("03 04 022B 0000 0064")), "6 bytes"),
        (adu(REQUEST, bytes.fromhex("03 06 022B 0000")), "4 bytes"),
        (adu(REQUEST, bytes.fromhex("03 08 022B 0000 0064 0001")), "8 bytes"),
        (adu(REQUEST, bytes.fromhex("83")), "wrong length"),
        (adu(REQUEST, bytes.fromhex("84 02")), "function 132"),
        (b"\0\0" + RIGHT[2:], "without transaction id"),
        (RIGHT[:2] + b"\0\x01" + RIGHT[4:], "no Modbus TCP frame"),
        (b"HTTP/1.1 400 Bad Request\r\n", "no Modbus TCP frame"),
    ],
)
def test_what_the_library_would_take_for_an_answer_is_refused(answer: bytes, what: str) -> None:
    """Other function, unit, count or no transaction id (F22, F23)."""
    assert what in (mismatch(REQUEST, answer) or "")


def test_an_answer_to_an_earlier_request_is_passed_over() -> None:
    """A late one has another transaction id; what follows it is judged (F22)."""
    late = b"\0\x06" + RIGHT[2:]
    assert mismatch(REQUEST, late + RIGHT) is None
    assert mismatch(REQUEST, late + RIGHT[:7] + b"\x04" + RIGHT[8:]) is not None


@given(st.binary(max_size=300) | st.builds(lambda body: RIGHT[:4] + body, st.binary(max_size=40)))
@example(RIGHT)
def test_any_bytes_get_a_verdict_and_only_a_whole_answer_passes(received: bytes) -> None:
    """No exception; a complete frame with our transaction id passes only when it is exactly what was asked for."""
    verdict = mismatch(REQUEST, received)
    complete = len(received) > 7 and len(received) >= 6 + int.from_bytes(received[4:6], "big")
    if verdict is None and complete and received[:4] == REQUEST[:4]:
        frame = received[: 6 + int.from_bytes(received[4:6], "big")]
        assert frame[6] == REQUEST[6]
        assert (frame[7:9] == b"\x03\x06" and len(frame) == 15) or (frame[7] == 0x83 and len(frame) == 9)


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
