"""A room transmitter on Modbus: differential pressure, temperature, humidity.

Unit 1 follows the conventions of Vaisala's HMDW110 and Indigo families, the differential put in as a third channel;
unit 2 is the pressure alone, as in Dwyer's MS2. Register numbers count from 1; functions 3 and 4 read the same table.
"""

import math
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from simulators.devices import Value
from simulators.devices.modbus import ModbusServer, ReadOnly, Unit, placed, table_read, text_words, words
from simulators.devices.modbus_frames import Framing
from simulators.devices.modbus_line import LineServer

POINTS = ("humidity", "temperature", "differential")
"""In register order: floats at 1, 3, 5 (low word first), int16 × 100 at 258, 259, 260."""
NO_VALUE, OVER, UNDER = 0x8000, 0x7FFF, 0x8001
"""int16 registers without a value, above and below their range; the float is a quiet NaN where there is none."""
TEST = {**placed(7937, [-12345 & 0xFFFF]), **placed(7938, words(-123.45, "f", low_first=True))} | placed(
    7940, text_words("-123.45", 4)
)
"""Constants that prove a client's sign, word order and text order."""
PASCALS = {"inWC": 249.0889, "mmWC": 9.80665, "kPa": 1000.0}


def scaled(value: float, factor: float) -> int:
    """int16 register of `value` × `factor`, with the marks for no value and out of range."""
    if math.isnan(value):
        return NO_VALUE
    number = value * factor
    if number > OVER - 1:
        return OVER
    if number < 1 - OVER:
        return UNDER
    return round(number) & 0xFFFF


class Climate(ReadOnly):
    """Unit 1: humidity, temperature and differential, as floats and as int16 × 100."""

    def __init__(self) -> None:
        super().__init__()
        self.values = dict.fromkeys(POINTS, math.nan)
        self.updates = 0
        self._reads = 0

    def read(self, function: int, address: int, count: int) -> list[int]:  # noqa: ARG002 (both functions alike)
        """See `modbus.Unit`."""
        table = dict(TEST) | placed(301, [self._count()])
        self._reads += 1
        for number, point in enumerate(POINTS):
            value = math.nan if "no-value" in self.lies else self.values[point]
            if "torn" in self.lies:  # the next read meets the next moment
                value += self._reads % 2
            table |= placed(1 + 2 * number, words(value, "f", low_first=True))
            table |= placed(258 + number, [scaled(value, 100)])
        return table_read(table, address, count)

    def _count(self) -> int:
        """Updates so far, at 301; it wraps, and begins anew when the device is reset."""
        for lie, count in (("counter-reset", 0), ("counter-wrap", 0xFFFF)):
            if lie in self.lies:
                self.lies.discard(lie)
                self.updates = count
        return self.updates & 0xFFFF


class Pressure(ReadOnly):
    """Unit 2: one pressure in six forms (1 and 2 int16, then floats high word first), sensor errors at 21."""

    def __init__(self) -> None:
        super().__init__()
        self.value = math.nan

    def read(self, function: int, address: int, count: int) -> list[int]:  # noqa: ARG002 (both functions alike)
        """See `modbus.Unit`."""
        failed = math.isnan(self.value) or "sensor-fault" in self.lies
        pascal = 0.0 if math.isnan(self.value) else self.value
        table = placed(1, [round(pascal / PASCALS["inWC"] * 1000) & 0xFFFF, round(pascal) & 0xFFFF])
        table |= placed(3, words(pascal / PASCALS["inWC"], "f") + words(pascal, "f"))
        table |= placed(7, words(pascal / PASCALS["mmWC"], "f") + words(pascal / PASCALS["kPa"], "f"))
        table |= placed(19, [1, 0 if failed else 1, int(failed), 0])
        if "no-value" in self.lies:
            table |= placed(1, [NO_VALUE] * 2)
        return table_read(table, address, count)


class ModbusTransmitter:
    """Points: `differential` (Pa), `temperature` (Cel), `humidity` (%).

    On TCP, or with `framing` rtu or ascii on a pseudo-terminal, which `link` becomes a link to.
    """

    def __init__(self, port: int = 0, *, framing: Framing = "tcp", link: Path | None = None, late: float = 0.5) -> None:
        self._climate = Climate()
        self._pressure = Pressure()
        units: dict[int, Unit] = {1: self._climate, 2: self._pressure}
        self._server: ModbusServer | LineServer = (
            ModbusServer(units, port, late=late) if framing == "tcp" else LineServer(units, framing, link, late=late)
        )

    @property
    def address(self) -> str:
        """`host:port`, or the path of the line."""
        return self._server.address

    def lie(self, lie: str, *, on: bool = True, unit: int | None = None) -> None:
        """Switch one of `modbus_lies.LIES` of one unit, or of both, on or off. Raises KeyError for another."""
        self._server.lie(lie, on=on, unit=unit)

    def clients(self) -> int | None:
        """See `Device`."""
        return self._server.clients()

    async def start(self) -> None:
        """Listen. Raises `OSError` if the port is taken."""
        await self._server.start()

    async def stop(self) -> None:
        """Close the listener and all connections."""
        await self._server.stop()

    async def update(self, values: Mapping[str, Value], at: datetime | None = None) -> None:  # noqa: ARG002 (no clock)
        """Take over readings; None and NaN show as the registers' marks for no value."""
        for point, value in values.items():
            if point not in self._climate.values:
                raise KeyError(point)
            self._climate.values[point] = math.nan if value is None else float(value)
        self._climate.updates += 1
        self._pressure.value = self._climate.values["differential"]
