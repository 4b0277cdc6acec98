"""Views of a real PostgreSQL, read in pages as rows are made and changed."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from sqlalchemy import create_engine, text
from structlog.testing import capture_logs

from adapters.contract import SourceError
from adapters.exports.ways import sql_page
from adapters.exports.ways.sql import SqlSource
from adapters.exports.ways.sql_page import Page, PageFullError
from adapters.exports.ways.sql_settings import SqlSettings
from schemas.exported import BatchStep
from schemas.records import GapCause
from tests.adapters.exports import samples
from tests.adapters.exports.driving import Agent
from tests.adapters.exports.taking import mapping
from tests.support.certificates import Authority
from tests.support.eventually import eventually
from tests.support.postgres import PASSWORDS, READER, Postgres, postgres

TABLE = """
DROP SCHEMA IF EXISTS export CASCADE;
CREATE SCHEMA export;
CREATE TABLE export.kept (id text PRIMARY KEY, result numeric, changed_at timestamptz DEFAULT now());
CREATE VIEW export.results AS SELECT id, result, changed_at FROM export.kept;
GRANT USAGE ON SCHEMA export TO reader;
GRANT SELECT ON export.results TO reader;
"""
KILL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'cmo-edge'"
VIEW = {"view": "export.results", "order": ["changed_at", "id"]}


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with postgres() as one:
        yield one


@pytest.fixture
def plant(server: Postgres) -> Postgres:
    """With an empty view for the reader."""
    run(server, TABLE)
    return server


def run(server: Postgres, statements: str) -> None:
    with server.owner.connect() as connection:
        for statement in filter(str.strip, statements.split(";")):
            connection.execute(text(statement))


def settings(base: Path, **changed: Any) -> SqlSettings:
    (base / "password").write_text(f"{PASSWORDS[READER]}\n")
    mappings = [{"files": "*", "mapping": str(mapping(base))}]
    usual = {
        "type": "sql", "name": "lims", "keep": "kept", "mappings": mappings, "poll_interval": 0.1, "views": [VIEW],
        "password_file": "password",
    }  # fmt: skip
    return SqlSettings.model_validate(usual | changed, context={"folder": base})


def an_agent(server: Postgres, base: Path, mark: str | None = None, **changed: Any) -> Agent:
    given = {"url": server.url, "trust": str(server.authority)} | changed
    return Agent(SqlSource(settings(base, **given)), mark)


def keys(agent: Agent) -> list[str]:
    return sorted(key for key, _, _ in agent.said)


async def test_rows_are_read_once_in_pages_over_all_lives(plant: Postgres, tmp_path: Path) -> None:
    """A changed row is a correction; what is read again behind the last one becomes repeats in another life alone."""
    run(plant, "INSERT INTO export.kept SELECT 'K' || n, n, now() - interval '1 h' * n FROM generate_series(1, 8) n")
    agent = an_agent(plant, tmp_path, page=3)
    agent.at["Records", 8] = lambda: run(
        plant, "UPDATE export.kept SET result = 99, changed_at = now() WHERE id = 'K5'"
    )
    await agent.until({"Corrections": 1, "RowsRead": 9, "FilesRead": 4})
    assert agent.said[-1] == ("K5", 2, "99")
    pages = sorted(one.read_text() for one in (tmp_path / "kept" / "originals").glob("*/*"))
    assert sorted(one.count("\n") - 1 for one in pages) == [1, 2, 3, 3]
    assert all(one.startswith("id,result,changed_at\n") for one in pages)
    later = an_agent(plant, tmp_path, agent.mark)
    run(plant, "INSERT INTO export.kept VALUES ('K9', 9)")
    await later.until({"Records": 9, "Repeats": 1})
    assert later.said == [("K9", 1, "9")]


async def test_the_sample_of_the_readme_reads_its_view(plant: Postgres, tmp_path: Path) -> None:
    """As both stand there."""
    columns = "batch, product, step, name, event, room, equipment, operator"
    run(plant, f"""
        DROP TABLE IF EXISTS steps CASCADE;
        CREATE TABLE steps (id serial, occurred_at timestamptz, changed_at timestamptz DEFAULT now(),
        {columns.replace(",", " text,")} text);
        INSERT INTO steps (occurred_at, {columns}) VALUES
        ('2026-11-02 08:15+08', 'B2611', 'P-17', 'F1', 'Filling', 'START', 'C101', 'FILL-1', 'Zhang')
    """)  # fmt: skip
    run(plant, samples.VIEW)
    given = samples.given("sql", tmp_path) | {"name": "lims", "url": plant.url, "trust": str(plant.authority)}
    (tmp_path / "mes.password").write_text(PASSWORDS[READER])
    for name in ("certificate", "private_key"):
        del given[name]
    agent = Agent(SqlSource(SqlSettings.model_validate(given, context={"folder": tmp_path})))
    await agent.until({"Records": 1})
    (record,) = agent.portions[0].records
    assert isinstance(record, BatchStep)
    assert (record.batch, record.person, record.time) == ("B2611", "Zhang", 1793578500_000000)


async def test_a_row_that_is_committed_late_is_read(plant: Postgres, tmp_path: Path) -> None:
    """Its time is before that of rows which were read already; with `look_back` it is found, each row once."""
    agent = an_agent(plant, tmp_path)
    with create_engine(plant.owner.url).connect() as slow:
        slow.execute(text("INSERT INTO export.kept VALUES ('late', 1)"))  # its time is set now
        run(plant, "INSERT INTO export.kept VALUES ('early', 2)")
        agent.at["Records", 1] = slow.commit
        await agent.until({"Records": 2, "RowsRead": 2})
    assert [key for key, _, _ in agent.said] == ["early", "late"]


async def test_f72_a_connection_that_is_killed_while_rows_come_is_a_loss(plant: Postgres, tmp_path: Path) -> None:
    """Pages that came stay, the rest comes afterwards, each row once."""
    run(plant, "INSERT INTO export.kept SELECT 'K' || n, n, now() - interval '1 h' * n FROM generate_series(1, 9) n")
    view = "CREATE OR REPLACE VIEW export.results AS SELECT id, result, changed_at FROM export.kept"
    agent = an_agent(plant, tmp_path, page=2)
    agent.at["Portions", 2] = lambda: run(plant, f"{view} WHERE pg_sleep(600) IS NOT NULL")

    async def killing() -> None:
        await eventually(lambda: waits(plant), within=60, every=0.05)
        run(plant, KILL)

    killer = asyncio.create_task(killing())
    with pytest.raises(SourceError, match=r"terminating connection|server closed") as caught:
        await agent.until({"Records": 9})
    await killer
    assert caught.value.cause is GapCause.DEVICE_UNREACHABLE
    assert keys(agent) == ["K6", "K7", "K8", "K9"]
    run(plant, view)
    await agent.until({"Records": 9})
    assert keys(agent) == [f"K{number}" for number in range(1, 10)]


def waits(server: Postgres) -> bool:
    asked = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'cmo-edge' AND wait_event = 'PgSleep'"
    with server.owner.connect() as connection:
        return bool(connection.scalar(text(asked)))


async def test_a_connection_that_ended_while_nothing_was_asked_is_no_loss(plant: Postgres, tmp_path: Path) -> None:
    """As after a restart of the server."""
    run(plant, "INSERT INTO export.kept VALUES ('A', 1)")
    agent = an_agent(plant, tmp_path)
    agent.at["Records", 1] = lambda: run(plant, f"{KILL}; INSERT INTO export.kept VALUES ('B', 2)")
    await agent.until({"Records": 2})


async def test_a_user_that_may_write_is_told(plant: Postgres, tmp_path: Path) -> None:
    """With what."""
    with capture_logs() as said:
        await an_agent(plant, tmp_path).until({"Records": 0})
    assert [one for one in said if one["log_level"] == "warning"] == []
    run(plant, "GRANT UPDATE ON export.results TO reader; INSERT INTO export.kept VALUES ('A', 1)")
    with capture_logs() as said:
        await an_agent(plant, tmp_path).until({"Records": 1})
    (warning,) = [one for one in said if one["event"] == "user may write"]
    assert warning["what"] == "export.results"


async def test_one_view_that_cannot_be_read_stops_no_other(plant: Postgres, tmp_path: Path) -> None:
    """It is told with the reason: not granted, gone, too slow, without a column, ordered by what has no order."""
    run(plant, """
        INSERT INTO export.kept VALUES ('A', 1);
        CREATE VIEW export.slow AS SELECT *, pg_sleep(20) IS NULL AS x FROM export.kept;
        CREATE VIEW export.odd AS SELECT id, '{}'::jsonb AS changed_at FROM export.kept;
        GRANT SELECT ON export.slow, export.odd TO reader
    """)  # fmt: skip
    names = ("export.kept", "export.gone", "export.slow", "export.odd", "export.results")
    views = [VIEW | {"view": name} for name in names] + [VIEW | {"view": "export.results2"}]
    run(plant, "CREATE VIEW export.results2 AS SELECT id, changed_at AS at FROM export.kept")
    run(plant, "GRANT SELECT ON export.results2 TO reader")
    agent = an_agent(plant, tmp_path, views=views, patience=5)
    await agent.until({"Records": 1, "FilesRefused": 5})
    told = dict(agent.source.files["refused"])
    assert "permission denied" in told["export.kept"]
    assert "does not exist" in told["export.gone"]
    assert "statement timeout" in told["export.slow"]
    assert told["export.odd"] == "changed_at is a dict; rows are ordered by times, numbers or texts"
    assert "does not exist" in told["export.results2"]


async def test_rows_that_have_no_place_are_told(plant: Postgres, tmp_path: Path) -> None:
    """They would never be read; once they have one they are."""
    run(plant, "INSERT INTO export.kept VALUES ('A', 1, NULL), ('B', 2, now())")
    agent = an_agent(plant, tmp_path)
    await agent.until({"Records": 1, "FilesRefused": 1})
    assert agent.source.files["refused"] == (
        ("export.results", "has rows that are never read: changed_at or id is empty there"),
    )
    run(plant, "UPDATE export.kept SET changed_at = now() WHERE id = 'A'")
    await an_agent(plant, tmp_path, agent.mark).until({"Records": 2, "FilesRefused": 0})


async def test_a_page_says_what_the_database_says(plant: Postgres, tmp_path: Path) -> None:
    """Numbers with their zeros, times in UTC whatever the session's zone; nothing is empty text."""
    run(plant, """
        ALTER DATABASE lims SET timezone = 'Asia/Shanghai';
        CREATE VIEW export.all AS SELECT 'a,"b' || chr(10) || '批' AS id, 1.50::numeric AS result, 7::bigint AS n,
        '2026-03-01 08:00+08'::timestamptz AS at, '2026-03-01 08:00'::timestamp AS local, '2026-03-01'::date AS day,
        true AS yes, NULL::text AS nothing, '\\xff00'::bytea AS octets, '{"b": 1, "a": "批"}'::jsonb AS tree;
        GRANT SELECT ON export.all TO reader
    """)  # fmt: skip
    agent = an_agent(plant, tmp_path, views=[{"view": "export.all", "order": ["at", "n"]}])
    await agent.until({"Records": 1})
    (page,) = (tmp_path / "kept" / "originals").glob("*/*")
    assert page.read_text().split("\n", 1)[1] == (
        '"a,""b\n批",1.50,7,2026-03-01T00:00:00+00:00,2026-03-01T08:00:00,2026-03-01,true,,ff00,'
        '"{""a"": ""批"", ""b"": 1}"\n'
    )
    assert agent.said == [('a,"b\n批', 1, "1.50")]


