"""Switches the beacon: writes one coil or one variable, and reads back what the device made of it.

Each time over a new connection, so that a device which was exchanged or restarted is reached as well; one that allows a
single client and has it already in the agent refuses, which the chain test shows.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress

from pymodbus.client import AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException

from adapters.contract import SourceSettings
from adapters.modbus.settings import ModbusSettings
from adapters.opcua.settings import OpcUaSettings
from edge.annunciation.keeping import BeaconError, Switch
from edge.annunciation.settings import Beacon, ModbusBeacon

CLOSING = 1.0
"""Seconds for a server to end the session."""


def switch_of(beacon: Beacon, sources: Mapping[str, SourceSettings]) -> Switch:
    """How that beacon is switched; `sources` are the agent's by name. Raises ValueError where its source is none."""
    source = sources.get(beacon.source or "")
    if isinstance(beacon, ModbusBeacon):
        host, port, unit = beacon.host, beacon.port, beacon.unit
        if isinstance(source, ModbusSettings):
            host, port, unit = source.host, source.port, source.unit
        if host is None:
            raise ValueError(f"there is no Modbus TCP source {beacon.source!r}")
        return _within(beacon.timeout, lambda on: _write_coil(host, port, unit, beacon.coil, on))
    if isinstance(source, OpcUaSettings):
        return _within(beacon.timeout, lambda on: _write_variable(source, beacon.node, on))
    raise ValueError(f"there is no OPC UA source {beacon.source!r}")


def _within(seconds: float, switch: Switch) -> Switch:
    async def switched(on: bool) -> None:
        try:
            async with asyncio.timeout(seconds):
                await switch(on)
        except TimeoutError as error:
            raise BeaconError(f"no answer within {seconds:g} s") from error

    return switched


async def _write_coil(host: str, port: int, unit: int, coil: int, on: bool) -> None:
    """Functions 5 and 1."""
    client = AsyncModbusTcpClient(host, port=port, retries=0, reconnect_delay=0)
    try:
        if not await client.connect():
            raise BeaconError(f"no connection to {host}:{port}")
        written = await client.write_coil(coil, on, device_id=unit)
        read = written if written.isError() else await client.read_coils(coil, count=1, device_id=unit)
    except (ModbusException, OSError) as error:
        raise BeaconError(str(error)) from error
    finally:
        client.close()
    if read.isError():
        raise BeaconError(f"coil {coil} was refused with exception {getattr(read, 'exception_code', '?')}")
    if bool(read.bits[0]) is not on:
        raise BeaconError(f"coil {coil} was written {on} and reads {read.bits[0]}")


async def _write_variable(source: OpcUaSettings, node: str, on: bool) -> None:
    from asyncua import ua  # noqa: PLC0415 - a second to import, which agents without OPC UA need not spend
    from asyncua.client.client import Client  # noqa: PLC0415
    from asyncua.ua.uaerrors import UaError  # noqa: PLC0415

    from adapters.opcua.nodes import resolve  # noqa: PLC0415
    from adapters.opcua.security import SecurityError, refusal, secure  # noqa: PLC0415

    client = Client(source.endpoint, source.timeout)
    client.name = client.description = "CMO gateway beacon"
    try:
        await secure(client, source)
        await client.connect()
        id_ = resolve(node, await client.get_namespace_array())
        if id_ is None:
            raise BeaconError(f"the server has no namespace of {node}")
        variable = client.get_node(id_)
        try:  # value alone: many servers refuse a status or times with it (BadWriteNotSupported)
            await variable.write_value(ua.DataValue(ua.Variant(on, ua.VariantType.Boolean)))
        except UaError as error:
            code = refusal(error)[0].partition(":")[0]
            raise BeaconError(f"{node}: {code}: the server does not let us write it") from error
        read = await variable.read_value()
    except UaError as error:
        raise BeaconError(f"{node}: {refusal(error)[0]}") from error
    except (SecurityError, OSError, ValueError) as error:
        raise BeaconError(f"{node}: {error}") from error
    finally:
        protocol = client.uaclient.protocol
        with suppress(Exception):  # whatever the library raises, the socket is closed below
            async with asyncio.timeout(CLOSING):
                await client.disconnect()
        if protocol is not None and protocol.transport is not None:
            protocol.transport.abort()
    if read is not on:
        raise BeaconError(f"{node} was written {on} and reads {read}")
