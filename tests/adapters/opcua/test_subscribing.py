"""Paths, units, deadbands and limits, against a running server."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from asyncua import ua
from asyncua.ua.object_ids import ObjectIds

from adapters.opcua import ADAPTER
from adapters.opcua.source import OpcUaSource
from schemas.status import Reason, StatusCode
from tests.adapters.opcua.plant import NAMESPACE, Plant, running
from tests.adapters.support import free_port, reading
from tests.support.eventually import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")  # a server takes seconds to start: one for all
DOUBLE = ua.VariantType.Double


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def plant() -> AsyncIterator[Plant]:
    async with running(free_port()) as started:
        yield started


def source(endpoint: str, *tags: dict[str, Any]) -> OpcUaSource:
    document = {
        "type": "opcua", "name": "plc", "endpoint": endpoint, "security": "none", "publishing_interval": 0.1,
        "sampling_interval": 0, "silence": 3.0, "timeout": 10, "namespace": NAMESPACE, "tags": tags,
    }  # fmt: skip
    made = ADAPTER.source(ADAPTER.settings.model_validate(document))
    assert isinstance(made, OpcUaSource)
    return made


def node(name: str) -> str:
    return f"nsu={NAMESPACE};s={name}"


async def analog(plant: Plant, name: str, unit: str, low: float, high: float) -> None:
    """An AnalogItem: its unit as UN/ECE code, and its EURange."""
    variable = await plant.add(name, 12.5, DOUBLE)
    information = ua.EUInformation(UnitId=ua.Int32(int.from_bytes(unit.encode(), "big")))
    await variable.add_property(0, "EngineeringUnits", information)
    await variable.add_property(0, "EURange", ua.Range(low, high))


async def test_a_browse_path_finds_its_node(plant: Plant) -> None:
    """By names in the source's namespace, and by names with an index."""
    await plant.add("Speed", 12.5, DOUBLE)
    tags = [{"name": "S", "path": "Speed"}, {"name": "I", "path": f"{plant.namespace}:Speed"}]
    async with reading(source(plant.endpoint, *tags, {"name": "N", "path": "Speed/Nowhere"})) as found:
        assert (await found.value("S")).value == (await found.value("I")).value == 12.5
        nowhere = await found.value("N")
        assert (nowhere.value, nowhere.reason) == (None, Reason.CONFIG)


async def test_fa3_another_unit_than_configured_is_no_value(plant: Plant) -> None:
    """And the tags whose unit is right, or not said, go on."""
    await analog(plant, "inches", "FAH", 0, 100)
    await analog(plant, "pascals", "PAL", 0, 100)
    await plant.add("unsaid", 12.5, DOUBLE)
    tags: list[dict[str, Any]] = [
        {"name": name, "node": node(name), "unit": "Pa"} for name in ("inches", "pascals", "unsaid")
    ]
    async with reading(source(plant.endpoint, *tags)) as found:
        assert (await found.value("pascals")).value == (await found.value("unsaid")).value == 12.5
        wrong = await found.value("inches")
        assert (wrong.value, wrong.status, wrong.reason) == (None, StatusCode.BAD_CONFIGURATION_ERROR, Reason.UNIT)


async def test_smaller_changes_than_the_deadband_are_not_sent(plant: Plant) -> None:
    """Absolute; another tag tells that the time for it has passed."""
    await plant.add("still", 10.0, DOUBLE)
    await plant.add("mark", 0.0, DOUBLE)
    still: dict[str, Any] = {"name": "still", "node": node("still"), "deadband": 0.5}
    tags = [still, {"name": "mark", "node": node("mark")}]
    async with reading(source(plant.endpoint, *tags)) as found:
        assert (await found.value("still")).value == 10.0
        for number, value in enumerate((10.2, 10.4, 12.0), 1):
            await plant.add("still", value, DOUBLE)
            await plant.add("mark", float(number), DOUBLE)
            await eventually(lambda: found.rows("mark")[-1].value == number, within=60)  # noqa: B023 - awaited in the loop
        assert [row.value for row in found.rows("still")] == [10.0, 12.0]


async def test_calls_are_as_large_as_the_server_takes(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    """F12: 25 tags, seven at once."""
    names = [f"many{number}" for number in range(25)]
    for name in names:
        await plant.add(name, 1.0, DOUBLE)
    limit = ua.NodeId(ua.Int32(ObjectIds.Server_ServerCapabilities_OperationLimits_MaxMonitoredItemsPerCall))
    await plant.server.write_attribute_value(limit, ua.DataValue(ua.Variant(7, ua.VariantType.UInt32)))
    made = source(plant.endpoint, *[{"name": name, "node": node(name)} for name in names])
    sizes: list[int] = []
    service = plant.server.iserver.subscription_service
    create = service.create_monitored_items

    async def counted(parameters: Any, *more: Any) -> Any:
        sizes.append(len(parameters.ItemsToCreate))
        return await create(parameters, *more)

    monkeypatch.setattr(service, "create_monitored_items", counted)
    async with reading(made) as found:
        for name in names:
            assert (await found.value(name)).value == 1.0
    assert max(sizes) <= 7
    assert sum(sizes) == 27  # the server's clock and start time besides
