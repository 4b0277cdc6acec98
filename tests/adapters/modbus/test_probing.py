"""What the registers of a unit would mean in each order."""

import pytest

from adapters.modbus.probing import probe
from adapters.tools import ToolError
from tests.adapters.modbus.device import Device, listening
from tests.adapters.modbus.plant import DIFFERENTIAL, PROOF, TEMPERATURE, configured, transmitter


async def test_each_number_is_told_in_every_order() -> None:
    """The configured one is named, and the ones that the tag's range allows."""
    wrong = TEMPERATURE | {"word_order": "big", "range": [-40, 80], "unit": "Cel"}
    async with transmitter("tcp") as device:
        found = await probe(configured("tcp", device.address, wrong, DIFFERENTIAL, proof=PROOF), None)
    temperature, differential = found.meanings
    assert temperature.numbers["CDAB"] == 20.25
    assert temperature.configured == "ABCD"
    assert "CDAB" in temperature.possible
    assert temperature.content == "0000 41A2"
    assert (differential.configured, differential.numbers["CDAB"]) == ("CDAB", 14.5)
    assert any("the orders are as configured" in line for line in found.lines)


async def test_only_what_the_agent_reads_anyway_is_read() -> None:
    """No address beside the tags, until registers are named; and nothing is written."""
    device = Device()
    device.hold(0, *range(40))
    async with listening(device):
        settings = configured("tcp", f"127.0.0.1:{device.port}", {"name": "A", "address": 4, "type": "uint32"})
        await probe(settings, None)
        assert {request[7:] for request in device.requests} == {bytes([3, 0, 4, 0, 2])}
        device.requests.clear()
        found = await probe(settings, (10, 13))
        assert [meaning.name for meaning in found.meanings] == ["holding 10", "holding 11", "holding 12"]
        assert {request[7:] for request in device.requests} == {bytes([3, 0, 10, 0, 4])}


async def test_registers_that_are_forbidden_or_refused_are_left_out_and_told() -> None:
    """The others are shown."""
    device = Device()
    device.hold(0, *range(10))
    async with listening(device):
        tag = {"name": "A", "address": 0, "type": "uint32"}
        forbidden = [{"table": "holding", "address": 4, "count": 2}]
        settings = configured("tcp", f"127.0.0.1:{device.port}", tag, forbidden=forbidden)
        found = await probe(settings, (0, 11))
    assert {m.name for m in found.meanings} == {f"holding {at}" for at in (0, 1, 2, 6, 7, 8)}
    assert any("2 registers left out: they are forbidden" in line for line in found.lines)
    assert any(line.startswith("holding 10") for line in found.lines)
    with pytest.raises(ToolError, match="two registers or more"):
        async with listening(device):
            await probe(configured("tcp", f"127.0.0.1:{device.port}", tag), (5, 5))


async def test_a_device_that_is_not_there_is_one_line() -> None:
    """With its place and unit."""
    with pytest.raises(ToolError, match=r"127\.0\.0\.1:1 unit 1: "):
        await probe(configured("tcp", "127.0.0.1:1", TEMPERATURE), None)
