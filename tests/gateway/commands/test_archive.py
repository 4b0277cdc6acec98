"""`cmo-gateway archive`: what a person sees and what it leaves."""

import json
import sys
from pathlib import Path
from shutil import copyfile
from subprocess import PIPE, Popen

import duckdb

from gateway.archive.archive import Archive
from gateway.archive.partitions import MANIFEST
from tests.gateway.messages import frame, message
from tests.gateway.running_commands import call, configured

START = 1_781_140_000_000_000


def filled(folder: Path) -> None:
    configured(folder)
    archive = Archive(folder / "a.duckdb")
    archive.store([message(frame({"a": 1.5}, received=START + n), n) for n in range(3)])
    archive.close()


def test_parquet_files_are_told_as_they_are_written(tmp_path: Path) -> None:
    """Once; the second time there is nothing to do."""
    filled(tmp_path)
    done = call(tmp_path, "archive", "parquet", "holder.yaml", "out")
    assert (done.returncode, done.stdout) == (0, "1/1\tsamples/month=2026-06/2026-06-11.parquet\n")
    files = json.loads((tmp_path / "out" / MANIFEST).read_bytes())["files"]
    assert [(one["file"], one["rows"]) for one in files] == [("samples/month=2026-06/2026-06-11.parquet", 3)]
    values = duckdb.execute(f"SELECT tag, value, stream, number FROM '{tmp_path}/out/samples/*/*.parquet'").fetchall()
    assert values == [("a", 1.5, "s", n + 1) for n in range(3)]
    assert call(tmp_path, "archive", "parquet", "holder.yaml", "out").stdout == ""


def test_what_cannot_be_done_is_said(tmp_path: Path) -> None:
    """No archive, one that is open elsewhere, nothing to put in its place, another program's file."""
    filled(tmp_path)
    archive = tmp_path / "a.duckdb"
    aside = archive.rename(tmp_path / "aside")
    done = call(tmp_path, "archive", "parquet", "holder.yaml", "out")
    assert (done.returncode, "is not there" in done.stderr) == (2, True)
    aside.rename(archive)
    done = call(tmp_path, "archive", "rebuild", "holder.yaml", "--replace")
    assert (done.returncode, "call without --replace first" in done.stderr) == (2, True)
    (tmp_path / "b.duckdb").write_text("no archive")
    done = call(tmp_path, "archive", "compare", "a.duckdb", "b.duckdb")
    assert (done.returncode, "b.duckdb cannot be opened" in done.stderr) == (1, True)
    duckdb.connect(str(tmp_path / "c.duckdb")).close()
    done = call(tmp_path, "archive", "compare", "a.duckdb", "c.duckdb")
    assert (done.returncode, "made by another version" in done.stderr) == (1, True)


def test_an_archive_that_a_node_has_open_is_not_replaced(tmp_path: Path) -> None:
    """Nothing is moved."""
    filled(tmp_path)
    copyfile(tmp_path / "a.duckdb", tmp_path / "a.rebuilt.duckdb")
    program = [
        sys.executable,
        "-c",
        "import duckdb; c = duckdb.connect('a.duckdb'); print('open', flush=True); input()",
    ]
    with Popen(program, cwd=tmp_path, stdin=PIPE, stdout=PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"open\n"
        done = call(tmp_path, "archive", "rebuild", "holder.yaml", "--replace")
        assert (done.returncode, "stop the node first" in done.stderr) == (2, True)
        other.communicate(b"\n")
    assert (tmp_path / "a.rebuilt.duckdb").exists()
    done = call(tmp_path, "archive", "rebuild", "holder.yaml", "--replace")
    assert done.returncode == 0
    assert not (tmp_path / "a.rebuilt.duckdb").exists()
    assert len(list(tmp_path.glob("a.until-*.duckdb"))) == 1


def test_archives_are_compared_table_by_table(tmp_path: Path) -> None:
    """The same records in another order are the same."""
    filled(tmp_path)
    archive = Archive(tmp_path / "b.duckdb")
    first = call(tmp_path, "archive", "compare", "a.duckdb", "a.duckdb")
    assert first.returncode == 0
    assert {line.split("\t")[0] for line in first.stdout.splitlines()} == {"same"}
    archive.store([message(frame({"a": 1.5}, received=START), 0)])
    archive.close()
    done = call(tmp_path, "archive", "compare", "a.duckdb", "b.duckdb")
    assert done.returncode == 1
    differing = [line.split("\t") for line in done.stdout.splitlines() if line.startswith("differs")]
    assert [(name, left, right) for _, name, left, right in differing] == [("entries", "3", "1"), ("samples", "3", "1")]
