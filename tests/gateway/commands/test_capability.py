"""`cmo-gateway capability`, and `cmo-gateway verify` of what it wrote."""

import asyncio
from contextlib import closing
from pathlib import Path

import pytest
import yaml
from pypdf import PdfReader

from gateway.bundle.archived import Proofs
from gateway.console.desk import Desk
from gateway.console.server import serve
from gateway.intake.live import Live
from gateway.proof.keys import save_public
from tests.gateway.capability.support import END, filled
from tests.gateway.commands.test_report import opened
from tests.gateway.published import NODE
from tests.gateway.reports.support import SITE
from tests.gateway.running_commands import Done, call, configured
from tests.gateway.tampering import flipped

PERIOD = ("--from", "2026-06-11T12:00", "--to", "2026-06-11T13:00")
NAME = "capability-20260611T1200-20260611T1300-en"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A node's configuration with the site of the reports, and the public side of its key."""
    configured(tmp_path)
    (tmp_path / "site.yaml").write_text(
        yaml.safe_dump(SITE.model_dump(mode="json", exclude_unset=True, by_alias=True), sort_keys=False)
    )
    settings = yaml.safe_load((tmp_path / "holder.yaml").read_text())
    (tmp_path / "holder.yaml").write_text(yaml.safe_dump(settings | {"site": "site.yaml", "console": {"port": 1}}))
    save_public(NODE, tmp_path / "node.vkey")
    return tmp_path


def capability(folder: Path, *more: str) -> Done:
    return call(folder, "capability", *PERIOD, "--out", "out", *more, "holder.yaml")


def verify(folder: Path, what: str) -> Done:
    return call(folder, "verify", what, "--trust", "node.vkey")


def test_the_report_is_written_and_verified_offline(folder: Path) -> None:
    """A flipped bit, or a note that is not there, is told; each file is named."""
    filled(file=folder / "a.duckdb").close()
    done = capability(folder)
    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(path.name for path in (folder / "out").iterdir()) == [f"{NAME}.json", f"{NAME}.note", f"{NAME}.pdf"]
    pdf = folder / "out" / f"{NAME}.pdf"
    assert "Capability of the electronic exchange" in PdfReader(pdf).pages[0].extract_text()
    done = verify(folder, f"out/{NAME}.pdf")
    assert done.returncode == 0
    assert f"{NAME}.pdf: as signed" in done.stdout
    assert f"signed by {NODE.name}" in done.stdout
    assert verify(folder, "out").returncode == 0
    pdf.write_bytes(flipped(pdf.read_bytes(), 1000))
    for what in (f"out/{NAME}.pdf", "out"):
        done = verify(folder, what)
        assert (done.returncode, "altered" in done.stderr) == (1, True)
    (folder / "out" / f"{NAME}.note").unlink()
    done = verify(folder, f"out/{NAME}.pdf")
    assert (done.returncode, "its note" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--from", "noon"), "--from noon: is no time"),
        (("--to", "2026-06-11T11:00"), "nothing of this period has passed"),
    ],
)
def test_what_cannot_be_is_refused_in_a_line(folder: Path, arguments: tuple[str, str], said: str) -> None:
    """With exit code 2, and nothing is written."""
    filled(file=folder / "a.duckdb").close()
    done = capability(folder, *arguments)
    assert (done.returncode, said in done.stderr, len(done.stderr.splitlines())) == (2, True, 1)
    assert not (folder / "out").exists()


def test_without_an_archive_or_a_node_it_says_what_to_do(folder: Path) -> None:
    """In a line."""
    assert "is not there" in capability(folder).stderr
    filled(file=folder / "a.duckdb").close()
    with opened(folder / "a.duckdb"):
        done = capability(folder)
    assert (done.returncode, "no node answers at http://127.0.0.1:1" in done.stderr) == (2, True)


async def test_a_running_node_is_asked(folder: Path) -> None:
    """It signs; what it refuses is told in its words."""
    filled(file=folder / "a.duckdb").close()
    ready = asyncio.get_running_loop().create_future()
    with closing(filled()) as archive:
        desk = Desk(SITE, archive, Live(), now=lambda: END, proofs=Proofs(NODE, []))
        serving = asyncio.create_task(serve(desk, "127.0.0.1", 0, ready=ready.set_result))
        try:
            port = int((await asyncio.wait_for(ready, 60)).rpartition(":")[2])
            settings = yaml.safe_load((folder / "holder.yaml").read_text())
            (folder / "holder.yaml").write_text(yaml.safe_dump(settings | {"console": {"port": port}}))
            with opened(folder / "a.duckdb"):
                done = await asyncio.to_thread(capability, folder)
                refused = await asyncio.to_thread(capability, folder, "--from", "2020-01-01T00:00")
        finally:
            serving.cancel()
            await asyncio.wait([serving])
    assert (done.returncode, done.stderr) == (0, "")
    assert verify(folder, f"out/{NAME}.pdf").returncode == 0
    assert "a year at most" in refused.stderr
