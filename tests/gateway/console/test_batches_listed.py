"""A list of many batches, page by page."""

import asyncio
import json
import re
from dataclasses import replace
from urllib.error import HTTPError
from urllib.request import urlopen
from uuid import uuid4

import pytest

from schemas.exported import OrderStatus
from tests.gateway.batches.records import ORDER, RECORDS, at
from tests.gateway.console.stage import Stage
from tests.support.eventually import eventually


def listed(stage: Stage, query: str = "") -> list[str]:
    with urlopen(f"{stage.address}/en/batches{query}", timeout=60) as answer:  # noqa: S310 - our own console's
        text = answer.read().decode()
    return sorted(set(re.findall(r"\bMANY-\d{3}\b", text)))


def test_each_batch_is_on_one_page_the_newest_first(stage: Stage) -> None:
    """The first page names the newest; the last has what is left, and behind it there is nothing."""
    stage.clear()
    names = [f"MANY-{n:03}" for n in range(120)]
    stage.receive(*(replace(ORDER, id=uuid4(), key=name, batch=name, time=at(n)) for n, name in enumerate(names)))
    assert listed(stage) == names[70:]
    assert listed(stage, "?page=2") == names[20:70]
    assert listed(stage, "?page=3") == names[:20]
    assert listed(stage, "?page=4") == []
    assert listed(stage, "?page=none") == names[70:]
    stage.clear()


def test_the_choice_of_batches_holds_on_every_page_and_for_programs(stage: Stage) -> None:
    """The way to older batches keeps it; a word that nobody knows chooses nothing, and is refused to a program."""
    stage.clear()
    names = [f"MANY-{n:03}" for n in range(60)]
    planned = replace(ORDER, id=uuid4(), key="p", batch="MANY-999", status=OrderStatus.PLANNED, time=at(99))
    stage.receive(
        planned, *(replace(ORDER, id=uuid4(), key=name, batch=name, time=at(n)) for n, name in enumerate(names))
    )
    assert listed(stage, "?stage=planned") == ["MANY-999"]
    assert listed(stage, "?stage=ended") == names[10:]
    assert listed(stage, "?stage=ended&page=2") == names[:10]
    assert listed(stage, "?exceptions=yes") == listed(stage, "?stage=running") == []
    assert len(listed(stage, "?stage=none&exceptions=no")) == 50
    with urlopen(f"{stage.address}/en/batches?stage=ended", timeout=60) as answer:  # noqa: S310 - our own console's
        assert "/en/batches?stage=ended&amp;page=2" in answer.read().decode().replace("\\u0026", "&amp;")
    with urlopen(f"{stage.address}/api/batches?stage=ended&first=50&count=3", timeout=60) as answer:  # noqa: S310
        page = json.load(answer)
    assert ([one["number"] for one in page["batches"]], page["of"]) == (names[9:6:-1], 60)
    with pytest.raises(HTTPError, match="422"):
        urlopen(f"{stage.address}/api/batches?stage=none", timeout=60)  # noqa: S310 - our own console's
    stage.clear()


def test_missing_pieces_are_counted_beside_and_then_chosen(stage: Stage) -> None:
    """Nobody has to open the page for it."""
    stage.clear()
    stage.receive(*RECORDS)

    def counted() -> list[int | None]:
        with urlopen(f"{stage.address}/api/batches", timeout=60) as answer:  # noqa: S310 - our own console's
            return [one["missing"] for one in json.load(answer)["batches"]]

    asyncio.run(eventually(lambda: counted() == [0], within=60))
    stage.clear()
