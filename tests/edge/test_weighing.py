"""A weighing of record, and another balance, at a whole agent: over its socket, into its journal."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from edge.agent import Agent
from edge.control import ask
from edge.settings import load
from gateway.proof import keys
from schemas.catalogue import KINDS, schema
from schemas.codec import Record, decode
from schemas.frame import Frame
from schemas.records import Alarm, AlarmEvent, Refusal, Weighing
from schemas.status import Reason, StatusCode
from simulators.devices.balance import OTHER_NUMBER, Balance
from simulators.ports import free_port
from tests.edge.test_agent import SITE
from tests.support.eventually import eventually

PUBLISHED = {schema(kind).fingerprint: schema(kind) for kind in KINDS}
WEIGHING = {"minimum": 1.0, "confirmed": [0.5, 6000], "patience": 5}


def configure(folder: Path, port: Path, due: date) -> Path:
    source = {
        "type": "mt-sics", "name": "scale", "port": str(port), "poll_interval": 0.1, "timeout": 0.3,
        "weighing": WEIGHING, "tag": {"name": "W", "unit": "g", "calibration_due": due.isoformat()},
    }  # fmt: skip
    config = {
        "cmo": "cmo-a", "sender": "line-3", "recipients": ["holder-b"], "site": "site.yaml", "control_socket": "a.sock",
        "journal": "journal.db", "key": "line-3.key", "trust": ["holder-b.vkey"], "sources": [source],
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
    agent = Agent(load(config))
    task = asyncio.create_task(agent.run())
    try:
        await eventually(lambda: samples(agent), within=20, what="the first sample")
        yield agent
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def balance(link: Path) -> AsyncIterator[Balance]:
    made = Balance(link, settling=0.001)
    await made.start()
    await made.update({"load": 100.0})
    try:
        yield made
    finally:
        await made.stop()


def records(agent: Agent, family: str) -> list[Record]:
    stream = f"cmo-a.line-3.holder-b.{family}.v1"
    entries = agent.journal.entries(stream, 0, 10_000)
    return [decode(e.octets or b"", PUBLISHED) for e in entries if e.kind not in {"Schema", "Evicted"}]


def samples(agent: Agent) -> list[Any]:
    frames = [one for one in records(agent, "measurements") if isinstance(one, Frame) and one.source == "scale"]
    return [row for one in frames for row in one.rows()]


async def asked(config: Path, do: str, **arguments: Any) -> Any:
    return await asyncio.to_thread(lambda: ask(config.parent / "a.sock", do, patience=20, **arguments))


def command(config: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("cmo-edge")
    return subprocess.run(
        [program, arguments[0], config, *arguments[1:]], capture_output=True, text=True, timeout=60, check=False
    )


async def test_a_weighing_by_command_is_in_the_journal_before_it_is_answered(tmp_path: Path) -> None:
    """By the command itself; one that is refused is a record too, and ends with 1."""
    config = configure(tmp_path, tmp_path / "port", date(2099, 1, 1))
    async with balance(tmp_path / "port") as scale, running(config) as agent:
        by = ("--operator", "li", "--lot", "L-77", "--tare", "20.5", "--second", "wang")
        done = await asyncio.to_thread(command, config, "weigh", "scale", *by)
        assert (done.returncode, done.stderr) == (0, "")
        assert "accepted\tgross 100 g, tare 20.5 g, net 79.5 g" in done.stdout
        (taken,) = records(agent, "weighings")
        assert isinstance(taken, Weighing)
        assert (taken.accepted, taken.net, taken.lot, taken.line) == (True, 79.5, "L-77", "line-3")
        await scale.update({"load": 0.7})
        done = await asyncio.to_thread(command, config, "weigh", "scale", "--operator", "li")
        assert (done.returncode, "Traceback" in done.stderr) == (1, False)
        assert "refused: 0.7 is below the minimum weight, 1" in done.stderr
        refused = records(agent, "weighings")[-1]
        assert isinstance(refused, Weighing)
        assert (refused.accepted, refused.refusals, refused.net) == (False, (Refusal.BELOW_MINIMUM,), 0.7)
        done = await asyncio.to_thread(command, config, "weigh", "scale", "--operator", "x" * 200)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)


async def test_fa9_a_balance_whose_calibration_is_overdue_weighs_nothing_that_counts(tmp_path: Path) -> None:
    """Its samples are Uncertain, its weighings refused, and an alarm stands at the line."""
    config = configure(tmp_path, tmp_path / "port", date(2020, 1, 1))
    async with balance(tmp_path / "port"), running(config) as agent:
        await eventually(lambda: any(row.reason is Reason.CALIBRATION for row in samples(agent)), within=20)
        assert not any(row.status == StatusCode.GOOD for row in samples(agent))
        taken = await asked(config, "weigh", source="scale", operator="li")
        assert (taken["accepted"], taken["refusals"]) == (False, ["CALIBRATION"])
        (alarm,) = await asked(config, "alarms")
        assert alarm["condition"] == "scale.CalibrationOverdue.HIGH"


async def test_fa4_a_balance_replaced_while_the_agent_was_stopped_is_uncertain_until_accepted(tmp_path: Path) -> None:
    """Who accepted it, and why, is in the alarm; the agent's next life knows it."""
    config = configure(tmp_path, tmp_path / "port", date(2099, 1, 1))
    async with balance(tmp_path / "port") as scale:
        async with running(config):
            pass
        scale.lie("other-serial-number")
        async with running(config) as agent:
            await eventually(lambda: samples(agent)[-1].reason is Reason.IDENTITY, within=20)
            (alarm,) = await eventually(lambda: asked(config, "alarms"), within=20)
            assert alarm["condition"] == "scale.IdentityChanged.HIGH"
            done = await asyncio.to_thread(
                command, config, "accept-identity", "scale", "--by", "chen", "--reason", "old one in repair"
            )
            assert (done.returncode, done.stdout) == (0, f"scale: accepted, serial number {OTHER_NUMBER}\n")
            await eventually(lambda: samples(agent)[-1].status == StatusCode.GOOD, within=20)
            await eventually(lambda: not agent.open_alarms(), within=20, what="the alarm's return")
            steps = [one for one in records(agent, "alarms") if isinstance(one, Alarm)]
            (accepted,) = [step for step in steps if step.event is AlarmEvent.ACKNOWLEDGED]
            assert (accepted.actor, OTHER_NUMBER in (accepted.comment or "")) == ("chen", True)
        async with running(config) as agent:
            await eventually(lambda: samples(agent)[-1].status == StatusCode.GOOD, within=20)
            assert agent.open_alarms() == []
