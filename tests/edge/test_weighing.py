"""A weighing of record, and another balance, at a whole agent: over its socket, into its journal."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

from edge.agent import Agent
from schemas.frame import Row
from schemas.records import Alarm, AlarmEvent, Refusal
from schemas.status import Reason, StatusCode
from simulators.devices.balance import OTHER_NUMBER, Balance
from tests.edge import running as line
from tests.edge.running import asked, command, records, running, weighings
from tests.support.eventually import eventually

WEIGHING = {"minimum": 1.0, "confirmed": [0.5, 6000], "patience": 5}


def configure(folder: Path, port: Path, due: date) -> Path:
    return line.configure(folder, {
        "type": "mt-sics", "name": "scale", "port": str(port), "poll_interval": 0.1, "timeout": 1.0,
        "weighing": WEIGHING, "tag": {"name": "W", "unit": "g", "calibration_due": due.isoformat()},
    })  # fmt: skip


@asynccontextmanager
async def balance(link: Path) -> AsyncIterator[Balance]:
    made = Balance(link, settling=0.001)
    await made.start()
    await made.update({"load": 100.0})
    try:
        yield made
    finally:
        await made.stop()


def samples(agent: Agent) -> list[Row]:
    return line.samples(agent, "scale")


async def test_a_weighing_by_command_is_in_the_journal_before_it_is_answered(tmp_path: Path) -> None:
    """By the command itself; one that is refused is a record too, and ends with 1."""
    config = configure(tmp_path, tmp_path / "port", date(2099, 1, 1))
    async with balance(tmp_path / "port") as scale, running(config) as agent:
        by = ("--operator", "li", "--lot", "L-77", "--tare", "20.5", "--second", "wang")
        done = await command(config, "weigh", "scale", *by)
        assert (done.returncode, done.stderr) == (0, "")
        assert "accepted\tgross 100 g, tare 20.5 g, net 79.5 g" in done.stdout
        (taken,) = weighings(agent)
        assert (taken.accepted, taken.net, taken.lot, taken.line) == (True, 79.5, "L-77", "line-3")
        await scale.update({"load": 0.7})
        done = await command(config, "weigh", "scale", "--operator", "li")
        assert (done.returncode, "Traceback" in done.stderr) == (1, False)
        assert "refused: 0.7 is below the minimum weight, 1" in done.stderr
        refused = weighings(agent)[-1]
        assert (refused.accepted, refused.refusals, refused.net) == (False, (Refusal.BELOW_MINIMUM,), 0.7)
        done = await command(config, "weigh", "scale", "--operator", "x" * 200)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)


async def test_fa9_a_balance_whose_calibration_is_overdue_weighs_nothing_that_counts(tmp_path: Path) -> None:
    """Its samples are Uncertain, its weighings refused, and an alarm stands at the line."""
    config = configure(tmp_path, tmp_path / "port", date(2020, 1, 1))
    async with balance(tmp_path / "port"), running(config) as agent:
        await eventually(lambda: any(row.reason is Reason.CALIBRATION for row in samples(agent)), within=60)
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
            await eventually(lambda: samples(agent)[-1].reason is Reason.IDENTITY, within=60)
            (alarm,) = await eventually(lambda: asked(config, "alarms"), within=60)
            assert alarm["condition"] == "scale.IdentityChanged.HIGH"
            by = ("--by", "chen", "--reason", "old one in repair")
            done = await command(config, "accept-identity", "scale", *by)
            assert (done.returncode, done.stdout) == (0, f"scale: accepted, serial number {OTHER_NUMBER}\n")
            await eventually(lambda: samples(agent)[-1].status == StatusCode.GOOD, within=60)
            await eventually(lambda: not agent.answers.open_alarms(), within=60, what="the alarm's return")
            steps = [one for one in records(agent, "alarms") if isinstance(one, Alarm)]
            (accepted,) = [step for step in steps if step.event is AlarmEvent.ACKNOWLEDGED]
            assert (accepted.actor, OTHER_NUMBER in (accepted.comment or "")) == ("chen", True)
        async with running(config) as agent:
            await eventually(lambda: samples(agent)[-1].status == StatusCode.GOOD, within=60)
            assert agent.answers.open_alarms() == []
