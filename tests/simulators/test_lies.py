"""Devices that lie on purpose, told to by a scenario."""

from pathlib import Path

import pytest
from pymodbus.client import AsyncModbusTcpClient

from simulators.documents import DocumentError
from simulators.lies import lies_of
from simulators.plant import load_plant
from simulators.scenario import load_scenario
from tests.support.eventually import eventually
from tests.support.plant import LINE_3, running_plant


async def test_a_device_lies_while_the_scenario_says_so(tmp_path: Path) -> None:
    """A transmitter that says that it is busy, and then answers again."""
    lie = {"device": "transmitter-m1", "lie": "busy"}
    story = {"title": "lie", "steps": [{"at": 1, "do": "lie", **lie}, {"at": 6, "do": "stop_lying", **lie}]}
    async with running_plant(tmp_path, story) as plant:
        host, port = plant.addresses["transmitter-m1"].split(":")
        client = AsyncModbusTcpClient(host, port=int(port))
        await client.connect()

        async def code() -> int:
            answer = await client.read_holding_registers(0, count=2, device_id=1)
            return answer.exception_code if answer.isError() else 0

        async def busy() -> bool:
            return await code() == 6

        async def answers() -> bool:
            return await code() == 0

        await eventually(busy, within=20)
        await eventually(answers, within=20)
        client.close()


def test_a_lie_that_no_such_device_knows_is_named(tmp_path: Path) -> None:
    """With the nearest that there is."""
    file = tmp_path / "s.yaml"
    file.write_text("title: t\nsteps:\n  - {at: 1, do: lie, device: balance-w1, lie: overlod}\n")
    with pytest.raises(DocumentError, match="overload"):
        load_scenario(file, load_plant(LINE_3))


@pytest.mark.parametrize("kind", ["opcua", "transmitter", "particle-counter", "balance"])
def test_every_kind_of_device_can_lie(kind: str) -> None:
    """In more than one way."""
    assert len(lies_of(kind)) > 5
