"""`cmo-gateway retention`: a list of what is kept, out of an archive or of a node that has it open."""

import json
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
import yaml

from gateway.agreement.loading import load_agreement
from gateway.archive.archive import Archive
from schemas.codec import Record
from schemas.exported import BatchOrder, OrderStatus, Purpose, QualityEvent, QualityMatter, Signature, StoredSample
from tests.gateway.commands.test_batch import held
from tests.gateway.console.stage import staged
from tests.gateway.messages import message
from tests.gateway.running_commands import call, configured

AGREEMENT = Path(__file__).parents[3] / "simulators" / "line-3" / "agreements" / "holder-b.yaml"
PRODUCT = load_agreement(AGREEMENT).products[0].code


def days(year: int, month: int, day: int) -> int:
    return (date(year, month, day) - date(1970, 1, 1)).days


ORDER = BatchOrder(
    system="mes", key="1", batch="B-1", product=PRODUCT, status=OrderStatus.COMPLETED, expires=days(2028, 6, 10), time=1
)
RECORDS: list[Record] = [
    ORDER,
    BatchOrder(system="mes", key="2", batch="B-2", product=PRODUCT, status=OrderStatus.STARTED, time=2),
    QualityEvent(
        system="qms", key="D-1", batch="B-3", product=PRODUCT, what=QualityMatter.DEVIATION, reference="D-1", title="t",
        status="open", time=3,
    ),
    BatchOrder(
        system="mes", key="3", batch="B-3", product=PRODUCT, status=OrderStatus.COMPLETED, time=3,
        expires=days(2020, 1, 1),
    ),
    BatchOrder(
        system="mes", key="4", batch="B-4", product=PRODUCT, status=OrderStatus.COMPLETED, expires=2**40, time=3
    ),
    Signature(
        system="mes", key="s", batch="B-1", product=PRODUCT, signer="li", meaning="released",
        time=days(2026, 8, 1) * 86_400_000_000, signed_kind="BatchOrder", signed_key="1",
    ),
    StoredSample(
        system="lims", key="r", batch="B-1", product=PRODUCT, sample="R-1", purpose=Purpose.RETENTION, quantity=10.0,
        unit="1", place="store 2", keep_until=days(2028, 6, 10),
    ),
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With an archive, and the agreement."""
    configured(tmp_path)
    (tmp_path / "b.yaml").write_text(AGREEMENT.read_text(encoding="utf-8"), encoding="utf-8")
    with closing(Archive(tmp_path / "a.duckdb")) as archive:
        archive.store([message(one, at) for at, one in enumerate(RECORDS)])
    return tmp_path


def test_every_batch_is_listed_with_what_is_kept_of_it(folder: Path) -> None:
    """What is first due stands first; what is not known is kept; a sample kept too short is named."""
    done = call(folder, "retention", "holder.yaml", "b.yaml", "--day", "2026-11-23")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0].startswith(f"2021-01-01\tB-3\t{PRODUCT}\tretention samples of the product\tkeep: a deviation")
    assert any(
        line.startswith(f"2030-06-10\tB-1\t{PRODUCT}\trecords\tkeep\texpiry 2028-06-10 + 2 years, ")
        and line.endswith("; ask from 2030-03-10")
        for line in lines
    )
    assert any(
        line.startswith(f"2028-08-01\tB-1\t{PRODUCT}\tretention samples of materials\tkeep\trelease") for line in lines
    )
    assert "\tits source keeps sample R-1 for too short a time" in lines
    assert sum(line.startswith(("not known\tB-2", "not known\tB-4")) for line in lines) == 6
    assert lines[-1] == "nothing is deleted by this program, nor can it be"


def test_the_due_list_names_what_the_holder_is_to_be_asked_about(folder: Path) -> None:
    """In both languages and as JSON; one batch alone."""
    command = ("retention", "holder.yaml", "b.yaml", "--due", "--day")
    asked = [
        line for line in call(folder, *command, "2030-04-01", "--zh").stdout.splitlines() if line.startswith("2030")
    ]
    assert [line.split("\t")[1:5] for line in asked] == [["B-1", PRODUCT, "记录", "书面咨询持有人"]]
    found = json.loads(call(folder, *command, "2031-01-01", "--json", "--batch", "B-1").stdout)
    assert {(one["batch"], one["state"]) for one in found} == {("B-1", "over")}
    assert len(found) == 3


def test_a_running_node_is_asked_instead(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It gives the same."""
    command = ("retention", "holder.yaml", "b.yaml", "--day", "2026-11-23")
    own = call(folder, *command).stdout
    with staged() as stage:
        stage.receive(*RECORDS)
        config = yaml.safe_load((folder / "holder.yaml").read_text())
        port = int(stage.address.rpartition(":")[2])
        (folder / "holder.yaml").write_text(yaml.safe_dump(config | {"console": {"port": port}}))
        held(monkeypatch)
        assert call(folder, *command).stdout == own


@pytest.mark.parametrize(
    ("arguments", "why"), [(("b.yaml", "--day", "soon"), "is no date"), (("nothing.yaml",), "cannot be read")]
)
def test_what_cannot_be_answered_is_one_line(folder: Path, arguments: tuple[str, ...], why: str) -> None:
    """Exit code 2."""
    done = call(folder, "retention", "holder.yaml", *arguments)
    assert (done.returncode, done.stderr.count("\n"), why in done.stderr) == (2, 1, True)
