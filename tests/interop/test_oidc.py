"""Signing in at somebody else's OpenID Connect provider, a process of its own over TLS."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from gateway.access.provider import Provider as Signing
from gateway.archive.archive import Archive
from gateway.console.desk import Desk
from gateway.intake.live import Live
from schemas.access import Access, Act, Outcome
from tests.gateway.console.entered import Door, entered
from tests.gateway.console.stage import NOW, SITE
from tests.interop.oidc_provider import Provider, running, trusting

ROLES = {"quality": "qa", "release": "qualified-person", "it": "administrator", "line": "operator"}


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    with running(tmp_path_factory.mktemp("provider")) as made:
        yield made


@asynccontextmanager
async def console(provider: Provider, **changes: Any) -> AsyncIterator[Door]:
    """A console whose persons sign in there."""
    told = {
        "issuer": provider.issuer, "client": "console", "secret_file": provider.folder / "secret",
        "ca_file": provider.folder / "ca.pem", "roles": ROLES,
    }  # fmt: skip
    desk = Desk(SITE, Archive(None), Live(), now=lambda: NOW)
    with TemporaryDirectory(dir=provider.folder) as folder:
        async with entered(Path(folder), desk, provider=told | changes) as door:
            yield door


def browser(provider: Provider) -> httpx.AsyncClient:
    return httpx.AsyncClient(verify=trusting(provider.folder), timeout=60, trust_env=False)


async def left(door: Door, one: httpx.AsyncClient, back: str = "/zh/rooms") -> httpx.Response:
    """What the console answers to whoever wants to sign in at the provider."""
    return await one.get(f"{door.address}/sign-in/provider", params={"language": "zh", "next": back})


async def came_back(door: Door, provider: Provider, one: httpx.AsyncClient, person: str) -> httpx.Response:
    """All of it, up to the console's answer."""
    away = await left(door, one)
    return await one.get(await provider.sign_in(one, away.headers["location"], person))


async def sign_ins(door: Door) -> list[Access]:
    return [look for look in await door.looks() if look.act is Act.SIGNED_IN]


async def test_a_person_signs_in_and_is_refused_as_the_groups_say(provider: Provider) -> None:
    """With the name and the roles that the provider tells; groups that do not go together let nobody in, nor none."""
    async with console(provider) as door:
        async with browser(provider) as one:
            away = await left(door, one)
            query = parse_qs(urlsplit(away.headers["location"]).query)
            assert query["code_challenge_method"] == ["S256"]
            assert {"state", "nonce", "code_challenge"} <= query.keys()
            answer = await came_back(door, provider, one, "李娜+quality+release+canteen")
            assert (answer.status_code, answer.headers["location"]) == (303, "/zh/rooms")
            assert (await one.get(f"{door.address}/zh/rooms")).status_code == 200
        for person in ("Wang Fang+quality+it", "Wang Fang+canteen", "Wang Fang"):
            async with browser(provider) as one:
                answer = await came_back(door, provider, one, person)
                assert answer.status_code == 401
                assert (await one.get(f"{door.address}/api/overview")).status_code == 401
        looks = await sign_ins(door)
    assert [(look.name, look.roles, look.outcome) for look in looks] == [
        ("李娜", ("qa", "qualified-person"), Outcome.DONE), *[(None, (), Outcome.REFUSED)] * 3,
    ]  # fmt: skip
    assert looks[0].account == f"{provider.issuer} 李娜+quality+release+canteen"
    assert "art. 22(1)(2)" in str(looks[1].reason)
    assert "none of the provider's groups of Wang Fang has a role here" in str(looks[2].reason)


async def test_what_the_id_token_does_not_tell_is_asked_for(tmp_path: Path) -> None:
    """Of a provider that conforms to the letter, with tokens signed by ES256."""
    with running(tmp_path, conform=True) as provider:
        async with console(provider, client="console-es") as door:
            async with browser(provider) as one:
                assert (await came_back(door, provider, one, "Li Na+line")).status_code == 303
                assert (await one.get(f"{door.address}/en/evidence")).status_code == 404
            (look,) = await sign_ins(door)
    assert (look.name, look.roles) == ("Li Na", ("operator",))


async def test_an_attempt_is_one_browsers_and_counts_once(provider: Provider) -> None:
    """A code that was taken from its browser, or comes twice, or without any attempt, lets nobody in."""
    async with console(provider) as door:
        async with browser(provider) as one, browser(provider) as thief:
            back = await provider.sign_in(one, (await left(door, one)).headers["location"], "Li Na+quality")
            await left(door, thief)
            assert (await thief.get(back)).status_code == 401
            assert (await one.get(back)).status_code == 401
            back = await provider.sign_in(one, (await left(door, one)).headers["location"], "Li Na+quality")
            assert (await one.get(back)).status_code == 303
            assert (await one.get(back)).status_code == 401
            assert (await one.get(f"{door.address}/sign-in/provider/back?state=x&code=y")).status_code == 401
        assert [look.outcome for look in await sign_ins(door)] == [Outcome.DONE]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"nonce": "another"}, "nonce"),
        ({"verifier": "x" * 64}, "the provider refused"),
        ({"redirect": "http://x/"}, "the provider refused"),
    ],
)
async def test_an_answer_to_another_question_lets_nobody_in(
    provider: Provider, change: dict[str, Any], why: str
) -> None:
    """Another nonce, another code verifier, another address to come back to."""
    async with console(provider) as door, browser(provider) as one:
        back = await provider.sign_in(one, (await left(door, one)).headers["location"], "Li Na+quality")
        signing = door.entrance.provider
        assert isinstance(signing, Signing)
        signing._begun = {state: replace(begun, **change) for state, begun in signing._begun.items()}
        assert (await one.get(back)).status_code == 401
        assert [(look.outcome, why in str(look.reason)) for look in await sign_ins(door)] == [(Outcome.REFUSED, True)]


async def test_a_provider_that_is_not_the_one_is_not_asked_to_sign_in(
    provider: Provider, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nor one whose certificate nobody vouches for, or with another secret; the log says why, the page does not."""
    (provider.folder / "other").write_text("another secret")
    localhost = provider.issuer.replace("127.0.0.1", "localhost")
    async with browser(provider) as one:
        for change, why in (({"ca_file": None}, "CERTIFICATE_VERIFY_FAILED"), ({"issuer": localhost}, "calls itself")):
            async with console(provider, **change) as door:
                answer = await left(door, one)
                assert answer.status_code == 401
                assert why not in answer.text
                assert why in "".join(capsys.readouterr())
        async with console(provider, secret_file=provider.folder / "other") as door:
            assert (await came_back(door, provider, one, "Li Na+quality")).status_code == 401
            assert "answered 401" in str((await sign_ins(door))[0].reason)
