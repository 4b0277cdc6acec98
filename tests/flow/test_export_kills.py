"""The agent killed while it takes exported files: each version of each row is at the holder once."""

import asyncio
from collections import Counter
from pathlib import Path
from random import Random
from uuid import uuid4

import pytest
import yaml

from adapters.exports import ledger_file
from adapters.exports.accounting import Account
from gateway.archive.archive import Archive
from tests.adapters.exports.taking import mapping, put
from tests.support.eventually import eventually
from tests.support.line import Line, line

pytestmark = pytest.mark.kafka
FILES, KEYS = 6, 3000


def rows(file: int) -> list[tuple[str, str]]:
    """Of the nth export: some results are others than in those before."""
    return [(f"K{key}", str(file) if key % FILES == file else "0") for key in range(KEYS)]


def expected() -> Counter[tuple[str, int, str]]:
    """Key, version and result of all that is said, by the rule and not by the program."""
    said: dict[str, list[str]] = {}
    for file in range(FILES):
        for key, result in rows(file):
            if result not in said.setdefault(key, []):
                said[key].append(result)
    return Counter((key, at, result) for key, results in said.items() for at, result in enumerate(results, 1))


def read(folder: Path) -> Account:
    with ledger_file.looking(folder / "kept") as db:
        return Account() if db is None else ledger_file.total(db)


def add_folder(one: Line) -> None:
    """To the agent's sources."""
    (one.folder / "in").mkdir()
    mapping(one.folder)
    config = yaml.safe_load((one.folder / "edge.yaml").read_text())
    config["sources"].append({
        "type": "folder", "name": "lims", "folder": "in", "keep": "kept", "quiet": 0.1, "poll_interval": 0.1,
        "mappings": [{"files": "*.csv", "mapping": "lims.yaml"}],
    })  # fmt: skip
    (one.folder / "edge.yaml").write_text(yaml.safe_dump(config))


async def test_an_agent_killed_while_it_takes_files_doubles_and_loses_nothing(kafka: str, tmp_path: Path) -> None:
    """Neither records nor measurements; and every row is accounted for, once."""
    random = Random(8)
    async with line(tmp_path, kafka, holder=f"holder-{uuid4().hex[:8]}") as one:
        add_folder(one)
        one.start_node()
        one.start_agent()
        await one.flowing()
        for file in range(FILES):
            put(tmp_path, f"{file}.csv", rows(file))
            await asyncio.sleep(random.uniform(0.1, 1.5))
            one.kill("agent")
            one.start_agent()
        await eventually(lambda: read(tmp_path).read == FILES * KEYS, within=120, every=0.3, what="all rows are read")
        await one.flowing()
        verdict = await one.finish()
    assert verdict.good, verdict
    archive = Archive(one.archive)
    try:
        found = Counter(archive.rows("SELECT key, version, reported FROM test_result"))
    finally:
        archive.close()
    assert found == expected()
    account = read(tmp_path)
    assert (account.records, account.records + account.corrections) == (KEYS, sum(expected().values()))
    assert account.unaccounted == 0
