"""`cmo-gateway report`: out of the archive's file, or from the node that has it open."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import yaml
from pypdf import PdfReader

from gateway.archive.archive import Archive
from gateway.console.desk import Desk
from gateway.console.server import serve
from gateway.intake.live import Live
from tests.gateway.reports.support import END, SITE, filled
from tests.gateway.running_commands import Done, call, configured

PERIOD = ("--room", "S1", "--from", "2026-06-11T12:00", "--to", "2026-06-11T12:10")
HOLD = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('open', flush=True); sys.stdin.read()"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A node's configuration with the site of the reports; its archive is not there yet."""
    configured(tmp_path)
    (tmp_path / "site.yaml").write_text(
        yaml.safe_dump(SITE.model_dump(mode="json", exclude_unset=True, by_alias=True), sort_keys=False)
    )
    settings = yaml.safe_load((tmp_path / "holder.yaml").read_text())
    settings |= {"site": "site.yaml", "console": {"port": 1}}
    (tmp_path / "holder.yaml").write_text(yaml.safe_dump(settings))
    return tmp_path


def report(folder: Path, out: str, *more: str) -> Done:
    return call(folder, "report", *PERIOD, "--out", out, *more, "holder.yaml")


@contextmanager
def opened(file: Path) -> Iterator[None]:
    """By another process, as a running node has it."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=os.environ
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"open\n"
        try:
            yield
        finally:
            holder.communicate()


@pytest.mark.parametrize(("language", "title"), [("zh", "房间报告 S1"), ("en", "Report on room S1")])
def test_a_pdf_is_written_in_the_language(folder: Path, language: str, title: str) -> None:
    """From the archive's file; the file's name is told."""
    filled(folder / "a.duckdb").close()
    done = report(folder, "r.pdf", "--language", language)
    assert (done.returncode, done.stdout) == (0, "report: r.pdf\n")
    assert title in PdfReader(folder / "r.pdf").pages[0].extract_text()


def test_a_csv_is_written(folder: Path) -> None:
    """With a byte order mark; times without a zone are the plant's."""
    filled(folder / "a.duckdb").close()
    assert report(folder, "r.csv").returncode == 0
    text = (folder / "r.csv").read_bytes().decode("utf-8-sig")
    assert "2026-06-11T12:00:00.000+08:00,2026-06-11T12:10:00.000+08:00,600.0" in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--out", "r.doc"), "--out r.doc: must end with .pdf or .csv"),
        (("--room", "X9"), "no room X9; there are S1, C1"),
        (("--from", "noon"), "--from noon: is no time"),
        (("--to", "2026-06-11T11:00"), "nothing of this period has passed"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(folder: Path, arguments: tuple[str, str], said: str) -> None:
    """With exit code 2, and nothing is written."""
    filled(folder / "a.duckdb").close()
    done = report(folder, "r.pdf", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert not (folder / "r.pdf").exists()


def test_without_an_archive_none_is_made(folder: Path) -> None:
    """The node makes it."""
    done = report(folder, "r.pdf")
    assert (done.returncode, "is not there" in done.stderr) == (2, True)
    assert not (folder / "a.duckdb").exists()


def test_an_archive_in_use_without_a_node_is_told_with_what_to_do(folder: Path) -> None:
    """In a line."""
    filled(folder / "a.duckdb").close()
    with opened(folder / "a.duckdb"):
        done = report(folder, "r.pdf")
    assert done.returncode == 2
    assert "a.duckdb cannot be opened" in done.stderr
    assert "no node answers at http://127.0.0.1:1" in done.stderr
    assert "stop what has it open, or name a copy" in done.stderr


async def test_a_running_node_is_asked(folder: Path) -> None:
    """The same octets as from the file; what it refuses is told in its words."""
    filled(folder / "a.duckdb").close()
    assert report(folder, "alone.csv", "--language", "zh").returncode == 0
    ready = asyncio.get_running_loop().create_future()
    with closing(filled()) as archive:
        desk = Desk(SITE, archive, Live(), now=lambda: END)
        serving = asyncio.create_task(serve(desk, "127.0.0.1", 0, ready=ready.set_result))
        try:
            port = int((await asyncio.wait_for(ready, 60)).rpartition(":")[2])
            settings = yaml.safe_load((folder / "holder.yaml").read_text()) | {"console": {"port": port}}
            (folder / "holder.yaml").write_text(yaml.safe_dump(settings))
            with opened(folder / "a.duckdb"):
                done = await asyncio.to_thread(report, folder, "asked.csv", "--language", "zh")
                refused = await asyncio.to_thread(
                    report, folder, "no.csv", "--from", "2030-01-01", "--to", "2030-01-02"
                )
        finally:
            serving.cancel()
            await asyncio.wait([serving])
    assert done.returncode == 0, done.stderr
    assert (folder / "asked.csv").read_bytes() == (folder / "alone.csv").read_bytes()
    assert (refused.returncode, "nothing of this period has passed" in refused.stderr) == (2, True)


def test_the_archive_is_left_as_it_was(folder: Path) -> None:
    """The command only looks."""
    filled(folder / "a.duckdb").close()
    report(folder, "r.csv")
    with closing(Archive(folder / "a.duckdb")) as archive:
        assert archive.counts() == filled().counts()
