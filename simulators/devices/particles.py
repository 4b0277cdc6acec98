"""An airborne particle counter on Modbus, after the register maps of Lighthouse's remote counters.

Register numbers as in the manuals: 40001 is function 3, address 0; 30001 is function 4, address 0. Two particle
channels are active, ≥ 0.5 and ≥ 5.0 µm, cumulative; the other six hold garbage, as in the real ones.
"""

import math
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from simulators.devices import Value
from simulators.devices.modbus import (
    ILLEGAL_ADDRESS,
    ILLEGAL_VALUE,
    READ_HOLDING,
    ModbusError,
    ModbusServer,
    placed,
    table_read,
    text_words,
    words,
)
from simulators.devices.modbus_frames import Framing
from simulators.devices.modbus_line import LineServer

RUNNING, SAMPLING, NEW_DATA, DEVICE_ERROR = 1, 2, 4, 8
"""Bits of 40003."""
LASER_FAULT, FLOW_FAULT, OVERFLOW = 1, 2, 4
"""Bits of a record's status."""
FLOW_TOLERANCE = 0.05
"""Part of the nominal flow beyond which a record is marked."""
CAPACITY = 3000
"""Records kept; the oldest goes first."""
CLEAR, MANUAL_START, MANUAL_STOP, START, STOP, SET_CLOCK = 3, 9, 10, 11, 12, 13
"""Commands of 40002."""
HIGH_FIRST = 150
"""The first map version with floats high word first."""
NEWEST = 0xFFFF
"""Record index -1."""
CALIBRATION_DAYS = 365
GARBAGE = 0xDEADBEEF
"""What an inactive channel returns."""


@dataclass(frozen=True)
class Record:
    """A finished sample; `time` is the end of it by the counter's clock, Unix seconds."""

    time: int
    seconds: int
    status: int
    count_05: int
    count_5: int
    flow: float


class Registers:
    """The counter's memory and its two register tables."""

    def __init__(self, location: int, map_version: int, serial_number: int, clock_offset: float) -> None:
        self.records: deque[Record] = deque(maxlen=CAPACITY)
        self.running = True
        self.new_data = False
        self.error = False
        self._location = location
        self._version = map_version
        self._serial = serial_number
        self._clock_offset = clock_offset
        self._index = NEWEST
        self._clock_set = [0, 0]
        self._calibration_due = int(time.time()) + CALIBRATION_DAYS * 86_400
        self.lies: set[str] = set()
        self.commands: list[int] = []

    def now(self) -> int:
        """The counter's own clock, Unix seconds."""
        return int(time.time() + self._clock_offset)

    def clock_at(self, moment: datetime) -> int:
        """What the counter's clock showed at `moment`."""
        return int(moment.timestamp() + self._clock_offset)

    def read(self, function: int, address: int, count: int) -> list[int]:
        """See `modbus.Unit`. A read of input registers clears NEW DATA."""
        if function == READ_HOLDING:
            return table_read(self._holding(), address, count)
        values = table_read(self._record(), address, count)
        self.new_data = False
        if "second-master" in self.lies:
            self._index = 0
        return values

    def write(self, address: int, values: list[int]) -> None:
        """Commands, record index and the clock to be set; other registers are read only."""
        for number, value in enumerate(values, start=address + 1):
            if number == 2:
                self._command(value)
            elif number == 25:
                if value != NEWEST and value >= len(self.records):
                    raise ModbusError(ILLEGAL_VALUE)
                self._index = value
            elif number in {35, 36}:
                self._clock_set[number - 35] = value
            else:
                raise ModbusError(ILLEGAL_ADDRESS)

    def _command(self, command: int) -> None:
        self.commands.append(command)
        if command == CLEAR:
            self.records.clear()
            self.new_data, self._index = False, NEWEST
        elif command in {MANUAL_START, START}:
            self.running = True
        elif command in {MANUAL_STOP, STOP}:
            self.running = False
        elif command == SET_CLOCK:
            high, low = self._clock_set
            self._clock_offset = (high << 16 | low) - time.time()
        else:
            raise ModbusError(ILLEGAL_VALUE)

    def _holding(self) -> dict[int, int]:
        status = RUNNING | SAMPLING if self.running else 0
        status |= NEW_DATA * self.new_data | DEVICE_ERROR * self.error
        table = dict.fromkeys(range(50), 0)
        table |= placed(1, [self._version, 0, status, 212, *words(self._serial, "I")])
        table |= placed(7, text_words("REMOTE", 8) + text_words("3104", 8))
        table |= placed(24, [len(self.records), self._index])
        table |= placed(27, words(self.now(), "i"))
        table |= placed(35, self._clock_set)
        return table | placed(47, words(self._calibration_due, "i"))

    def _record(self) -> dict[int, int]:
        table = dict.fromkeys(range(76), 0)
        record = self._chosen()
        if record is None:
            return table
        table |= placed(1, words(record.time, "i") + words(record.seconds, "I"))
        status = record.status | LASER_FAULT * ("sensor-fault" in self.lies)
        table |= placed(5, words(self._location, "I") + words(status, "I"))
        channels = [record.count_05, record.count_5] + [GARBAGE] * 6
        table |= placed(9, [word for channel in channels for word in words(channel, "I")])
        table |= placed(41, words(record.flow, "f", low_first=self._version < HIGH_FIRST))
        return table | placed(73, [0b1, 0b11, 0, 0])

    def _chosen(self) -> Record | None:
        if not self.records:
            return None
        return self.records[-1] if self._index == NEWEST else self.records[self._index]


