"""A Modbus TCP device that never gives the same value twice and writes down what it gave before it gives it.

Run as a process of its own: `python -m tests.support.truth FOLDER`. It writes its port to `FOLDER/port`, a line
`<scan> <UTC microseconds>` for each scan to `FOLDER/served.log`, and reads its level from `FOLDER/level` at each scan.
"""

import asyncio
import contextlib
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

COUNTERS = 4
"""Tags `T.Count0` … whose values are `COUNTERS * scan + index`: each value tells its scan and its tag."""
LEVEL = 20
"""Tag `T.Level` while nobody set another."""


def value_of(scan: int, index: int) -> int:
    """What counter `index` said in a scan."""
    return COUNTERS * scan + index


def registers(level: int, scan: int) -> list[int]:
    """The device's memory in one scan: the level, then each counter in two registers, the high word first."""
    counts = [value_of(scan, index) for index in range(COUNTERS)]
    return [level & 0xFFFF, *(word for count in counts for word in (count >> 16, count & 0xFFFF))]


def tags() -> list[dict[str, object]]:
    """The tags as a Modbus source is told them."""
    level = {"name": "T.Level", "unit": "Pa", "address": 0, "type": "int16"}
    counts = [{"name": f"T.Count{at}", "unit": "1", "address": 1 + 2 * at, "type": "uint32"} for at in range(COUNTERS)]
    return [level, *counts]


def served(folder: Path) -> dict[int, int]:
    """When each scan was given so far: UTC microseconds by scan."""
    lines = (folder / "served.log").read_text().split("\n")[:-1]
    return {int(scan): int(moment) for scan, moment in map(str.split, lines)}


class Device:
    """Answers each request with a scan of its own; a client reads all of it in one request."""

    def __init__(self, folder: Path, log: TextIO) -> None:
        self._level, self._log, self._scan = folder / "level", log, 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                request = await reader.readexactly(12)
                writer.write(_answer(request, self._next()))
                await writer.drain()
        writer.close()

    def _next(self) -> Sequence[int]:
        self._scan += 1
        level = int(self._level.read_text()) if self._level.exists() else LEVEL
        self._log.write(f"{self._scan} {time.time_ns() // 1000}\n")
        self._log.flush()
        return registers(level, self._scan)


def _answer(request: bytes, memory: Sequence[int]) -> bytes:
    """The registers that were asked for (MODBUS Application Protocol 1.1b3, 6.3)."""
    start, count = int.from_bytes(request[8:10], "big"), int.from_bytes(request[10:12], "big")
    body = b"".join(word.to_bytes(2, "big") for word in memory[start : start + count])
    return request[:4] + (len(body) + 3).to_bytes(2, "big") + request[6:8] + bytes([len(body)]) + body


async def _main(folder: Path) -> None:
    with (folder / "served.log").open("w") as log:
        server = await asyncio.start_server(Device(folder, log).serve, "127.0.0.1", 0)
        (folder / "port.part").write_text(str(server.sockets[0].getsockname()[1]))
        (folder / "port.part").rename(folder / "port")
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main(Path(sys.argv[1])))
