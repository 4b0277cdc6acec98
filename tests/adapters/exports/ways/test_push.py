"""Files that are brought: answered once the journal has them, the same key twice is one file."""

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

import httpx
import pytest
from pydantic import ValidationError

from adapters.contract import Portion, SourceError
from adapters.exports.settings import PushSettings
from adapters.exports.ways.push import PushSource
from simulators.ports import free_port
from tests.adapters.exports.taking import mapping
from tests.support.certificates import DAY, Authority

TOKEN = "a token of some length"
CSV = b"id,result\nA,1\nB,2\n"


def settings(folder: Path, **changed: Any) -> PushSettings:
    (folder / "token").write_text(f"{TOKEN}\n")
    mappings = [{"files": "*.csv", "mapping": str(mapping(folder))}]
    usual = {
        "type": "push", "name": "lims", "port": free_port(), "keep": "kept", "token_file": "token",
        "mappings": mappings, "largest_mib": 1,
    }  # fmt: skip
    return PushSettings.model_validate(usual | changed, context={"folder": folder})


@dataclass
class Driven:
    """A source and a journal that commits while `open` is set."""

    source: PushSource
    port: int
    mark: str | None = None
    portions: list[Portion] = field(default_factory=list)
    open: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        async for report in self.source.frames():
            if isinstance(report, Portion):
                await self.open.wait()
                self.mark = report.mark
                self.portions.append(report)

    async def marked(self) -> str | None:
        return self.mark

    async def put(
        self, content: bytes, name: str = "a.csv", key: str | None = None, token: str = TOKEN
    ) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token}"} | ({"Idempotency-Key": key} if key else {})
        url = f"http://127.0.0.1:{self.port}/files/{quote(name)}"
        asked = Request(url, content, headers, method="PUT")

        def answer() -> tuple[int, Any]:
            try:
                with urlopen(asked, timeout=60) as got:  # noqa: S310
                    return got.status, json.load(got)
            except HTTPError as error:
                return error.code, json.load(error)

        return await asyncio.to_thread(answer)


@asynccontextmanager
async def driven(wanted: PushSettings, mark: str | None = None) -> AsyncIterator[Driven]:
    one = Driven(PushSource(wanted), wanted.port, mark)
    one.source.resume(one.marked)
    one.open.set()
    await one.source.connect()
    task = asyncio.create_task(one.run())
    try:
        yield one
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await one.source.close()


async def test_a_file_is_answered_when_the_journal_has_it(tmp_path: Path) -> None:
    """And not before; with what became of its rows."""
    async with driven(settings(tmp_path)) as one:
        one.open.clear()
        asked = asyncio.create_task(one.put(CSV))
        assert not (await asyncio.wait([asked], timeout=1))[0]
        one.open.set()
        status, answer = await asked
        assert [len(portion.records) for portion in one.portions] == [2]
        (reading,) = answer["readings"]
        assert (status, reading["state"], reading["read"], reading["records"]) == (200, "done", 2, 2)
        assert (tmp_path / "kept" / "originals" / answer["sha256"][:2] / answer["sha256"]).read_bytes() == CSV


async def test_the_same_key_is_one_file(tmp_path: Path) -> None:
    """Answered as the first time, in the next life too; with another content it is refused."""
    wanted = settings(tmp_path)
    async with driven(wanted) as one:
        first = await one.put(CSV, key="export 7")
        assert await one.put(CSV, key="export 7") == first
        status, answer = await one.put(b"id,result\nA,2\n", key="export 7")
        assert (status, answer) == (409, {"error": "the key 'export 7' was used for another content"})
        mark = one.mark
    async with driven(wanted, mark) as one:
        assert await one.put(CSV, key="export 7") == first
        assert one.portions == []
        status, answer = await one.put(b"id,result\nA,2\n", key="export 8")
        assert (status, answer["readings"][0]["corrections"]) == (200, 1)


async def test_what_is_not_taken_says_why(tmp_path: Path) -> None:
    """No token, too large, no name, no mapping, not as the mapping says; then the next file is taken."""
    async with driven(settings(tmp_path)) as one:
        assert (await one.put(CSV, token="wrong"))[0] == 401
        assert (await one.put(b"x" * (1024 * 1024 + 1)))[0] == 413
        assert (await one.put(CSV, name="a\x1b.csv"))[0] == 400
        status, answer = await one.put(CSV, name="a.txt")
        assert (status, answer["readings"][0]["reason"]) == (422, "no mapping fits its name")
        status, answer = await one.put(b"id,wrong\nA,1\n")
        assert (status, answer["readings"][0]["state"]) == (422, "refused")
        assert (await one.put(CSV))[0] == 200


