"""A configuration that is read again: what did not change goes on untouched."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from edge.agent import Agent
from edge.control import RefusedError, ask
from edge.settings import load
from schemas.catalogue import KINDS, schema
from schemas.codec import Record, decode
from schemas.frame import Frame
from schemas.records import Gap
from tests.adapters.modbus.device import Device, listening
from tests.edge.commands.command import command, configure, ended, started
from tests.edge.stopping import stopped
from tests.support.eventually import eventually

DP = {"name": "DP", "unit": "Pa", "address": 0, "type": "int16"}
FLOW = {"name": "Flow", "unit": "L/min", "address": 1, "type": "int16"}
T = {"name": "T", "unit": "Cel", "address": 0, "type": "int16"}


def source(name: str, device: Device, *tags: dict[str, Any]) -> dict[str, Any]:
    reached = {"host": "127.0.0.1", "port": device.port, "poll_interval": 0.05, "silence": 5.0}
    return {"type": "modbus", "name": name, "proof": "none-available", "tags": list(tags), **reached}


@asynccontextmanager
async def devices() -> AsyncIterator[tuple[Device, Device]]:
    one, other = Device(), Device()
    for device in (one, other):
        device.hold(0, 14, 20)
    async with listening(one), listening(other):
        yield one, other


@asynccontextmanager
async def running(agent: Agent) -> AsyncIterator[None]:
    task = asyncio.create_task(agent.run())
    try:
        await eventually(lambda: all(s.state.connected for s in agent.sources.supervisors), within=60)
        yield
    finally:
        await stopped(task)


def told(agent: Agent, family: str) -> list[Record]:
    """What stands in the journal."""
    published = {schema(kind).fingerprint: schema(kind) for kind in KINDS}
    stream = f"cmo-a.line-3.holder-b.{family}.v1"
    found = (decode(e.octets or b"", published) for e in agent.journal.entries(stream, 0, 5000) if e.kind in KINDS)
    return [record for record in found if isinstance(record, Frame | Gap)]


def values(agent: Agent, tag: str) -> list[float | None]:
    frames = [one for one in told(agent, "measurements") if isinstance(one, Frame)]
    return [row.value for one in frames for row in one.rows() if row.tag == tag]  # type: ignore[misc] # numbers here


async def test_a_source_that_did_not_change_has_no_hole_and_no_new_connection(tmp_path: Path) -> None:
    """The other one is Bad from its last answer on, in a gap that its next one ends, and has the new tag."""
    async with devices() as (one, other):
        file = configure(tmp_path, source("one", one, DP), source("other", other, T))
        agent = Agent(load(file))
        async with running(agent):
            kept = agent.sources.by_name["other"]
            configure(tmp_path, source("one", one, DP, FLOW), source("other", other, T), journal_mib=100)
            change = await agent._reloading.reload()
            assert (change["unchanged"], change["changed"]) == (("other",), ("one",))
            assert change["restart"] == ("journal_mib",)
            await eventually(lambda: 20.0 in values(agent, "Flow"), within=60, what="the new tag")
            await eventually(lambda: len(values(agent, "T")) > 10, within=60)
            assert agent.sources.by_name["other"] is kept
            gaps = [gap for gap in told(agent, "gaps") if isinstance(gap, Gap) and gap.source == "one"]
            begun, over = gaps[-2:]
            assert (begun.gap, begun.ended, begun.detail) == (over.gap, None, "its settings were changed")
            assert over.ended is not None
            assert [gap for gap in told(agent, "gaps") if isinstance(gap, Gap) and gap.source == "other"] == []
            assert None in values(agent, "DP")
            assert None not in values(agent, "T")
            again = await agent._reloading.reload()
            assert (again["changed"], again["restart"]) == ((), ("journal_mib",))
    assert (one.connections, other.connections) == (2, 1)


async def test_sources_are_added_and_taken_out(tmp_path: Path) -> None:
    """The one taken out has a gap that ends: nobody waits for it any more."""
    async with devices() as (one, other):
        file = configure(tmp_path, source("one", one, DP))
        agent = Agent(load(file))
        async with running(agent):
            configure(tmp_path, source("other", other, T))
            change = await agent._reloading.reload()
            assert (change["added"], change["removed"]) == (("other",), ("one",))
            await eventually(lambda: 14.0 in values(agent, "T"), within=60)
            last = await eventually(lambda: [g for g in told(agent, "gaps") if isinstance(g, Gap)][-1], within=60)
            assert (last.source, last.ended is not None) == ("one", True)
            assert last.detail == "it was taken out of the configuration"
            assert values(agent, "DP")[-1] is None
            assert [s["name"] for s in agent.answers.status()["sources"]] == ["other"]


async def test_a_configuration_with_faults_is_refused_and_the_old_one_goes_on(tmp_path: Path) -> None:
    """Each finding is told; a changed site is refused too."""
    async with devices() as (one, _):
        file = configure(tmp_path, source("one", one, DP))
        agent = Agent(load(file))
        async with running(agent):
            supervisor = agent.sources.supervisors[0]
            configure(tmp_path, source("one", one, DP | {"adress": 1}))
            with pytest.raises(RefusedError, match=r"(?s)edge\.yaml:.*did you mean 'address'"):
                await agent._reloading.reload()
            configure(tmp_path, source("one", one, DP, FLOW))
            site = tmp_path / "site.yaml"
            site.write_text(site.read_text().replace("grade: C", "grade: D"))
            with pytest.raises(RefusedError, match="restart"):
                await agent._reloading.reload()
            assert agent.sources.supervisors == [supervisor]
            frames = supervisor.state.frames
            await eventually(lambda: supervisor.state.frames > frames + 3, within=60)
    assert one.connections == 1


async def test_the_command_and_sighup_reload(tmp_path: Path) -> None:
    """The command tells what it did, and the faults where there are some; the signal logs it."""
    async with devices() as (one, other):
        configure(tmp_path, source("one", one, DP))
        process = await started(tmp_path, "run", "edge.yaml")

        async def sources() -> list[str]:
            status = await asyncio.to_thread(ask, tmp_path / "a.sock", "status")
            return [one["name"] for one in status["sources"] if one["connected"]]

        try:
            await eventually((tmp_path / "a.sock").exists, within=60)
            await eventually(lambda: one.connections, within=60)
            configure(tmp_path, source("one", one, DP), source("other", other, T))
            done = await command(tmp_path, "reload", "edge.yaml")
            assert (done.code, done.out) == (0, "unchanged: one\nadded: other\n")
            await eventually(lambda: other.connections, within=60)
            configure(tmp_path, source("other", other, T))
            process.send_signal(signal.SIGHUP)
            await eventually(lambda: _only(sources, ["other"]), within=60)
        finally:
            process.send_signal(signal.SIGTERM)
            over = await ended(process)
    assert over.code == 0
    assert '"removed": ["one"]' in over.err
    assert (one.connections, other.connections) == (1, 1)


async def _only(sources: Any, expected: list[str]) -> bool:
    found: list[str] = await sources()
    return found == expected
