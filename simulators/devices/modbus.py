"""A Modbus TCP server: frames are answered by a pure function, a thin one carries them.

Written after "MODBUS Application Protocol Specification V1.1b3" and "MODBUS Messaging on TCP/IP Implementation
Guide V1.0b"; it shares no code with the client library that the product uses, so that the two check each other.
Addresses here are those on the wire, from 0.
"""

import asyncio
import math
import struct
from collections.abc import Mapping
from typing import Protocol

from simulators.ports import free_port

HEADER = struct.Struct(">HHHB")
READ_HOLDING, READ_INPUT, WRITE_ONE, WRITE_MANY = 3, 4, 6, 16
ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE, NO_SUCH_UNIT = 1, 2, 3, 0x0B
FLOAT_MAX = 3.4028234663852886e38
"""The largest float32."""
MOST_READ, MOST_WRITTEN = 125, 123


class ModbusError(Exception):
    """A request that is answered with an exception code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"Modbus exception {code}")
        self.code = code


class Unit(Protocol):
    """The registers of one device."""

    def read(self, function: int, address: int, count: int) -> list[int]:
        """Registers by function 3 or 4. Raises `ModbusError`."""

    def write(self, address: int, values: list[int]) -> None:
        """Take over holding registers. Raises `ModbusError`."""


class ReadOnly:
    """A unit whose registers can't be written."""

    def write(self, address: int, values: list[int]) -> None:  # noqa: ARG002 (whatever it is)
        """Refuse."""
        raise ModbusError(ILLEGAL_ADDRESS)


def table_read(table: Mapping[int, int], address: int, count: int) -> list[int]:
    """Registers of a table; an address that is not in it is an illegal one."""
    try:
        return [table[place] for place in range(address, address + count)]
    except KeyError:
        raise ModbusError(ILLEGAL_ADDRESS) from None


def answer(units: Mapping[int, Unit], unit: int, pdu: bytes) -> bytes:
    """Response PDU for a request PDU."""
    if unit not in units:
        return bytes([pdu[0] | 0x80, NO_SUCH_UNIT])
    try:
        return _execute(units[unit], pdu)
    except ModbusError as error:
        return bytes([pdu[0] | 0x80, error.code])


def _execute(unit: Unit, pdu: bytes) -> bytes:
    function, body = pdu[0], pdu[1:]
    if function not in {READ_HOLDING, READ_INPUT, WRITE_ONE, WRITE_MANY}:
        raise ModbusError(ILLEGAL_FUNCTION)
    if len(body) < 4:
        raise ModbusError(ILLEGAL_VALUE)
    address, count = struct.unpack_from(">HH", body)
    if function == WRITE_ONE:
        unit.write(address, [count])
    elif function == WRITE_MANY:
        if not 1 <= count <= MOST_WRITTEN or len(body) != 5 + 2 * count:
            raise ModbusError(ILLEGAL_VALUE)
        unit.write(address, list(struct.unpack_from(f">{count}H", body, 5)))
    else:
        if not 1 <= count <= MOST_READ:
            raise ModbusError(ILLEGAL_VALUE)
        values = unit.read(function, address, count)
        return struct.pack(f">BB{count}H", function, 2 * count, *values)
    return pdu[:5]


class ModbusServer:
    """Serves units on a port of the loopback interface; each connection's requests are answered in order."""

    def __init__(self, units: Mapping[int, Unit], port: int = 0) -> None:
        self._units = units
        self._port = port or free_port()
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.StreamWriter] = set()

    @property
    def address(self) -> str:
        """`host:port`."""
        return f"127.0.0.1:{self._port}"

    async def start(self) -> None:
        """Listen. Raises `OSError` if the port is taken."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)

    async def stop(self) -> None:
        """Close the listener and all connections."""
        if self._server is not None:
            self._server.close()
            for client in list(self._clients):
                client.close()
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._clients.add(writer)
        try:
            while True:
                transaction, protocol, length, unit = HEADER.unpack(await reader.readexactly(HEADER.size))
                if protocol != 0 or not 2 <= length <= 254:
                    return
                pdu = answer(self._units, unit, await reader.readexactly(length - 1))
                writer.write(HEADER.pack(transaction, 0, len(pdu) + 1, unit) + pdu)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client went away: nothing to do for it
        finally:
            self._clients.discard(writer)
            writer.close()


def words(value: float, pack: str, *, low_first: bool = False) -> list[int]:
    """Two registers of a 32-bit value in a struct format such as `f`, `i`, `I`."""
    if pack == "f" and abs(value) > FLOAT_MAX:
        value = math.copysign(math.inf, value)
    high, low = struct.unpack(">HH", struct.pack(f">{pack}", value))
    return [low, high] if low_first else [high, low]


def text_words(text: str, registers: int) -> list[int]:
    """ASCII text, two characters a register, filled with NUL."""
    data = text.encode("ascii")[: 2 * registers].ljust(2 * registers, b"\0")
    return list(struct.unpack(f">{registers}H", data))


def placed(first: int, values: list[int]) -> dict[int, int]:
    """A piece of a table: `values` from the register numbered `first` (from 1) on."""
    return {first - 1 + offset: value for offset, value in enumerate(values)}
