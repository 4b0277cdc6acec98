"""`cmo-edge probe`."""

from pathlib import Path

from simulators.devices.transmitter import ModbusTransmitter
from tests.edge.commands.command import command, configure
from tests.edge.commands.test_check import transmitter


async def test_the_orders_stand_side_by_side(tmp_path: Path) -> None:
    """One row for each number in several registers."""
    device = ModbusTransmitter()
    await device.start()
    await device.update({"differential": 14.0, "temperature": 20.0, "humidity": 45.0})
    try:
        configure(tmp_path, transmitter(device.address, {"name": "DP", "address": 4}))
        done = await command(tmp_path, "probe", "edge.yaml", "transmitter")
        half = await command(tmp_path, "probe", "edge.yaml", "transmitter", "--from", 3)
    finally:
        await device.stop()
    header, row = done.out.splitlines()
    assert header.split("\t") == ["value", "registers", "ABCD", "CDAB", "BADC", "DCBA", "unit", "configured"]
    cells = row.split("\t")
    assert (cells[0], cells[1], cells[3], cells[-1]) == ("DP", "0000 4160", "14", "CDAB")
    assert (half.code, "belong together" in half.err) == (2, True)