async def test_only_the_known_server_gets_our_password(plant: Postgres, tmp_path: Path) -> None:
    """By its certificate; a wrong password is not tried again at once; a socket needs no certificate."""
    Authority("other").issue("x").save(tmp_path, "other")
    with pytest.raises(SourceError, match="certificate verify failed"):
        await an_agent(plant, tmp_path, trust="ca.pem").until({})
    agent = an_agent(plant, tmp_path)
    (tmp_path / "password").write_text("wrong")
    with pytest.raises(SourceError, match="authentication failed") as caught:
        await agent.until({})
    assert caught.value.pause == 60
    assert PASSWORDS[READER] not in caught.value.detail
    await an_agent(plant, tmp_path, url=plant.socket, trust=None).until({"Records": 0})


async def test_another_database_is_read_as_well(tmp_path: Path) -> None:
    """By a whole number that grows; behind the last one nothing is read again."""
    path = tmp_path / "lims.sqlite"
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE results (no INTEGER PRIMARY KEY, id TEXT, result TEXT)"))
        connection.execute(text("INSERT INTO results VALUES (1, 'A', '1'), (2, 'B', '<0.05'), (3, 'A', '2')"))
    views = [{"view": "results", "order": ["no"], "look_back": 0}]
    given = {"url": f"sqlite:///{path}", "views": views, "password_file": None, "page": 2}
    agent = Agent(SqlSource(settings(tmp_path, **given)))
    await agent.until({"Records": 2, "Corrections": 1})
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO results VALUES (4, 'C', '4')"))
    later = Agent(SqlSource(settings(tmp_path, **given)), agent.mark)
    await later.until({"RowsRead": 5})  # the last one, again
    assert later.said == [("C", 1, "4")]


