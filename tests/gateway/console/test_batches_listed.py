"""A list of many batches, page by page."""

import re
from dataclasses import replace
from urllib.request import urlopen
from uuid import uuid4

from tests.gateway.batches.records import ORDER, at
from tests.gateway.console.stage import Stage


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
