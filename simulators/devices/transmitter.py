"""A room transmitter on Modbus TCP: differential pressure, temperature, humidity.

Unit 1 follows the conventions of Vaisala's HMDW110 and Indigo families, the differential put in as a third channel;
unit 2 is the pressure alone, as in Dwyer's MS2. Register numbers count from 1; functions 3 and 4 read the same table.
"""

import math
from collections.abc import Mapping
from datetime import datetime

from simulators.devices import Value
from simulators.devices.modbus import ModbusServer, ReadOnly, placed, table_read, text_words, words

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
        self.values = dict.fromkeys(POINTS, math.nan)

    def read(self, function: int, address: int, count: int) -> list[int]:  # noqa: ARG002 (both functions alike)
        """See `modbus.Unit`."""
        table = dict(TEST)
        for number, point in enumerate(POINTS):
            value = self.values[point]
            table |= placed(1 + 2 * number, words(value, "f", low_first=True))
            table |= placed(258 + number, [scaled(value, 100)])
        return table_read(table, address, count)


class Pressure(ReadOnly):
    """Unit 2: one pressure in six forms (1 and 2 int16, then floats high word first), sensor errors at 21."""

    def __init__(self) -> None:
        self.value = math.nan

    def read(self, function: int, address: int, count: int) -> list[int]:  # noqa: ARG002 (both functions alike)
        """See `modbus.Unit`."""
        failed = math.isnan(self.value)
        pascal = 0.0 if failed else self.value
        table = placed(1, [round(pascal / PASCALS["inWC"] * 1000) & 0xFFFF, round(pascal) & 0xFFFF])
        table |= placed(3, words(pascal / PASCALS["inWC"], "f") + words(pascal, "f"))
        table |= placed(7, words(pascal / PASCALS["mmWC"], "f") + words(pascal / PASCALS["kPa"], "f"))
        table |= placed(19, [1, 0 if failed else 1, int(failed), 0])
        return table_read(table, address, count)


class ModbusTransmitter:
    """Points: `differential` (Pa), `temperature` (Cel), `humidity` (%)."""

    def __init__(self, port: int = 0) -> None:
        self._climate = Climate()
        self._pressure = Pressure()
        self._server = ModbusServer({1: self._climate, 2: self._pressure}, port)

    @property
    def address(self) -> str:
        """`host:port`."""
        return self._server.address

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
        self._pressure.value = self._climate.values["differential"]
