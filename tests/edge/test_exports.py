"""Exported files at a whole agent: from the folder into the journal, told by its commands, its tags and its alarms."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from edge.agent import Agent
from edge.settings import load
from gateway.configuration import ConfigurationError
from schemas.exported import TestResult
from schemas.records import Alarm, AlarmEvent, Gap
from tests.adapters.exports.taking import mapping, put
from tests.edge import running as line
from tests.edge.running import asked, command, records, running
from tests.support.eventually import eventually

README = Path(__file__).parents[2] / "edge" / "README.md"
ROWS = [("A", "1"), ("B", "2"), ("C", "3")]


def configure(folder: Path, **changed: Any) -> Path:
    (folder / "in").mkdir(exist_ok=True)
    mapping(folder)
    usual = {
        "type": "folder", "name": "lims", "folder": "in", "keep": "kept", "quiet": 0, "poll_interval": 0.1,
        "mappings": [{"files": "*.csv", "mapping": "lims.yaml"}],
    }  # fmt: skip
    return line.configure(folder, usual | changed)


def results(agent: Agent) -> list[TestResult]:
    return [one for one in records(agent, "results") if isinstance(one, TestResult)]


async def test_an_export_is_in_the_journal_once_whatever_happens(tmp_path: Path) -> None:
    """With file and line, and the plant's line; another life, another name, a changed row."""
    config = configure(tmp_path)
    put(tmp_path, "a.csv", ROWS)
    async with running(config) as agent:
        await eventually(lambda: len(results(agent)) == 3, within=60)
        assert {(one.key, one.row, one.line, one.origin.value) for one in results(agent)} == {
            ("A", 2, "line-3", "EXPORTED"), ("B", 3, "line-3", "EXPORTED"), ("C", 4, "line-3", "EXPORTED"),
        }  # fmt: skip
    put(tmp_path, "b.csv", ROWS)
    put(tmp_path, "a.csv", [*ROWS, ("C", "3.5")])
    async with running(config) as agent:
        await eventually(lambda: len(results(agent)) == 4, within=60)
        assert [(one.key, one.version) for one in results(agent)][-1] == ("C", 2)
        assert not [one for one in records(agent, "gaps") if isinstance(one, Gap) and one.source == "lims"]
        status = await command(config, "status")
        assert "lims: 7 rows read = 3 records + 1 corrections + 3 repeats + 0 refused; 0 trailers" in status.stdout
        assert "lims: 2 files read, 0 waiting, 0 refused" in status.stdout


async def test_a_refused_file_is_an_alarm_until_it_is_read_again(tmp_path: Path) -> None:
    """Told by the commands with its reason; the mapping is corrected, the kept file read, the alarm returns."""
    config = configure(tmp_path)
    mapping(tmp_path, key=["number"])
    put(tmp_path, "a.csv", ROWS)
    async with running(config) as agent:
        (alarm,) = await eventually(lambda: asked(config, "alarms"), within=60)
        assert (alarm["condition"], alarm["priority"]) == ("lims.FilesRefused.HIGH", "ALERT")
        told = await command(config, "refused")
        assert told.returncode == 1
        assert re.match(r"lims\ta\.csv\tthe file\tcolumn number is missing.*\t[0-9a-f]{12}\n", told.stdout)
        mapping(tmp_path)
        again = await command(config, "reread", "lims", "a.csv")
        assert (again.returncode, again.stdout) == (0, "lims: is read again\n")
        await eventually(lambda: len(results(agent)) == 3, within=60)
        await eventually(lambda: _returned(agent), within=60, what="the alarm's return")
        assert (await command(config, "refused")).returncode == 0
        told = await command(config, "exports")
        assert "lims: 3 rows read = 3 records + 0 corrections + 0 repeats + 0 refused" in told.stdout
        columns = [one.split("\t")[1:3] for one in told.stdout.splitlines()[1:]]
        assert columns == [["a.csv", "done"], ["a.csv", "refused"]]


def _returned(agent: Agent) -> bool:
    steps = [one for one in records(agent, "alarms") if isinstance(one, Alarm)]
    return bool(steps) and steps[-1].event is AlarmEvent.RETURNED


