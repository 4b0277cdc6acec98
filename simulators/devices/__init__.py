"""Devices that speak the real protocols. A test can run each in its own event loop:

    device = ModbusTransmitter()
    await device.start()                              # listens on a free port
    await device.update({"differential": 14.5, "temperature": 20.1, "humidity": None})
    device.address                                    # "127.0.0.1:34567"
    await device.stop()

`OpcUaDevice` is in `devices.opcua`, `ModbusTransmitter` in `devices.transmitter`, `ParticleCounter` in
`devices.particles`, `Balance` in `devices.balance`. They are not imported here, so that a device's own process
(`python -m simulators.devices`) loads no protocol stack that it doesn't speak.
"""

from collections.abc import Awaitable, Mapping
from datetime import datetime
from typing import Protocol

Value = float | int | bool | str | None


class Device(Protocol):
    """What all devices have in common."""

    @property
    def address(self) -> str:
        """Where clients connect: an `opc.tcp://` URL, `host:port`, or the path of a terminal. Valid once started."""

    async def start(self) -> None:
        """Listen. Raises `OSError` if the port is taken."""

    async def stop(self) -> None:
        """Close all connections and the listener."""

    async def update(self, values: Mapping[str, Value], at: datetime | None = None) -> None:
        """Take over readings by point; None is "no value". `at` is when they were true, now if absent."""

    def clients(self) -> int | None:
        """How many connections clients have, at OPC UA sessions; None where nobody can know, at a terminal."""

    def lie(self, lie: str, /, *, on: bool = True) -> Awaitable[None] | None:
        """Lie in one of the ways that its kind knows, or stop it; what takes time is awaited."""