async def test_many_files_at_once_are_taken_each_once(tmp_path: Path) -> None:
    """The same one, too."""
    async with driven(settings(tmp_path)) as one:
        files = [f"id,result\nK{number},1\n".encode() for number in range(8)] * 2
        answers = await asyncio.gather(*(one.put(content, f"{at % 8}.csv") for at, content in enumerate(files)))
        assert {status for status, _ in answers} == {200}
        assert sorted(record.key for portion in one.portions for record in portion.records) == [
            f"K{number}" for number in range(8)
        ]


async def test_a_port_that_is_taken_is_told(tmp_path: Path) -> None:
    """The source is lost, the agent goes on."""
    wanted = settings(tmp_path)
    async with driven(wanted):
        other = PushSource(wanted.model_copy(update={"keep": tmp_path / "other"}))
        other.resume(Driven(other, 0).marked)
        with pytest.raises(SourceError, match=f"cannot listen on 127.0.0.1:{wanted.port}"):
            await other.connect()
        await other.close()


@dataclass(frozen=True)
class Certificates:
    """Of a server, and of clients: `right`, `expired`, and `other` of an authority that nobody trusts."""

    folder: Path

    def settings(self, **changed: Any) -> PushSettings:
        mutual = {"certificate": "server.pem", "private_key": "server.key", "trust": "ca.pem"}
        return settings(self.folder, **(mutual | changed))

    def client(self, name: str | None) -> httpx.AsyncClient:
        context = ssl.create_default_context(cafile=str(self.folder / "ca.pem"))
        if name is not None:
            context.load_cert_chain(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        return httpx.AsyncClient(verify=context, timeout=60, headers={"Authorization": f"Bearer {TOKEN}"})


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    authority = Authority("plant")
    Authority("other").issue("lims").save(tmp_path, "other")
    authority.issue("lims", valid=-DAY).save(tmp_path, "expired")
    authority.issue("lims").save(tmp_path, "right")
    authority.issue("agent").save(tmp_path, "server")
    return Certificates(tmp_path)


async def test_over_tls_a_file_is_taken_of_who_has_the_token(certificates: Certificates) -> None:
    """No client certificate is needed where none is asked for; without TLS nobody is served."""
    async with driven(certificates.settings(trust=None)) as one, certificates.client(None) as client:
        url = f"https://127.0.0.1:{one.port}/files/a.csv"
        assert (await client.put(url, content=CSV)).status_code == 200
        assert (await client.put(url, content=CSV, headers={"Authorization": "Bearer wrong"})).status_code == 401
        with pytest.raises(httpx.TransportError):
            await client.put(url.replace("https", "http"), content=CSV)
        assert [len(portion.records) for portion in one.portions] == [2]


@pytest.mark.parametrize("name", [None, "other", "expired"])
async def test_over_mutual_tls_a_stranger_gets_no_answer(certificates: Certificates, name: str | None) -> None:
    """No certificate, one of another authority, one that expired: though the token is right. Then the right one."""
    async with driven(certificates.settings()) as one:
        url = f"https://127.0.0.1:{one.port}/files/a.csv"
        async with certificates.client(name) as client:
            with pytest.raises(httpx.TransportError):
                await client.put(url, content=CSV)
        assert [*(certificates.folder / "kept" / "originals").glob("*/*")] == []
        async with certificates.client("right") as client:
            assert (await client.put(url, content=CSV)).status_code == 200
            assert (await client.put(url, content=CSV, headers={"Authorization": "x"})).status_code == 401
        assert [len(portion.records) for portion in one.portions] == [2]


async def test_a_certificate_that_cannot_be_used_is_told(certificates: Certificates) -> None:
    """As is a key of another one; the source is lost, the agent goes on."""
    for change in ({"private_key": "right.key"}, {"trust": "token"}, {"certificate": "none.pem"}):
        source = PushSource(certificates.settings(**change))
        source.resume(Driven(source, 0).marked)
        with pytest.raises(SourceError, match="cannot listen on"):
            await source.connect()
        await source.close()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"host": "0.0.0.0"}, "only loopback is listened on"),
        ({"certificate": "a.pem"}, "go together"),
        ({"trust": "ca.pem"}, "needs a certificate of ours"),
        ({"token_file": "none"}, "cannot be read"),
        ({"token_file": "short"}, "shorter than 16"),
    ],
)
def test_an_endpoint_without_protection_is_a_fault(tmp_path: Path, change: dict[str, Any], told: str) -> None:
    """Before anything listens."""
    (tmp_path / "short").write_text("short")
    with pytest.raises(ValidationError, match=told):
        settings(tmp_path, **change)
