"""`cmo-edge tags export`."""

from pathlib import Path

import pytest

from edge.settings import load
from tests.edge.commands.command import command, configure
from tests.edge.commands.test_certificate import opcua

TAGS = [
    {"name": "DP", "node": "nsu=urn:plant;s=DP", "unit": "Pa", "range": [-50, 50]},
    {"name": "T", "path": "Line3/T", "unit": "Cel", "deadband": 0.25},
]


@pytest.mark.parametrize("file", ["tags.csv", "tags.xlsx"])
async def test_an_exported_list_is_what_tags_file_takes(tmp_path: Path, file: str) -> None:
    """The tags that come of it are those that were written."""
    first = load(configure(tmp_path, opcua(tags=TAGS)))
    done = await command(tmp_path, "tags", "export", "edge.yaml", "ems", "--out", file)
    assert (done.code, done.out) == (0, f"2 tags written to {file}\n")
    listed = {key: value for key, value in opcua().items() if key != "tags"} | {"tags_file": file}
    again = load(configure(tmp_path, listed))
    assert again.sources[0].settings.all_tags == first.sources[0].settings.all_tags


async def test_what_cannot_be_exported_is_refused_in_one_line(tmp_path: Path) -> None:
    """A balance has one tag; other formats are not known; a file that is there stays."""
    balance = {"type": "mt-sics", "name": "scale", "port": "/dev/null", "tag": {"name": "W", "unit": "g"}}
    configure(tmp_path, opcua(), balance)
    (tmp_path / "there.csv").write_text("mine")
    for source, out, said in (
        ("scale", "a.csv", "have a single tag"), ("ems", "a.txt", ".csv or .xlsx"), ("ems", "there.csv", "File exists")
    ):  # fmt: skip
        done = await command(tmp_path, "tags", "export", "edge.yaml", source, "--out", out)
        assert done.code != 0
        assert said in done.err
    assert (tmp_path / "there.csv").read_text() == "mine"
