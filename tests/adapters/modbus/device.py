"""A Modbus TCP device for tests, byte by byte, which can be told to misbehave."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

Twist = Callable[[bytes, bytes], bytes | None]
"""From request and right answer to what is sent; None for nothing."""


def right(request: bytes, answer: bytes) -> bytes:
    """Answer as it should be."""
    assert request
    return answer


class Device:
    """Registers and bits by table and address; an address that is not there is refused with exception 2."""

    def __init__(self) -> None:
        self.memory: dict[tuple[int, int], int] = {}
        self.requests: list[bytes] = []
        self.connections = 0
        self.twist: Twist = right
        self.writers: set[asyncio.StreamWriter] = set()
        self.port = 0

    def hold(self, address: int, *words: int, function: int = 3) -> None:
        """Put words, or bits, at consecutive addresses."""
        self.memory |= {(function, address + at): word for at, word in enumerate(words)}

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        self.connections += 1
        self.writers.add(writer)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                request = await reader.readexactly(12)
                self.requests.append(request)
                sent = self.twist(request, self._answer(request))
                if sent is not None:
                    writer.write(sent)
        writer.close()

    def drop(self) -> None:
        """Close all connections from this side."""
        for writer in self.writers:
            writer.close()
        self.writers.clear()

    def _answer(self, request: bytes) -> bytes:
        function = request[7]
        start, count = int.from_bytes(request[8:10], "big"), int.from_bytes(request[10:12], "big")
        cells = [self.memory.get((function, address)) for address in range(start, start + count)]
        known = [cell for cell in cells if cell is not None]
        if len(known) < count:
            return refusal(request, 2)
        return adu(request, bytes([function, len(packed(function, known))]) + packed(function, known))


def packed(function: int, cells: list[int]) -> bytes:
    """Registers, or bits in bytes with the lowest first."""
    if function in {3, 4}:
        return b"".join(cell.to_bytes(2, "big") for cell in cells)
    bits = sum(cell << at for at, cell in enumerate(cells))
    return bits.to_bytes((len(cells) + 7) // 8, "little")


def adu(request: bytes, pdu: bytes) -> bytes:
    """The answer's header before its body."""
    return request[:4] + (len(pdu) + 1).to_bytes(2, "big") + request[6:7] + pdu


def refusal(request: bytes, code: int) -> bytes:
    """An exception response."""
    return adu(request, bytes([request[7] | 0x80, code]))


@contextlib.asynccontextmanager
async def listening(device: Device, port: int = 0) -> AsyncIterator[Device]:
    """The device on a port of loopback, gone at the end."""
    server = await asyncio.start_server(device.serve, "127.0.0.1", port)
    device.port = server.sockets[0].getsockname()[1]
    try:
        yield device
    finally:
        server.close()
        device.drop()
        await server.wait_closed()