class ParticleCounter:
    """Points: `sample` (number), `sample_seconds`, `count_05`, `count_5` (raw, cumulative), `overflow`, `flow` (l/min).

    A record is made whenever `sample` changes to another number above 0. A flow that is None, NaN or away from the
    nominal one marks the record and the device status. With `resuming` the first update only says which sample was
    the last before this counter was switched on.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        flow: float = 28.3,
        location: int = 1,
        map_version: int = 148,
        serial_number: int = 21045,
        clock_offset_hours: float = 0.0,
        resuming: bool = False,
        framing: Framing = "tcp",
        link: Path | None = None,
        capacity: int = CAPACITY,
    ) -> None:
        self._nominal = flow
        self._resuming = resuming
        self._values: dict[str, Value] = {
            "sample": 0,
            "sample_seconds": 60,
            "count_05": 0,
            "count_5": 0,
            "overflow": False,
            "flow": flow,
        }
        self.registers = Registers(location, map_version, serial_number, clock_offset_hours * 3600)
        self.registers.records = deque(maxlen=capacity)
        units = {1: self.registers}
        self._server: ModbusServer | LineServer = (
            ModbusServer(units, port) if framing == "tcp" else LineServer(units, framing, link)
        )

    @property
    def address(self) -> str:
        """`host:port`, or the path of the line."""
        return self._server.address

    def lie(self, lie: str, *, on: bool = True) -> None:
        """Switch one of `modbus_lies.LIES` on or off. Raises KeyError for another."""
        self._server.lie(lie, on=on)

    def clients(self) -> int | None:
        """See `Device`."""
        return self._server.clients()

    async def start(self) -> None:
        """Listen. Raises `OSError` if the port is taken."""
        await self._server.start()

    async def stop(self) -> None:
        """Close the listener and all connections."""
        await self._server.stop()

    async def update(self, values: Mapping[str, Value], at: datetime | None = None) -> None:
        """Take over readings; a new `sample` number makes a record. Raises `KeyError` for an unknown point."""
        if unknown := values.keys() - self._values.keys():
            raise KeyError(*sorted(unknown))
        before = self._values["sample"]
        self._values |= values
        self.registers.error = self._flow_fault()
        sample = self._values["sample"]
        resuming, self._resuming = self._resuming, False
        if sample and sample != before and self.registers.running and not resuming:
            self.registers.records.append(self._finished(at or datetime.now(UTC)))
            self.registers.new_data = True

    def _flow_fault(self) -> bool:
        return not abs(self._flow() - self._nominal) <= FLOW_TOLERANCE * self._nominal

    def _flow(self) -> float:
        flow = self._values["flow"]
        return math.nan if flow is None else float(flow)

    def _finished(self, at: datetime) -> Record:
        return Record(
            time=self.registers.clock_at(at),
            seconds=self._number("sample_seconds"),
            status=FLOW_FAULT * self._flow_fault() | OVERFLOW * bool(self._values["overflow"]),
            count_05=self._number("count_05"),
            count_5=self._number("count_5"),
            flow=self._flow(),
        )

    def _number(self, point: str) -> int:
        return int(self._values[point] or 0)
