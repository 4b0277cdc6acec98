"""Lists of a web service over real sockets: pages, what is new, and servers that do not do as they should."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from adapters.contract import SourceError
from adapters.exports.ways.rest import RestSource
from adapters.exports.ways.rest_client import seconds_of
from adapters.exports.ways.rest_settings import RestSettings, SinceSettings
from adapters.exports.ways.rest_since import asked, highest
from schemas.records import GapCause
from tests.adapters.exports import samples
from tests.adapters.exports.driving import Agent
from tests.adapters.exports.taking import mapping
from tests.adapters.exports.web import Reply, Web, web
from tests.support.certificates import DAY, Authority

TOKEN = "a token of some length"
JSON = {"format": {"type": "json", "rows": "results[]"}}
LIST = {"name": "results", "path": "/results"}


@pytest.fixture
def server() -> Iterator[Web]:
    with web() as one:
        yield one


def rows(*given: tuple[str, str], **also: Any) -> Reply:
    results = [{"id": key, "result": result, "at": f"2026-03-01T0{result}:00:00Z"} for key, result in given]
    return Reply(json.dumps({"results": results} | also).encode())


def settings(base: Path, **changed: Any) -> RestSettings:
    (base / "token").write_text(TOKEN)
    mappings = [
        {"files": "*.json", "mapping": str(mapping(base, "json.yaml", **JSON))},
        {"files": "*.csv", "mapping": str(mapping(base))},
    ]
    usual = {
        "type": "rest", "name": "lims", "keep": "kept", "mappings": mappings, "poll_interval": 0.1, "requests": [LIST],
        "url": "http://127.0.0.1:1", "largest_mib": 1,
    }  # fmt: skip
    return RestSettings.model_validate(usual | changed, context={"folder": base})


def an_agent(server: Web, base: Path, mark: str | None = None, **changed: Any) -> Agent:
    return Agent(RestSource(settings(base, **({"url": server.url} | changed))), mark)


async def until_asked(agent: Agent, server: Web, times: int) -> None:
    """Run until the server was asked so often."""
    wanted = len(server.asked) + times

    def look() -> None:
        if len(server.asked) < wanted:
            agent.at["Unaccounted", 0] = look
        else:
            agent.counts["lims.enough"] = 1

    agent.at["Unaccounted", 0] = look
    agent.counts.pop("lims.enough", None)
    await agent.until({"enough": 1})


async def test_a_list_is_taken_once_and_again_when_it_changed(server: Web, tmp_path: Path) -> None:
    """By its content, over all lives; the original is kept as it came."""
    server.replies["/results"] = rows(("A", "1"), ("B", "2"))
    agent = an_agent(server, tmp_path)
    await until_asked(agent, server, 3)
    assert (agent.counts["lims.RowsRead"], agent.counts["lims.FilesRead"]) == (2, 1)
    later = an_agent(server, tmp_path, agent.mark)
    await until_asked(later, server, 2)
    assert later.portions == []
    server.replies["/results"] = rows(("A", "3"), ("B", "2"))
    await later.until({"Corrections": 1, "Repeats": 1})
    first, _ = sorted((tmp_path / "kept" / "originals").glob("*/*"), key=lambda one: b'"1"' not in one.read_bytes())
    assert first.read_bytes() == rows(("A", "1"), ("B", "2")).body


async def test_what_did_not_change_is_not_sent(server: Web, tmp_path: Path) -> None:
    """By ETag and Last-Modified; a body that was not kept has none."""
    tags = {"ETag": '"7"', "Last-Modified": "Sun, 01 Mar 2026 08:00:00 GMT"}

    def reply(headers: Mapping[str, str]) -> Reply:
        told = (headers.get("if-none-match"), headers.get("if-modified-since"))
        if told == tuple(tags.values()):
            return Reply(status=304)
        return Reply(rows(("A", "1")).body, headers=tags)

    server.replies["/results"] = reply
    agent = an_agent(server, tmp_path)
    await until_asked(agent, server, 3)
    assert [("if-none-match" in headers) for _, headers in server.asked] == [False, True, True]
    assert agent.said == [("A", 1, "1")]


async def test_only_what_is_new_is_asked_for(server: Web, tmp_path: Path) -> None:
    """Behind the highest that was seen, less the look back; over lives; with what stood there again as repeats."""
    since = {"parameter": "since", "column": "at", "start": "2026-01-01T00:00:00Z", "look_back": 3600}
    first, second = "/results?since=2025-12-31T23%3A00%3A00Z", "/results?since=2026-03-01T02%3A00%3A00Z"
    third = "/results?since=2026-03-01T03%3A00%3A00Z"
    server.replies |= {
        first: rows(("B", "3"), ("A", "1")),
        second: rows(("B", "3"), ("C", "4")),
        third: Reply(status=204),
    }
    agent = an_agent(server, tmp_path, requests=[LIST | {"since": since}])
    await agent.until({"Records": 3, "Repeats": 1})
    assert list(dict.fromkeys(server.paths))[:2] == [first, second]
    server.asked.clear()
    later = an_agent(server, tmp_path, agent.mark, requests=[LIST | {"since": since}])
    await until_asked(later, server, 1)
    assert server.paths[0] == third
    assert [name for name, *_ in agent.said] == ["B", "A", "C"]


@pytest.mark.parametrize("by", ["link", "number", "token", "address"])
async def test_all_pages_of_a_list_are_taken(server: Web, tmp_path: Path, by: str) -> None:
    """Known by a header, a number, or a token or address in the body; each page is kept as a file."""
    one, two, three = rows(("A", "1")), rows(("B", "2")), rows(("C", "3"))
    if by == "link":
        pages = {"by": "link"}
        server.replies["/results"] = Reply(one.body, headers={"Link": '</results?x=2>; rel="next", </z>; rel="last"'})
        server.replies["/results?x=2"] = Reply(two.body, headers={"Link": f"<{server.url}/results?x=3>; rel=next"})
        server.replies["/results?x=3"] = three
    elif by == "number":
        pages = {"by": "number", "parameter": "page", "first": "0"}
        server.replies |= {f"/results?page={at}": reply for at, reply in enumerate((one, two, three, rows()))}
    else:
        pages = {"by": "token", "parameter": "after", "path": "paging.next"}
        following = ["x y", "z"] if by == "token" else ["/results?after=x+y", f"{server.url}/results?after=z"]
        server.replies["/results"] = rows(("A", "1"), paging={"next": following[0]})
        server.replies["/results?after=x+y"] = rows(("B", "2"), paging={"next": following[1]})
        server.replies["/results?after=x%20y"] = server.replies["/results?after=x+y"]
        server.replies["/results?after=z"] = rows(("C", "3"), paging={"next": None})
    agent = an_agent(server, tmp_path, requests=[LIST | {"pages": pages}])
    await until_asked(agent, server, 9)
    assert agent.said == [("A", 1, "1"), ("B", 1, "2"), ("C", 1, "3")]
    assert (agent.counts["lims.RowsRead"], agent.counts["lims.FilesRead"]) == (3, 3)


async def test_the_sample_of_the_readme_reads_its_list(server: Web, tmp_path: Path) -> None:
    """As it stands there, with the page beside its mapping."""
    page = (samples.MAPPINGS / "rest-results.page.json").read_bytes()
    path = "/api/v1/results?site=3&modified_since=2025-12-31T23%3A50%3A00Z"
    server.replies |= {path: Reply(page), f"{path}&after=eyJhdCI6MTJ9": Reply(b'{"results": []}')}
    given = samples.given("rest", tmp_path) | {"url": server.url}
    for name in ("trust", "certificate", "private_key"):
        del given[name]
    agent = Agent(RestSource(RestSettings.model_validate(given, context={"folder": tmp_path})))
    await until_asked(agent, server, 2)
    assert (agent.counts["lims.Records"], agent.counts["lims.RowsRefused"]) == (2, 1)
    assert server.paths[:2] == [path, f"{path}&after=eyJhdCI6MTJ9"]
    assert agent.said == [("S-1001|Assay|main", 1, "99.30"), ("S-1001|Water|total", 1, "<0.05")]


async def test_a_list_of_csv_is_read(server: Web, tmp_path: Path) -> None:
    """With the token where it is wanted; the mapping says the rest."""
    server.replies["/results"] = lambda headers: (
        Reply(b"id,result\nA,1\n")
        if (headers["x-key"], headers["accept"]) == (TOKEN, "text/csv")
        else Reply(status=401)
    )
    given: dict[str, Any] = {"requests": [LIST | {"ending": "csv"}], "token_file": "token", "token_header": "X-Key"}
    await an_agent(server, tmp_path, **given).until({"Records": 1})


async def test_a_server_that_wants_no_questions_gets_none(server: Web, tmp_path: Path) -> None:
    """For as long as it says; that is no loss. One that is overloaded is, and is left alone for as long."""
    server.replies["/results"] = Reply(status=429, headers={"Retry-After": "3600"})
    agent = an_agent(server, tmp_path)
    looks: list[int] = []

    def look() -> None:
        looks.append(len(server.asked))
        agent.at["Unaccounted", 0] = look
        agent.counts["lims.looks"] = looks.count(1)

    look()
    await agent.until({"looks": 9})
    assert max(looks) == 1
    server.replies["/results"] = Reply(status=503, headers={"Retry-After": "7"})
    with pytest.raises(SourceError, match="HTTP 503") as caught:
        await agent.until({"Records": 1})
    assert (caught.value.cause, caught.value.pause) == (GapCause.DEVICE_UNREACHABLE, 7)


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (Reply(status=404), "HTTP 404"),
        (
            Reply(status=302, headers={"Location": "http://127.0.0.2/results"}),
            "leads to another server, http://127.0.0.2",
        ),
        (Reply(status=302, headers={"Location": "/results"}), "redirects more than 5 times"),
        (Reply(b"x" * (1024 * 1024 + 1)), "larger than 1 MiB"),
        (Reply(b"{}", length=False), "it may be cut off"),
        (Reply(b"{}", headers={"Content-Encoding": "gzip"}), "encoding that was not asked for"),
        (Reply(b'{"results": [], "next": "http://a:b/"}'), "is no address"),
        (Reply(b'{"results": [], "next": "http://evil/x"}'), "leads to another server, http://evil"),
    ],
)
async def test_f60_an_answer_that_is_none_gives_nothing(server: Web, tmp_path: Path, reply: Reply, told: str) -> None:
    """It is told in a line, and stops no other list."""
    server.replies |= {"/results": reply, "/good": rows(("A", "1"))}
    requests = [LIST | {"pages": {"by": "token", "parameter": "x", "path": "next"}}, {"name": "good", "path": "/good"}]
    agent = an_agent(server, tmp_path, requests=requests)
    await agent.until({"Records": 1, "FilesRefused": 1})
    ((name, why),) = agent.source.files["refused"]
    assert name == "results"
    assert told in why
    assert [one.read_bytes() for one in (tmp_path / "kept" / "originals").glob("*/*")] == [rows(("A", "1")).body]


async def test_f60_a_body_that_ends_too_early_was_never_there(server: Web, tmp_path: Path) -> None:
    """The connection is lost; the whole one is taken afterwards. Redirects within the server are followed."""
    whole = rows(("A", "1"), ("B", "2"))
    server.replies["/results"] = Reply(whole.body, sent=30)
    agent = an_agent(server, tmp_path)
    with pytest.raises(SourceError, match="without sending complete message body") as caught:
        await agent.until({"Records": 2})
    assert caught.value.cause is GapCause.DEVICE_UNREACHABLE
    server.replies |= {"/results": Reply(status=307, headers={"Location": "/there"}), "/there": whole}
    await agent.until({"Records": 2})
    assert agent.said == [("A", 1, "1"), ("B", 1, "2")]


async def test_f60_a_body_that_is_damaged_is_kept_and_refused_once(server: Web, tmp_path: Path) -> None:
    """However often it is asked for; the next good one is taken."""
    server.replies["/results"] = Reply(b'{"results": [{"id": "A"')
    agent = an_agent(server, tmp_path)
    await until_asked(agent, server, 4)
    assert agent.counts["lims.FilesRefused"] == 1
    server.replies["/results"] = rows(("A", "1"))
    await agent.until({"Records": 1, "FilesRefused": 0})


async def test_a_token_that_is_refused_is_not_tried_at_once_again(server: Web, tmp_path: Path) -> None:
    """Nor is it ever told."""
    server.replies["/results"] = Reply(status=403)
    with pytest.raises(SourceError, match="refuses us") as caught:
        await an_agent(server, tmp_path, token_file="token").until({"Records": 1})
    assert (caught.value.cause, caught.value.pause) == (GapCause.OTHER, 60)
    assert TOKEN not in caught.value.detail
    assert server.asked[0][1]["authorization"] == f"Bearer {TOKEN}"


async def test_only_the_known_server_is_asked_and_it_may_ask_who_we_are(tmp_path: Path) -> None:
    """By certificates on both sides."""
    authority, other = Authority("plant"), Authority("other")
    (tmp_path / "wrong").mkdir()
    authority.issue("lims").save(tmp_path, "server")
    authority.issue("edge").save(tmp_path, "client")
    other.issue("edge").save(tmp_path / "wrong", "client")
    ours = {"certificate": "client.pem", "private_key": "client.key"}
    with web(tmp_path, clients=True) as server:
        server.replies["/results"] = rows(("A", "1"))
        await an_agent(server, tmp_path, trust="ca.pem", **ours).until({"Records": 1})
        for change in (
            {"trust": "wrong/ca.pem"} | ours,
            {"trust": "ca.pem"},
            {"trust": "ca.pem", "certificate": "wrong/client.pem", "private_key": "wrong/client.key"},
        ):
            with pytest.raises(SourceError, match=server.url):
                await an_agent(server, tmp_path, **change).until({})
        assert len(server.asked) == 1
    authority.issue("lims", valid=-DAY).save(tmp_path / "wrong", "server")
    with web(tmp_path / "wrong") as server, pytest.raises(SourceError, match="expired"):
        await an_agent(server, tmp_path, trust="ca.pem").until({})


async def test_a_server_that_is_not_there_is_a_loss(tmp_path: Path) -> None:
    """At once; also one that says nothing."""
    with pytest.raises(SourceError, match="refused") as caught:
        await Agent(RestSource(settings(tmp_path))).until({})
    assert caught.value.cause is GapCause.DEVICE_UNREACHABLE


@pytest.mark.parametrize(
    ("given", "seconds"),
    [
        ("30", 30),
        ("99999999", 3600),
        ("soon", None),
        (None, None),
        (format_datetime(datetime.fromtimestamp(1060, UTC), usegmt=True), 60),
        (format_datetime(datetime.fromtimestamp(900, UTC), usegmt=True), 0),
    ],
)
def test_retry_after_is_seconds_or_a_date(given: str | None, seconds: float | None) -> None:
    """An hour at most."""
    assert seconds_of(given, lambda: 1000) == seconds


@given(st.text(max_size=40))
def test_any_retry_after_is_understood_or_not(text: str) -> None:
    """It never fails."""
    seconds_of(text)


def test_since_is_the_highest_in_time_not_in_text() -> None:
    """Offsets count; whole numbers are numbers; it is asked for in the form that it came in."""
    wanted = SinceSettings(parameter="p", column="at", start="0", look_back=60)
    assert highest(["2026-03-01T08:00:00+08:00", "2026-03-01T01:00:00Z", None, ""], "at") == "2026-03-01T01:00:00Z"
    assert highest(["9", "10"], "at") == "10"
    assert highest([], "at") is None
    assert asked("2026-03-01T08:00:00+08:00", wanted) == "2026-03-01T07:59:00+08:00"
    assert asked("2026-03-01T08:00:00Z", wanted) == "2026-03-01T07:59:00Z"
    assert asked("100", wanted) == "40"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"url": "http://lims.plant"}, "https is needed"),
        ({"url": "https://user:secret@lims.plant"}, "never in the configuration"),
        ({"url": "lims.plant"}, "no address of a server"),
        ({"certificate": "a.pem"}, "go together"),
        ({"requests": [LIST, LIST]}, "the same name"),
        ({"requests": [LIST | {"ending": "xml"}]}, "no mapping is for results.xml"),
        ({"requests": [LIST | {"pages": {"by": "number"}}]}, "need a parameter"),
        ({"requests": [LIST | {"pages": {"by": "token", "parameter": "x"}}]}, "needs a path"),
        ({"requests": [LIST | {"since": {"parameter": "p", "column": "c", "start": "today"}}]}, "Invalid isoformat"),
        ({"patience": 40}, "at least twice patience"),
    ],
)
def test_a_fault_in_the_settings_is_told(tmp_path: Path, change: dict[str, Any], told: str) -> None:
    """Before anybody is asked."""
    with pytest.raises(ValidationError, match=told):
        settings(tmp_path, **change)
