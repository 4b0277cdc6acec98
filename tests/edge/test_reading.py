"""`cmo-edge read` on a terminal and elsewhere."""

import asyncio
import io
from pathlib import Path

from asyncua import ua
from rich.console import Console

from edge.identities import beside
from edge.reading import Reader
from edge.settings import load
from schemas.frame import frame_of
from schemas.status import Reason, StatusCode
from simulators.devices.particles import ParticleCounter
from tests.adapters.opcua.plant import NAMESPACE, running
from tests.adapters.support import free_port
from tests.edge.commands.command import configure
from tests.support.eventually import eventually


def reader(folder: Path, *, terminal: bool) -> tuple[Reader, io.StringIO]:
    tag = {"name": "DP", "unit": "Pa", "address": 4, "type": "float32"}
    source = {"type": "modbus", "name": "device", "host": "127.0.0.1", "port": 1, "proof": "none-available"}
    out = io.StringIO()
    file = configure(folder, source | {"tags": [tag]})
    return Reader(load(file), Console(file=out, force_terminal=terminal, width=160)), out


def take(made: Reader, *values: float | None) -> None:
    tags = made._supervisors[0]._source.tags
    for value in values:
        status = StatusCode.BAD_DEVICE_FAILURE if value is None else StatusCode.GOOD
        row = (0, value, int(status), Reason.DEVICE if value is None else Reason.NONE, None)
        made._take(frame_of("device", tags, [row], received=1))


async def test_a_terminal_shows_a_plot_beside_the_value(tmp_path: Path) -> None:
    """Of what was Good; the newest value is shown with its status."""
    made, out = reader(tmp_path, terminal=True)
    take(made, 1.0, 2.0)
    made._console.print(made._table())
    assert any(block in out.getvalue() for block in "▁▂▃▄▅▆▇█")
    assert "2 " in out.getvalue()


async def test_elsewhere_there_is_a_line_for_each_sample(tmp_path: Path) -> None:
    """In columns of eight characters, as it always was."""
    made, out = reader(tmp_path, terminal=False)
    take(made, 1.5, None)
    lines = [line.split() for line in out.getvalue().splitlines()]
    assert lines == [["DP", "1.5", "Pa", "Good"], ["DP", "–", "Pa", "BadDeviceFailure", "(DEVICE)"]]


async def lines(config: Path, *wanted: str) -> list[str]:
    """What `cmo-edge read` prints until every wanted line is there, with one space between columns."""
    out = io.StringIO()
    made = Reader(load(config), Console(file=out, force_terminal=False, width=160))

    def said() -> list[str]:
        return [" ".join(line.split()) for line in out.getvalue().splitlines()]

    reading = asyncio.create_task(made.run())
    try:
        await eventually(lambda: set(wanted) <= set(said()), within=60, what=str(wanted))
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
    return said()


async def test_a_value_that_stands_still_is_shown_as_the_agent_records_it(tmp_path: Path) -> None:
    """Also where the server has nothing to say of it (F-A1): by the clock alone; so with the other doubts (F-A9)."""
    async with running(free_port()) as plant:
        await plant.add("DP", 12.5, ua.VariantType.Double)
        await plant.add("T", 20.0, ua.VariantType.Double)
        tags = [
            {"name": "DP", "node": f"nsu={NAMESPACE};s=DP", "unit": "Pa", "stale_after": 0.5},
            {"name": "T", "node": f"nsu={NAMESPACE};s=T", "unit": "Cel", "calibration_due": "2020-01-01"},
        ]
        config = configure(
            tmp_path,
            {"type": "opcua", "name": "ems", "endpoint": plant.endpoint, "security": "none", "tags": tags},
        )
        said = await lines(
            config,
            "DP 12.5 Pa Good",
            "DP 12.5 Pa UncertainLastUsableValue (STALE)",
            "T 20 Cel UncertainSensorCalibration (CALIBRATION)",
        )
    assert "T 20 Cel Good" not in said


async def test_another_device_than_the_agent_knows_is_shown_as_such(tmp_path: Path) -> None:
    """F-A4: by what the agent has learnt before; looking learns nothing."""
    counter = ParticleCounter(serial_number=999)
    await counter.start()
    try:
        host, port = counter.address.split(":")
        points = [{"point": "running", "name": "RUN"}]
        config = configure(tmp_path, {
            "type": "modbus", "name": "counter", "host": host, "port": int(port), "profile": "lighthouse",
            "clock_zone": "UTC", "poll_interval": 0.1, "points": points,
        })  # fmt: skip
        assert "RUN True 1 Good" in await lines(config, "RUN True 1 Good")
        known = beside(load(config).journal)
        known.write_text('{"counter": {"serial-number": "21045"}}')
        said = await lines(config, "RUN True 1 Uncertain (IDENTITY)")
    finally:
        await counter.stop()
    assert "RUN True 1 Good" not in said
    assert known.read_text() == '{"counter": {"serial-number": "21045"}}'
