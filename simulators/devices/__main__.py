"""One device in a process of its own: its description and its values come on stdin, one JSON document a line.

The first line is a `DeviceSpec`; the answer on stdout is `{"address": …}` or `{"error": …}`. Every further line is
`{"time": <Unix µs>, "values": {point: value}}`, which has no answer; `{"lie": name, "on": true}`, answered when the
device lies so; or `{"ask": "clients"}`, answered by `{"clients": number}`. The process ends when stdin does, so none
outlives the plant.
"""

import asyncio
import json
import signal
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from simulators.devices import Device
from simulators.devices.balance import Balance
from simulators.devices.particles import ParticleCounter
from simulators.devices.transmitter import ModbusTransmitter
from simulators.plant import AnyDevice, OpcUa, Transmitter
from simulators.plant import ParticleCounter as CounterSettings
from simulators.tags import Tag

LONGEST_LINE = 1 << 20
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class DeviceSpec(BaseModel):
    """What a device's process is told about itself.

    `link` is for a device on a terminal, `tags` and `keys`, a folder, for the monitoring system.
    """

    plant: str
    name: str
    device: AnyDevice
    link: Path | None = None
    tags: list[Tag] = []
    keys: Path | None = None


def build(spec: DeviceSpec) -> Device:
    """Make the device."""
    device = spec.device
    if isinstance(device, OpcUa):
        return _monitoring(spec, device)
    if isinstance(device, Transmitter):
        return ModbusTransmitter(device.port, framing=device.framing, link=spec.link)
    if isinstance(device, CounterSettings):
        known = {"flow", "location", "map_version", "serial_number", "clock_offset_hours", "framing"}
        return ParticleCounter(device.port, **device.model_dump(include=known), resuming=True, link=spec.link)
    options = device.model_dump(include={"dialect", "model", "serial_number", "capacity", "decimals", "settling"})
    return Balance(spec.link, **options)


def _monitoring(spec: DeviceSpec, device: OpcUa) -> Device:
    from simulators.devices.opcua import OpcUaDevice, Point  # noqa: PLC0415 (asyncua takes a second to load)

    points = [Point(tag.point, tag.type, tag.unit, tag.low, tag.high) for tag in spec.tags]
    below = device.alarm_below
    limits = {} if below is None else {tag.point: below for tag in spec.tags if ".DP." in tag.point}
    return OpcUaDevice(
        points,
        device.port,
        f"/{spec.plant.replace('-', '')}/{spec.name}",
        f"urn:plant:{spec.plant}:{spec.name}",
        history=device.history,
        keys=spec.keys if device.secure else None,
        limits=limits,
    )


async def serve() -> None:
    """Be the device until stdin ends."""
    reader = asyncio.StreamReader(limit=LONGEST_LINE)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    device = build(DeviceSpec.model_validate_json(await reader.readline()))
    try:
        await device.start()
    except OSError as error:
        _say({"error": error.strerror or str(error)})
        return
    _say({"address": device.address})
    try:
        while line := await reader.readline():
            message = json.loads(line)
            if "values" in message:
                await device.update(message["values"], EPOCH + timedelta(microseconds=message["time"]))
            else:
                _say(await _answer(device, message))
    finally:
        await device.stop()


async def _answer(device: Device, message: dict[str, Any]) -> dict[str, Any]:
    if "ask" in message:
        return {"clients": device.clients()}
    try:
        switched = device.lie(message["lie"], on=message["on"])
        if switched is not None:
            await switched
    except OSError as error:
        return {"error": error.strerror or str(error)}
    return {}


def _say(message: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    # Ctrl-C is for the plant, which then closes stdin.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    asyncio.run(serve())
