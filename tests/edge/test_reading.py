"""`cmo-edge read` on a terminal and elsewhere."""

import io
from pathlib import Path

from rich.console import Console

from edge.reading import Reader
from edge.settings import load
from schemas.frame import frame_of
from schemas.status import Reason, StatusCode
from tests.edge.commands.command import configure


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
