"""Which holder hears of a look at the manufacturer's own node."""

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest

from gateway.access.log import AccessLog
from gateway.agreement.shelf import Shelf
from gateway.archive.archive import Archive
from gateway.concerned import holders_concerned
from gateway.outbox import Outbox
from gateway.proof.keys import load_public
from schemas.access import Access, Act, Outcome
from schemas.exported import BatchOrder, OrderStatus
from tests.gateway.messages import sent
from tests.support.signed_samples import signed_samples

NOW = 1_796_000_000_000_000
BATCHES = {"B1": ["10050"], "C1": ["LYO-50C"], "of two": ["LYO-50", "LYO-50C"], "nobody's": ["ELSE"]}


def look(batch: str | None) -> Access:
    return Access(time=NOW, node="cmo-a", act=Act.OPENED, outcome=Outcome.DONE, batch=batch)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    folder = tmp_path_factory.mktemp("signed")
    signed_samples(folder)
    return Shelf(folder / "agreements", [key for file in (folder / "trust").iterdir() for key in load_public(file)])


@pytest.fixture
def archive() -> Archive:
    orders = [(batch, product) for batch, products in BATCHES.items() for product in products]
    archive = Archive(None)
    archive.store([
        sent(
            "cmo-a.line-3.cmo-a.batches.v1", number,
            BatchOrder(system="mes", key=str(number), batch=batch, product=product, status=OrderStatus.STARTED, time=1),
            number,
        )
        for number, (batch, product) in enumerate(orders, 1)
    ])  # fmt: skip
    return archive


def test_the_holder_of_the_batch_is_concerned_and_nobody_where_it_is_not_known(shelf: Shelf, archive: Archive) -> None:
    """By any code of its product; a number of two holders tells neither, a room or no agreements nobody."""
    concerned = holders_concerned(archive, shelf)
    assert {batch: concerned(look(batch)) for batch in (*BATCHES, "unknown", None)} == {
        "B1": ["holder-b"], "C1": ["holder-c"], "of two": [], "nobody's": [], "unknown": [], None: [],
    }  # fmt: skip
    assert holders_concerned(archive, None)(look("B1")) == []


async def test_a_look_is_copied_for_the_holder_alone_and_stays_in_the_log(
    tmp_path: Path, shelf: Shelf, archive: Archive
) -> None:
    """The copies have numbers of their own and are the same record."""
    outbox = Outbox(tmp_path / "log")
    log = AccessLog(outbox, "cmo-a", "cmo-a", holders_concerned(archive, shelf))
    writing = asyncio.create_task(log.run())
    for batch in ("B1", None, "C1", "B1"):
        log.tell(look(batch))
    await log.settled()
    sizes = {name: head.size for name, head in outbox.journal.heads().items()}
    kept = [
        one.octets for one in outbox.journal.entries("cmo-a.cmo-a.holder-c.access.v1", 0, 9) if one.kind == "Access"
    ]
    home = [one.octets for one in outbox.journal.entries(log.stream, 0, 9) if one.kind == "Access"]
    writing.cancel()
    with suppress(asyncio.CancelledError):
        await writing
    await outbox.close()
    schemas = 2  # of Schema itself, and of Access
    assert sizes == {
        log.stream: 4 + schemas, "cmo-a.cmo-a.holder-b.access.v1": 2 + schemas,
        "cmo-a.cmo-a.holder-c.access.v1": 1 + schemas,
    }  # fmt: skip
    assert kept == [home[2]]