PLACES = st.one_of(
    st.datetimes(), st.datetimes(timezones=st.just(UTC)), st.dates(), st.integers(), st.text(), st.uuids(),
    st.floats(allow_nan=False), st.decimals(allow_nan=False),
)  # fmt: skip


@given(place=st.lists(PLACES, min_size=1, max_size=3).map(tuple), page=st.integers(0))
def test_a_place_is_remembered_as_it_is(place: sql_page.Place, page: int) -> None:
    """Value and kind."""
    again, pages = sql_page.read(sql_page.written(place, page))
    assert (again, pages) == (place, page)
    assert [*map(type, again)] == [*map(type, place)]


def test_a_page_is_bounded_in_octets() -> None:
    """A row that does not fit is in the next one; one that fits nowhere is alone; what is known takes no room."""
    page = Page(["批"], 10)
    assert page.take(["x" * 50], lambda _: False) is not None
    assert page.take(["y"], lambda _: True) is None
    with pytest.raises(PageFullError):
        page.take(["z"], lambda _: False)
    assert page.content().decode() == "批\n" + "x" * 50 + "\n"


def test_a_time_is_written_in_utc() -> None:
    """The same instant is the same text; a number keeps its digits."""
    there = datetime(2026, 3, 1, 8, tzinfo=timezone(timedelta(hours=8)))
    pages = [Page(["at"], 1000) for _ in range(2)]
    digests = [
        page.take([at, Decimal("1E+2")], lambda _: False)
        for page, at in zip(pages, (there, there.astimezone(UTC)), strict=True)
    ]
    assert digests[0] == digests[1]
    assert pages[0].content() == b"at\n2026-03-01T00:00:00+00:00,100\n"
    assert sql_page.further((date(2026, 3, 1), "b"), (date(2026, 3, 1), "a")) == (date(2026, 3, 1), "b")


