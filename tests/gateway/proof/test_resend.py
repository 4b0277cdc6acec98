"""Requests to send again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.proof.keys import Role, generate, public_keys
from gateway.proof.note import NoteError
from gateway.proof.resend import MOST, Resend, open_resend, write_resend

NODE = generate("holder-b", Role.NODE, "holder-b")
STREAM = "cmo-a.line-3.holder-b.measurements.v1"


@given(st.integers(1, 2**62), st.integers(0, MOST - 1), st.integers(0, 2**40))
def test_what_was_asked_is_what_is_read(first: int, more: int, time: int) -> None:
    """Numbers and time survive."""
    request = Resend(STREAM, first, first + more)
    assert open_resend(write_resend(request, NODE, time), public_keys(NODE)) == (request, time)


@given(st.data())
def test_one_altered_byte_is_never_another_request(data: st.DataObject) -> None:
    """Refused, or (in a line of no importance) the same."""
    request = Resend(STREAM, 7, 9)
    octets = bytearray(write_resend(request, NODE, 5))
    octets[data.draw(st.integers(0, len(octets) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(NoteError):
        open_resend(bytes(octets), public_keys(NODE))


@pytest.mark.parametrize("numbers", [(0, 1), (2, 1), (1, MOST + 1)])
def test_a_request_that_cannot_be_is_refused(numbers: tuple[int, int]) -> None:
    """Numbers begin at 1, go up, and are not too many."""
    with pytest.raises(NoteError, match="asks for"):
        open_resend(write_resend(Resend(STREAM, *numbers), NODE, 5), public_keys(NODE))


def test_a_strangers_request_is_refused() -> None:
    """Only trusted nodes may ask."""
    with pytest.raises(NoteError):
        open_resend(write_resend(Resend(STREAM, 1, 1), NODE, 5), public_keys(generate("x", Role.NODE, "x")))
