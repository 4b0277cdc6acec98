"""A Modbus server: frames are answered by a pure function, a thin one carries them.

Written after "MODBUS Application Protocol Specification V1.1b3" and "MODBUS Messaging on TCP/IP Implementation
Guide V1.0b"; it shares no code with the client library that the product uses, so that the two check each other.
Addresses here are those on the wire, from 0.
"""

import asyncio
import math
import struct
from collections.abc import Mapping
from typing import Protocol, runtime_checkable

from simulators.devices.modbus_frames import HEADER, Asked, Framing, framed, next_request
from simulators.devices.modbus_lies import LIES, Liar
from simulators.ports import free_port

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


@runtime_checkable
class Lying(Protocol):
    """A unit that tells lies of its own registers."""

    lies: set[str]


class ReadOnly:
    """A unit whose registers can't be written."""

    def __init__(self) -> None:
        self.lies: set[str] = set()

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


class Units:
    """The units of one connection or line, and which lies each tells."""

    def __init__(self, units: Mapping[int, Unit], framing: Framing) -> None:
        self._units = units
        self._framing = framing
        self._liars = {unit: Liar(framing) for unit in units}

    def lie(self, lie: str, *, on: bool = True, unit: int | None = None) -> None:
        """Switch a lie of one unit, or of all, on or off. Raises KeyError for one that is not in `LIES`."""
        if lie not in LIES:
            raise KeyError(lie)
        for number in self._units if unit is None else (unit,):
            lies = self._liars[number].lies
            (lies.add if on else lies.discard)(lie)
            device = self._units[number]
            if isinstance(device, Lying):
                (device.lies.add if on else device.lies.discard)(lie)

    def tells(self, lie: str, unit: int | None = None) -> bool:
        """Whether a unit, or any, tells that lie."""
        return any(lie in liar.lies for number, liar in self._liars.items() if unit in {None, number})

    def answer(self, asked: Asked) -> bytes:
        """What comes back for a request; empty for nothing."""
        liar = self._liars.get(asked.unit)
        if liar is None:  # nobody on a line; a gateway says so
            return b"" if self._framing != "tcp" else framed("tcp", asked, answer(self._units, asked.unit, asked.pdu))
        return liar.said(asked, answer(self._units, asked.unit, liar.asked(asked).pdu))


class ModbusServer:
    """Serves units on a port of the loopback interface; each connection's requests are answered in order.

    `framing` is that of Modbus TCP, or of the line behind a serial device server. `late` is how long a late answer
    takes (lie `late-answer`), s.
    """

    def __init__(
        self, units: Mapping[int, Unit], port: int = 0, *, framing: Framing = "tcp", late: float = 0.5
    ) -> None:
        self.units = Units(units, framing)
        self._framing = framing
        self._late = late
        self._port = port or free_port()
        self._server: asyncio.Server | None = None
        self._clients: set[asyncio.StreamWriter] = set()
        self._serving: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> str:
        """`host:port`."""
        return f"127.0.0.1:{self._port}"

    def lie(self, lie: str, *, on: bool = True, unit: int | None = None) -> None:
        """See `Units.lie`."""
        self.units.lie(lie, on=on, unit=unit)

    def clients(self) -> int | None:
        """How many connections there are."""
        return len(self._clients)

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
            await asyncio.gather(*self._serving)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if (task := asyncio.current_task()) is not None:
            self._serving.add(task)
            task.add_done_callback(self._serving.discard)
        if self.units.tells("one-connection"):
            for client in list(self._clients):
                client.close()
        self._clients.add(writer)
        received = b""
        try:
            while octets := await reader.read(1024):
                received += octets
                if self._framing == "tcp" and not _is_modbus(received):
                    return
                received = await self._answer(received, writer)
        except ConnectionError:
            pass  # the client went away: nothing to do for it
        finally:
            self._clients.discard(writer)
            writer.close()

    async def _answer(self, received: bytes, writer: asyncio.StreamWriter) -> bytes:
        """Answer all whole requests; gives what is left."""
        while True:
            asked, received = next_request(self._framing, received)
            if asked is None:
                return received
            said = self.units.answer(asked)
            if self.units.tells("late-answer", asked.unit):
                await asyncio.sleep(self._late)
            writer.write(said)
            await writer.drain()
            if self.units.tells("drop-idle"):
                writer.close()
                return b""


def _is_modbus(received: bytes) -> bool:
    """Whether a header may begin so: protocol 0, and a length that a request can have."""
    if len(received) < HEADER.size:
        return True
    _, protocol, length, _ = HEADER.unpack_from(received)
    return bool(protocol == 0 and 2 <= length <= 254)


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
