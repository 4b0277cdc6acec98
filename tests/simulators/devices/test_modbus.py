import asyncio
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.devices.modbus import ModbusError, ModbusServer, answer, placed, table_read, text_words, words
from simulators.devices.modbus_frames import HEADER
from simulators.devices.transmitter import Climate


class Store:
    """Ten registers that can be read and written."""

    def __init__(self) -> None:
        self.table = dict.fromkeys(range(10), 0)

    def read(self, function: int, address: int, count: int) -> list[int]:
        assert function in {3, 4}
        return table_read(self.table, address, count)

    def write(self, address: int, values: list[int]) -> None:
        table_read(self.table, address, len(values))
        self.table |= placed(address + 1, values)


@given(st.binary(min_size=1, max_size=253))
def test_any_request_gets_an_answer_to_its_function(pdu: bytes) -> None:
    """A response of the same function, or an exception with a code; never a crash."""
    response = answer({1: Store()}, 1, pdu)
    assert response[0] & 0x7F == pdu[0] & 0x7F
    assert len(response) <= 253
    if response[0] & 0x80:
        assert len(response) == 2
        assert response[1] in {1, 2, 3}


@given(st.integers(0, 9), st.lists(st.integers(0, 0xFFFF), min_size=1, max_size=10))
def test_what_was_written_is_read(address: int, values: list[int]) -> None:
    """Function 16, then function 3; beyond the table both are illegal addresses."""
    store = Store()
    write = struct.pack(f">BHHB{len(values)}H", 16, address, len(values), 2 * len(values), *values)
    response = answer({1: store}, 1, write)
    read = answer({1: store}, 1, struct.pack(">BHH", 3, address, len(values)))
    if address + len(values) > 10:
        assert response == b"\x90\x02"
        assert read == b"\x83\x02"
    else:
        assert response == write[:5]
        assert list(struct.unpack(f">{len(values)}H", read[2:])) == values


@pytest.mark.parametrize(
    ("pdu", "code"),
    [
        (struct.pack(">BHH", 3, 0, 0), 3),
        (struct.pack(">BHH", 3, 0, 126), 3),
        (struct.pack(">BHH", 4, 9, 2), 2),
        (struct.pack(">BHH", 1, 0, 1), 1),
        (struct.pack(">BHHB", 16, 0, 2, 2) + b"\0\0", 3),
        (b"\x03\x00", 3),
    ],
)
def test_requests_that_ask_too_much_get_the_code_of_the_specification(pdu: bytes, code: int) -> None:
    """1 illegal function, 2 illegal address, 3 illegal value."""
    assert answer({1: Store()}, 1, pdu) == bytes([pdu[0] | 0x80, code])


def test_an_unknown_unit_is_answered_as_a_gateway_does() -> None:
    """0x0B: target device failed to respond."""
    assert answer({1: Store()}, 7, struct.pack(">BHH", 3, 0, 1)) == b"\x83\x0b"


def test_a_unit_that_is_read_only_refuses_writing() -> None:
    """The transmitter has nothing to set."""
    with pytest.raises(ModbusError):
        Climate().write(0, [1])


@given(st.floats(width=32, allow_nan=False))
def test_word_orders_are_each_other_turned_round(value: float) -> None:
    """Low word first is the same two words, exchanged."""
    high, low = words(value, "f")
    assert words(value, "f", low_first=True) == [low, high]
    assert struct.unpack(">f", struct.pack(">HH", high, low))[0] == value


def test_text_fills_its_registers() -> None:
    """Two letters a register, NUL behind."""
    assert text_words("abc", 3) == [0x6162, 0x6300, 0]


async def test_requests_in_one_piece_or_in_many_are_answered_in_order() -> None:
    """Pipelined and fragmented frames each get their own transaction id back."""
    server = ModbusServer({1: Store()})
    await server.start()
    host, port = server.address.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    request = struct.pack(">BHH", 3, 0, 2)
    frames = b"".join(HEADER.pack(number, 0, 6, 1) + request for number in (7, 8, 9))
    for piece in (frames[:5], frames[5:20], frames[20:]):
        writer.write(piece)
        await writer.drain()
    answers = [HEADER.unpack((await reader.readexactly(13))[:7]) for _ in range(3)]
    assert [one[0] for one in answers] == [7, 8, 9]
    writer.close()
    await server.stop()


async def test_a_frame_of_another_protocol_ends_the_connection() -> None:
    """The protocol id of Modbus TCP is 0; what else comes is not Modbus."""
    server = ModbusServer({1: Store()})
    await server.start()
    host, port = server.address.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET / HTTP/1.1\r\n\r\n")
    assert await reader.read() == b""
    writer.close()
    await server.stop()
