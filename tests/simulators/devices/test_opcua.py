import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from asyncua import ua
from asyncua.client.client import Client
from asyncua.ua.uaerrors import UaStatusCodeError

from simulators.devices.opcua import OpcUaDevice, Point

POINTS = [
    Point("F1.DP.M1", unit="Pa", low=-50, high=100),
    Point("F1.Humidity", unit="%", high=100),
    Point("F1.Temperature", unit="Cel", low=-40, high=80),
    Point("Door.M1-C1", "bool"),
    Point("FL3.State", "string"),
    Point("FL3.Good", "int"),
]
NOON = datetime(2026, 6, 11, 12, 0, 0, 123456, tzinfo=UTC)


pytestmark = pytest.mark.asyncio(loop_scope="module")  # a server takes seconds to start: one for all


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def device() -> AsyncIterator[OpcUaDevice]:
    server = OpcUaDevice(POINTS)
    await server.start()
    yield server
    await server.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(device: OpcUaDevice) -> AsyncIterator[Client]:
    async with Client(device.address) as session:
        yield session


async def value(client: Client, point: str) -> ua.DataValue:
    return await client.get_node(f"ns=2;s={point}").read_data_value(raise_on_bad_status=False)


async def test_nodes_are_named_in_the_second_namespace(client: Client, device: OpcUaDevice) -> None:
    """`ns=2;s=F1.DP.M1`, in a folder F1 below Objects; the address has the path of the line."""
    assert (await client.get_namespace_array())[2] == "urn:plant:line-3:ems"
    assert device.address.endswith("/line3/ems")
    folder = await client.nodes.objects.get_child(["2:F1"])
    names = [(await child.read_browse_name()).Name for child in await folder.get_children()]
    assert names == ["F1.DP.M1", "F1.Humidity", "F1.Temperature"]


async def test_values_keep_type_and_source_time(client: Client, device: OpcUaDevice) -> None:
    """Double, Boolean, String, UInt32; the time is that of the reading, to the microsecond."""
    await device.update({"F1.DP.M1": 14.5, "Door.M1-C1": True, "FL3.State": "Held", "FL3.Good": 7}, NOON)
    read = [await value(client, point) for point in ("F1.DP.M1", "Door.M1-C1", "FL3.State", "FL3.Good")]
    variants = [one.Value for one in read if one.Value is not None]
    assert [one.Value for one in variants] == [14.5, True, "Held", 7]
    assert [one.VariantType.name for one in variants] == ["Double", "Boolean", "String", "UInt32"]
    assert {one.SourceTimestamp for one in read} == {NOON}


async def test_analog_items_have_range_and_unit(client: Client) -> None:
    """Part 8: EURange, and EngineeringUnits with the UN/ECE code (PAL is Pa, CEL is °C)."""
    node = client.get_node("ns=2;s=F1.DP.M1")
    limits = await (await node.get_child(["0:EURange"])).read_value()
    units = await (await node.get_child(["0:EngineeringUnits"])).read_value()
    assert (limits.Low, limits.High) == (-50, 100)
    assert (units.UnitId, units.DisplayName.Text) == (5259596, "Pa")
    celsius = await (await client.get_node("ns=2;s=F1.Temperature").get_child(["0:EngineeringUnits"])).read_value()
    assert celsius.UnitId == 4408652


async def test_before_the_first_reading_there_is_none(client: Client) -> None:
    """BadWaitingForInitialData, not a good zero."""
    read = await value(client, "F1.Humidity")
    assert read.StatusCode is not None
    assert read.StatusCode.name == "BadWaitingForInitialData"
    assert read.Value is not None
    assert read.Value.Value is None


async def test_no_value_is_a_sensor_failure_and_a_status_can_be_set(client: Client, device: OpcUaDevice) -> None:
    """None is BadSensorFailure; a status of choice keeps the value and stays until it is taken back (F04)."""
    await device.update({"F1.DP.M1": None})
    read = await value(client, "F1.DP.M1")
    assert read.StatusCode is not None
    assert read.StatusCode.name == "BadSensorFailure"
    await device.update({"F1.DP.M1": 12.0})
    await device.set_status("F1.DP.M1", 0x40900000)
    read = await value(client, "F1.DP.M1")
    assert read.StatusCode is not None
    assert read.Value is not None
    assert (read.StatusCode.name, read.Value.Value) == ("UncertainLastUsableValue", 12.0)
    await device.set_status("F1.DP.M1", None)
    read = await value(client, "F1.DP.M1")
    assert read.StatusCode is not None
    assert read.StatusCode.is_good()


async def test_a_subscription_hears_of_every_reading(client: Client, device: OpcUaDevice) -> None:
    """Changes arrive in order with the time of their reading."""
    heard: asyncio.Queue[tuple[Any, datetime | None]] = asyncio.Queue()

    class Ear:
        def datachange_notification(self, _node: Any, val: Any, data: Any) -> None:
            heard.put_nowait((val, data.monitored_item.Value.SourceTimestamp))

    await device.update({"F1.DP.M1": 1.0}, NOON)
    subscription = await client.create_subscription(50, Ear())
    await subscription.subscribe_data_change(client.get_node("ns=2;s=F1.DP.M1"))
    async with asyncio.timeout(60):
        assert await heard.get() == (1.0, NOON)
        await device.update({"F1.DP.M1": 2.0})
        assert (await heard.get())[0] == 2.0


async def test_clients_cannot_write(client: Client, device: OpcUaDevice) -> None:
    """The gateway only reads, and the server would not let it do more."""
    await device.update({"F1.DP.M1": 1.0})
    with pytest.raises(UaStatusCodeError, match=r"BadUserAccessDenied|BadNotWritable"):
        await client.get_node("ns=2;s=F1.DP.M1").write_value(5.0)


async def test_an_unknown_point_is_refused(device: OpcUaDevice) -> None:
    """A misspelt point in a test is no silent nothing."""
    with pytest.raises(KeyError, match=r"F1\.DP\.X"):
        await device.update({"F1.DP.X": 1.0})
