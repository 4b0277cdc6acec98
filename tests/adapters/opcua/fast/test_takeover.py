import asyncio
import struct
from typing import Any

import pytest
from asyncua import ua
from asyncua.client.client import Client
from asyncua.client.ua_client import UASocketProtocol
from asyncua.client.ua_session import UaSession
from asyncua.ua.ua_binary import struct_to_binary

from adapters.opcua.fast import takeover
from adapters.opcua.fast.takeover import misfit, take_over


@pytest.fixture(autouse=True)
def forgetful() -> None:
    """What was found out in one test does not count in another."""
    takeover._misread.cache_clear()
    takeover._missent.cache_clear()


def client() -> Client:
    return Client("opc.tcp://127.0.0.1:1/")


def test_the_library_is_as_the_fast_path_needs_it() -> None:
    """In the version that is installed; where this fails the product still works, by the slow path."""
    assert misfit(client()) is None


def test_a_library_that_starts_its_loop_otherwise_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The session would not run what it is given."""
    monkeypatch.setattr(UaSession, "ensure_publish_loop", lambda _: None)
    assert "_publish_loop" in str(misfit(client()))


@pytest.mark.parametrize("loop", [None, lambda _: None])
def test_a_library_without_the_loop_is_found(monkeypatch: pytest.MonkeyPatch, loop: Any) -> None:
    """None at all, or one that is no coroutine."""
    monkeypatch.setattr(UaSession, "_publish_loop", loop)
    assert "cannot be replaced" in str(misfit(client()))


@pytest.mark.parametrize("name", ["_call_callback", "_fail_all_pending", "revolve_security_token"])
def test_a_library_that_keeps_answers_otherwise_is_found(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """What a request of ours is handed to does not do with it what it should, or is not there."""
    monkeypatch.delattr(UASocketProtocol, name)
    assert "cannot be sent in the library's place" in str(misfit(client()))


def test_a_library_that_sends_other_octets_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A header with a hint that ours has not."""

    def hint(protocol: UASocketProtocol, header: ua.RequestHeader, timeout: float) -> None:
        header.TimeoutHint = ua.UInt32(4_000 + timeout)

    monkeypatch.setattr(UASocketProtocol, "_setup_request_header", hint)
    assert misfit(client()) == "a publish request is not what the library would send"


@pytest.mark.parametrize(
    ("old", "new"),
    [(struct.pack("<d", 12.5), struct.pack("<d", 12.25)), (b"\x01\x00\x3d\x03", b"\x01\x00\x3e\x03")],
    ids=["another value", "none"],
)
def test_a_library_whose_octets_are_read_otherwise_is_found(
    monkeypatch: pytest.MonkeyPatch, old: bytes, new: bytes
) -> None:
    """What comes out is not what went in."""
    monkeypatch.setattr(takeover, "struct_to_binary", lambda given: struct_to_binary(given).replace(old, new))
    assert "publish response" in str(misfit(client()))


async def test_the_session_runs_what_it_is_given() -> None:
    """In the place of its own loop, when the first subscription is there."""
    ran, one = asyncio.Event(), client()

    async def loop() -> None:
        ran.set()

    take_over(one, loop)
    one.uaclient.session._subscription_callbacks[1] = lambda _: None
    one.uaclient.ensure_publish_loop()
    await asyncio.wait_for(ran.wait(), 60)
