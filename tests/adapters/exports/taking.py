"""What tests of the ways in share: a mapping, settings, and a journal that takes a portion whole or not at all."""

import json
import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from adapters.exports.intake import Intake
from adapters.exports.ledger import Ledger, Written
from adapters.exports.ledger_file import NAME
from adapters.exports.originals import Originals
from adapters.exports.settings import FolderSettings
from adapters.exports.ways.folder import Folder
from adapters.exports.ways.local_tree import LocalTree
from schemas.exported import TestResult

MAPPING = {
    "kind": "test-result",
    "system": "lims",
    "key": ["id"],
    "fields": {"sample": "id", "test": {"value": "Content"}, "reported": "result", "status": {"value": "final"}},
}


def mapping(folder: Path, name: str = "lims.yaml", **changed: Any) -> Path:
    """A mapping file of the columns id and result."""
    path = folder / name
    path.write_text(json.dumps(MAPPING | changed))  # YAML, too
    return path


def settings(folder: Path, **changed: Any) -> FolderSettings:
    """Of the folder `in` below this one, which is made."""
    (folder / "in").mkdir(exist_ok=True)
    mappings = [{"files": "*.csv", "mapping": str(mapping(folder))}]
    usual = {"type": "folder", "name": "lims", "folder": "in", "keep": "kept", "mappings": mappings, "quiet": 0}
    return FolderSettings.model_validate(usual | changed, context={"folder": folder})


def put(folder: Path, name: str, rows: Iterable[tuple[str, str]], *, modified: int | None = None) -> Path:
    """An export of these rows, put there in one go; `modified` in seconds."""
    path = folder / "in" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.tmp")
    part.write_text("id,result\n" + "".join(f"{key},{result}\n" for key, result in rows))
    if modified is not None:
        os.utime(part, (modified, modified))
    part.rename(path)
    return path


class Journal:
    """What is committed stays; each portion with its mark."""

    def __init__(self) -> None:
        self.mark: str | None = None
        self.records: list[TestResult] = []

    def commit(self, written: Written) -> None:
        """One transaction."""
        self.mark = written.mark
        self.records += [one for one in written.records if isinstance(one, TestResult)]

    def said(self) -> Counter[tuple[str, int, str]]:
        """Key, version and result of every record."""
        return Counter((one.key, one.version, one.reported) for one in self.records)

    def current(self) -> dict[str, str]:
        """The result of the highest version of each key."""
        ordered = sorted(self.records, key=lambda one: one.version)
        return {one.key: one.reported for one in ordered}


class Life:
    """An intake with its ledger, from the start of an agent to its end."""

    def __init__(self, wanted: FolderSettings, journal: Journal) -> None:
        self.journal = journal
        self.ledger = Ledger(wanted.keep / NAME)
        self.ledger.settle(journal.mark)
        self.folder = Folder(wanted, LocalTree(wanted.folder), self.ledger.signature, self.ledger.had_files)
        self.intake = Intake(wanted, self.ledger, Originals(wanted.keep), self.folder)

    def step(self) -> None:
        """One, and the journal commits what comes of it."""
        if self.intake.idle:
            self.intake.look()
        if (written := self.intake.step()) is not None:
            self.journal.commit(written)

    def run(self) -> None:
        """Until nothing is left to do."""
        self.intake.look()
        while not self.intake.idle:
            self.step()

    def end(self) -> None:
        """Give the ledger back."""
        self.ledger.close()


def taken(wanted: FolderSettings, journal: Journal) -> Ledger:
    """All that is there, in one life; gives the ledger, closed."""
    life = Life(wanted, journal)
    life.run()
    life.end()
    return life.ledger
