"""The agent's Unix socket: for its user, one line in, one line out."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from edge.control import MAX_LINE, Control, ControlError, ask
from gateway.alarm.engine import CommandRefusedError


def refuse(**_: object) -> None:
    raise CommandRefusedError("no alarm of condition 'x' waits for an acknowledgement")


async def test_a_question_is_answered_and_the_socket_is_for_its_user_alone(tmp_path: Path) -> None:
    """0600, gone when the agent ends."""
    path = tmp_path / "agent.sock"
    async with Control(path, {"status": lambda: {"sender": "line-3"}}):
        assert path.stat().st_mode & 0o777 == 0o600
        assert await asyncio.to_thread(ask, path, "status") == {"sender": "line-3"}
    assert not path.exists()


async def test_a_refusal_is_one_line(tmp_path: Path) -> None:
    """Also for requests that make no sense."""
    path = tmp_path / "agent.sock"
    async with Control(path, {"acknowledge": refuse}):
        with pytest.raises(ControlError, match="no alarm of condition"):
            await asyncio.to_thread(ask, path, "acknowledge")
        requests: list[tuple[str, Any]] = [("nothing", {}), ("acknowledge", {"wrong": [1]})]
        for do, arguments in requests:
            with pytest.raises(ControlError):
                await asyncio.to_thread(partial(ask, path, do, **arguments))


async def test_hostile_bytes_do_not_stop_the_agent(tmp_path: Path) -> None:
    """Not JSON, not an object, or a line without end."""
    path = tmp_path / "agent.sock"
    async with Control(path, {"status": lambda: 1}):
        for octets in (b"\xff\n", b"[]\n", b"null\n", b'{"do": {}}\n', b"x" * (2 * MAX_LINE) + b"\n"):
            reader, writer = await asyncio.open_unix_connection(path)
            writer.write(octets)
            await reader.read(100)
            writer.close()
        assert await asyncio.to_thread(ask, path, "status") == 1


async def test_a_second_agent_is_told_that_there_is_one(tmp_path: Path) -> None:
    """A socket left by a killed agent is no obstacle."""
    path = tmp_path / "agent.sock"
    async with Control(path, {}):
        with pytest.raises(ControlError, match="already running"):
            async with Control(path, {}):
                pass
        stale = tmp_path / "stale.sock"
        path.rename(stale)
    stale.touch()
    async with Control(stale, {"status": lambda: 1}):
        assert await asyncio.to_thread(ask, stale, "status") == 1


def test_without_an_agent_the_command_says_what_to_do(tmp_path: Path) -> None:
    """One line."""
    with pytest.raises(ControlError, match=r"no agent answers .*cmo-edge run"):
        ask(tmp_path / "none.sock", "status")
