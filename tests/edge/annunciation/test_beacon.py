"""Beacons over real sockets: a coil, and a variable of an OPC UA server."""

import pytest
from asyncua import ua

from adapters.opcua.settings import OpcUaSettings
from edge.annunciation.beacon import switch_of
from edge.annunciation.keeping import BeaconError
from edge.annunciation.settings import ModbusBeacon, OpcUaBeacon
from simulators.ports import free_port
from tests.adapters.opcua.plant import NAMESPACE, running
from tests.edge.annunciation.parts import coils
from tests.support.eventually import eventually


def modbus(port: int) -> ModbusBeacon:
    return ModbusBeacon(type="modbus", host="127.0.0.1", port=port, coil=7, timeout=5)


async def test_a_coil_is_written_and_read_back() -> None:
    """No other coil is touched."""
    async with coils() as (device, port):
        switch = switch_of(modbus(port), {})
        await switch(True)
        assert device.on == {7: True}
        await switch(False)
        assert device.writes == [(7, True), (7, False)]


async def test_a_beacon_that_does_not_follow_is_said() -> None:
    """Stuck, refused, away."""
    async with coils() as (device, port):
        switch = switch_of(modbus(port), {})
        device.stuck = True
        with pytest.raises(BeaconError, match="written True and reads False"):
            await switch(True)
        device.refuses = True
        with pytest.raises(BeaconError, match="exception 2"):
            await switch(True)
    with pytest.raises(BeaconError, match="no connection"):
        await switch_of(modbus(free_port()), {})(True)


async def test_a_variable_is_written_over_the_source_s_connection() -> None:
    """Its endpoint and namespace; a node that is not there is said with its StatusCode."""
    port = free_port()
    tag = {"name": "T", "unit": "1", "node": "i=2258"}
    async with running(port) as plant:
        node = await plant.add("Beacon", False, ua.VariantType.Boolean)
        await node.set_writable()
        source = OpcUaSettings.model_validate(
            {"type": "opcua", "name": "ems", "endpoint": plant.endpoint, "security": "none", "tags": [tag]}
        )

        def beacon(name: str) -> OpcUaBeacon:
            return OpcUaBeacon(type="opcua", source="ems", node=f"nsu={NAMESPACE};s={name}", timeout=20)

        switch = switch_of(beacon("Beacon"), {"ems": source})
        await switch(True)
        assert await node.read_value() is True
        await switch(False)
        assert await node.read_value() is False
        with pytest.raises(BeaconError, match=r"Nothing: Bad\w+: the server does not let us write it"):
            await switch_of(beacon("Nothing"), {"ems": source})(True)
        await node.set_read_only()
        with pytest.raises(BeaconError, match="Beacon: BadUserAccessDenied: the server does not let us write it"):
            await switch(True)
        await eventually(lambda: plant.connections() == 0, within=60)
