"""The simulated devices with a source for each, on TCP, RTU and ASCII."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

from adapters.modbus.settings import ModbusSettings
from adapters.modbus.source import ModbusSource
from simulators.devices.transmitter import ModbusTransmitter

FRAMINGS = ("tcp", "rtu", "ascii")
Framing = Literal["tcp", "rtu", "ascii"]
SILENCE = 2.5
PATIENT = 15.0
"""s of silence for tests that are not about it: a busy machine stops for seconds."""
TIMEOUT = 0.3
LATE = 0.5
"""s; a late answer comes after `TIMEOUT` and before `WORST_DELAY`."""
WORST_DELAY = 0.7

WIDE = {"table": "holding", "type": "float32", "word_order": "little"}
HUMIDITY: dict[str, Any] = {"name": "RH", "address": 0, **WIDE}
TEMPERATURE: dict[str, Any] = {"name": "T", "address": 2, **WIDE}
DIFFERENTIAL: dict[str, Any] = {"name": "DP", "address": 4, **WIDE}
PROOF = [{**WIDE, "address": 7937, "value": -123.45}]


def where(framing: str, address: str) -> dict[str, Any]:
    """The part of the settings that says how a device is reached."""
    host, _, port = address.rpartition(":")
    wired = {"host": host, "port": int(port)} if host else {"line": {"path": address}}
    return {"framing": framing, "worst_delay": WORST_DELAY, **wired}


def configured(framing: str, address: str, *tags: dict[str, Any], **more: Any) -> ModbusSettings:
    """Settings of a source with short times."""
    times = {"poll_interval": 0.1, "timeout": TIMEOUT, "silence": PATIENT}
    given = {"type": "modbus", "name": "device", "tags": tags, **where(framing, address), **times, **more}
    return ModbusSettings.model_validate(given)


def source(framing: str, address: str, *tags: dict[str, Any], **more: Any) -> ModbusSource:
    """A source of a device."""
    return ModbusSource(configured(framing, address, *tags, **more))


@asynccontextmanager
async def transmitter(framing: Any) -> AsyncIterator[ModbusTransmitter]:
    """The transmitter, with values."""
    device = ModbusTransmitter(framing=framing, late=LATE)
    await device.start()
    try:
        await device.update({"humidity": 45.5, "temperature": 20.25, "differential": 14.5})
        yield device
    finally:
        await device.stop()
