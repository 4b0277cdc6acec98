"""A whole agent with the sources of a test: its files, its records, and what is asked of it over its socket."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import yaml

from edge.agent import Agent
from edge.control import ask
from edge.settings import load
from gateway.proof import keys
from schemas.catalogue import KINDS, schema
from schemas.codec import Record, decode
from schemas.frame import Frame, Row
from schemas.records import Weighing
from simulators.ports import free_port
from tests.edge.stopping import stopped
from tests.edge.test_agent import SITE
from tests.support.eventually import eventually
from tests.support.ready import call

PUBLISHED = {schema(kind).fingerprint: schema(kind) for kind in KINDS}


def configure(folder: Path, *sources: dict[str, Any]) -> Path:
    """The agent's configuration with these sources; no Kafka is there."""
    config = {
        "cmo": "cmo-a", "sender": "line-3", "recipients": ["holder-b"], "site": "site.yaml", "control_socket": "a.sock",
        "journal": "journal.db", "key": "line-3.key", "trust": ["holder-b.vkey"], "sources": list(sources),
        "kafka": {"bootstrap": f"127.0.0.1:{free_port()}", "security": "plaintext"},
    }  # fmt: skip
    keys.save(keys.generate("cmo-a", keys.Role.SENDER, "line-3"), folder / "line-3.key")
    keys.save_public(keys.generate("holder-b", keys.Role.NODE, "main"), folder / "holder-b.vkey")
    site = {**SITE, "differentials": []}
    (folder / "site.yaml").write_text(yaml.safe_dump(site, allow_unicode=True))
    (folder / "edge.yaml").write_text(yaml.safe_dump(config))
    return folder / "edge.yaml"


@asynccontextmanager
async def running(config: Path) -> AsyncIterator[Agent]:
    """The agent, once every source has given a sample in this life of it."""
    agent = Agent(load(config))
    before = {name: len(samples(agent, name)) for name in agent.sources.by_name}
    task = asyncio.create_task(agent.run())

    def all_read() -> bool:
        return all(len(samples(agent, name)) > count for name, count in before.items())

    try:
        await eventually(all_read, within=60, every=0.1, what="a sample of every source")
        yield agent
    finally:
        await stopped(task)


def records(agent: Agent, family: str) -> list[Record]:
    """What the journal holds for the holder."""
    stream = f"cmo-a.line-3.holder-b.{family}.v1"
    entries = agent.journal.entries(stream, 0, 10_000)
    return [decode(e.octets or b"", PUBLISHED) for e in entries if e.kind not in {"Schema", "Evicted"}]


def samples(agent: Agent, source: str) -> list[Row]:
    """Those of one source, as they stand in the journal."""
    frames = [one for one in records(agent, "measurements") if isinstance(one, Frame) and one.source == source]
    return [row for one in frames for row in one.rows()]


def weighings(agent: Agent) -> list[Weighing]:
    """As they stand in the journal."""
    return [one for one in records(agent, "weighings") if isinstance(one, Weighing)]


async def asked(config: Path, do: str, **arguments: Any) -> Any:
    """What the agent answers at its socket."""
    return await asyncio.to_thread(lambda: ask(config.parent / "a.sock", do, patience=20, **arguments))


async def command(config: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`cmo-edge`, with the configuration behind the command's name."""
    return await asyncio.to_thread(call, config.parent, arguments[0], config, *arguments[1:])