async def test_a_database_that_is_not_there_is_a_loss(tmp_path: Path) -> None:
    """So is one whose driver is missing; in a line."""
    for url, told in (
        (f"sqlite:///{tmp_path}/away/lims.sqlite", "unable to open"),
        ("mysql+mysqldb://reader@127.0.0.1/lims", "driver is missing"),
        ("postgresql://reader@127.0.0.1:1/lims", "refused"),
    ):
        with pytest.raises(SourceError, match=told) as caught:
            await Agent(SqlSource(settings(tmp_path, url=url, password_file=None))).until({})
        assert "\n" not in caught.value.detail


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"url": "postgresql://reader:secret@127.0.0.1/lims"}, "never in the configuration"),
        ({"url": "postgresql://reader@127.0.0.1/lims?password=x"}, "never in the configuration"),
        ({"url": "lims"}, "is no address of a database"),
        ({"url": "postgresql://reader@db.plant/lims"}, "trust is needed"),
        ({"url": "sqlite:///a", "trust": "ca.pem"}, "are for PostgreSQL"),
        ({"views": [VIEW, VIEW]}, "more than once"),
        ({"mappings": [{"files": "other*", "mapping": "lims.yaml"}]}, "no mapping is for export.results-00000001.csv"),
        ({"patience": 60}, "at least twice patience"),
    ],
)
def test_a_fault_in_the_settings_is_told(tmp_path: Path, change: dict[str, Any], told: str) -> None:
    """Before anybody is asked."""
    with pytest.raises(ValidationError, match=told):
        settings(tmp_path, **({"url": "postgresql://reader@127.0.0.1/lims"} | change))


def test_pages_are_csv(tmp_path: Path) -> None:
    """A mapping for another format is a fault."""
    other = mapping(tmp_path, "xml.yaml", format={"type": "excel"})
    with pytest.raises(ValidationError, match="pages of a view are CSV"):
        settings(tmp_path, url="sqlite:///a", mappings=[{"files": "*", "mapping": str(other)}])