async def test_refused_rows_are_shown_and_written_as_they_came(tmp_path: Path) -> None:
    """And a file that needs nothing is dismissed with a reason."""
    config = configure(tmp_path)
    put(tmp_path, "a.csv", [("A", "1"), ("", "2")])
    put(tmp_path, "notes.txt", [])
    async with running(config) as agent:
        await eventually(lambda: agent.sources.of_files["lims"].files["files_refused"] == 1, within=60)
        told = await command(config, "refused", "--raw", str(tmp_path / "raw"))
        assert told.returncode == 1
        assert "lims\ta.csv\tline 3\tid: is empty\tlims.yaml " in told.stdout
        assert (tmp_path / "raw").read_bytes() == b"# a.csv, line 3: id: is empty\n,2\n"
        done = await command(config, "dismiss", "lims", "notes.txt", "--reason", "no export")
        assert (done.returncode, done.stdout) == (0, "lims: dismissed\n")
        await eventually(lambda: agent.sources.of_files["lims"].files["files_refused"] == 0, within=60)
        assert "dismissed\tno export (" in (await command(config, "exports")).stdout
        rows = await command(config, "dismiss", "lims", "a.csv", "--reason", "an empty line (chen)")
        assert (rows.returncode, (await command(config, "refused")).stdout) == (0, "")
        none = await command(config, "dismiss", "lims", "other", "--reason", "no")
        assert none.returncode == 1


async def test_f72_an_unmounted_share_is_a_gap_and_no_deletion(tmp_path: Path) -> None:
    """It ends when the share is there again; a correction that waited there is taken."""
    config = configure(tmp_path, mount_marker=".share")
    (tmp_path / "in" / ".share").touch()
    put(tmp_path, "a.csv", ROWS)
    async with running(config) as agent:
        await eventually(lambda: len(results(agent)) == 3, within=60)
        (tmp_path / "in" / ".share").unlink()
        (gap,) = await eventually(lambda: _gaps(agent), within=60)
        assert "the share is not mounted" in gap.detail
        put(tmp_path, "b.csv", [("A", "1.5")])
        (tmp_path / "in" / ".share").touch()
        await eventually(lambda: len(results(agent)) == 4, within=60)
        assert results(agent)[-1].replaces == results(agent)[0].id
        assert [one.ended is None for one in _gaps(agent)] == [True, False]


def _gaps(agent: Agent) -> list[Gap]:
    return [one for one in records(agent, "gaps") if isinstance(one, Gap) and one.source == "lims"]


async def test_a_reload_in_the_middle_of_a_file_doubles_nothing(tmp_path: Path) -> None:
    """The old source ends wherever it is; the new one goes on there."""
    config = configure(tmp_path)
    rows = [(f"K{number}", "1") for number in range(6000)]
    put(tmp_path, "a.csv", rows)
    async with running(config) as agent:
        await eventually(lambda: agent.flow._portions, within=60, every=0.01)
        configure_again = yaml.safe_load(config.read_text())
        for seconds in (0.2, 0.3, 0.4):
            configure_again["sources"][0]["poll_interval"] = seconds
            config.write_text(yaml.safe_dump(configure_again))
            assert (await asked(config, "reload"))["changed"] == ["lims"]
        done = {"read": 6000, "records": 6000, "corrections": 0, "repeats": 0, "refused": 0, "trailers": 0}
        await eventually(lambda: agent.sources.of_files["lims"].files["account"] == done, within=60)
        stream = "cmo-a.line-3.holder-b.results.v1"
        await eventually(lambda: agent.journal.size(stream) == 6002, within=60)  # with two schemas


async def test_the_sample_of_the_readme_takes_its_files(tmp_path: Path) -> None:
    """As it stands there; its mappings are the ready ones."""
    block = re.search(r"```yaml\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    ready = README.parents[1] / "adapters" / "exports" / "mappings"
    sources = yaml.safe_load(block[1])["sources"]
    for source in sources:
        for one in source["mappings"]:
            (tmp_path / one["mapping"]).write_bytes((ready / Path(one["mapping"]).name).read_bytes())
    share = tmp_path / sources[0]["folder"]
    share.mkdir()
    sources[0] |= {"quiet": 0, "poll_interval": 0.1}
    (share / ".lims-share").touch()
    (share / "results-1.csv").write_bytes((ready / "lims-zh.results.csv").read_bytes())
    (share / "results-1.csv.ok").touch()
    config = line.configure(tmp_path, *sources)
    async with running(config) as agent:
        await eventually(lambda: results(agent), within=60)
        assert {one.system for one in results(agent)} == {"lims"}


async def test_two_sources_never_share_what_they_keep(tmp_path: Path) -> None:
    """Each has a ledger of its own."""
    config = configure(tmp_path)
    given = yaml.safe_load(config.read_text())
    given["sources"].append(given["sources"][0] | {"name": "other"})
    config.write_text(yaml.safe_dump(given))
    with pytest.raises(ConfigurationError) as caught:
        load(config)
    assert str(caught.value).count("another source keeps its files there") == 2
