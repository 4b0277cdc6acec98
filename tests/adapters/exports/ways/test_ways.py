"""Whatever way rows come in: an agent that is killed at any moment doubles nothing and loses nothing."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from adapters.contract import Portion, Report
from adapters.exports.source import ExportSource
from adapters.exports.ways.rest import RestSource
from adapters.exports.ways.sql import SqlSource
from tests.adapters.exports.driving import Agent
from tests.adapters.exports.ways import test_rest, test_sql
from tests.adapters.exports.web import Reply, Web, web

ROWS = [(f"K{number}", str(number)) for number in range(1, 8)]


class KilledError(Exception):
    """The agent ends, before or after the journal's commit."""


class Mortal(Agent):
    """Killed at its first portion: with `committed` the journal has it, and the source never hears of that."""

    def __init__(self, source: ExportSource, mark: str | None, *, committed: bool) -> None:
        super().__init__(source, mark)
        self._committed = committed

    def take(self, report: Report) -> None:
        if isinstance(report, Portion):
            if self._committed:
                super().take(report)
            raise KilledError
        super().take(report)


@pytest.fixture
def server() -> Iterator[Web]:
    with web() as one:
        yield one


def from_sql(base: Path, _: Web) -> ExportSource:
    path = base / "lims.sqlite"
    if not path.exists():
        with create_engine(f"sqlite:///{path}").begin() as connection:
            connection.execute(text("CREATE TABLE results (id TEXT, result INTEGER PRIMARY KEY)"))
            connection.execute(
                text("INSERT INTO results VALUES (:id, :result)"), [{"id": k, "result": v} for k, v in ROWS]
            )
    views = [{"view": "results", "order": ["result"], "look_back": 3}]
    given = {"url": f"sqlite:///{path}", "views": views, "password_file": None, "page": 2}
    return SqlSource(test_sql.settings(base, **given))


def from_rest(base: Path, server: Web) -> ExportSource:
    pages = {"by": "number", "parameter": "page", "first": 0}
    for page in range(4):
        server.replies[f"/results?page={page}"] = test_rest.rows(*ROWS[2 * page : 2 * page + 2])
    server.replies["/results?page=4"] = Reply(status=204)
    return RestSource(test_rest.settings(base, url=server.url, requests=[test_rest.LIST | {"pages": pages}]))


@pytest.mark.parametrize("source", [from_sql, from_rest])
@pytest.mark.parametrize("committed", [False, True])
async def test_an_agent_that_is_killed_doubles_and_loses_nothing(
    tmp_path: Path, server: Web, source: Callable[[Path, Web], ExportSource], committed: bool
) -> None:
    """At every portion, before or after the journal's commit of it; the next life goes on."""
    said, mark = list[tuple[str, int, str]](), None
    for _ in range(3):
        agent = Mortal(source(tmp_path, server), mark, committed=committed)
        with pytest.raises(KilledError):
            await agent.until({"Records": len(ROWS)})
        said, mark = said + agent.said, agent.mark
    last = Agent(source(tmp_path, server), mark)
    await last.until({"Records": len(ROWS), "Unaccounted": 0})
    assert sorted(said + last.said) == [(key, 1, result) for key, result in ROWS]
