"""Weighings that a tag of another source asks for: which changes count, and what becomes of them in a whole agent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.contract import SourceSettings, WeighingRequest
from adapters.registry import adapter
from edge.agent import Agent
from edge.settings import load
from edge.triggers import Triggers
from schemas.frame import Beside, Frame
from schemas.records import Refusal, WeighingMethod
from schemas.status import StatusCode
from simulators.devices.balance import Balance
from simulators.devices.opcua import OpcUaDevice, Point
from tests.adapters.serial.test_readme import TRIGGERED
from tests.edge import running as line
from tests.edge.running import running, weighings
from tests.gateway.messages import frame, gap
from tests.support.eventually import eventually

TAKE, LOT = "BALANCE.TAKE", "BALANCE.LOT"


def settings(**trigger: Any) -> dict[str, SourceSettings]:
    """Those of the README, with another trigger."""
    mes, scale = TRIGGERED["sources"]
    scale = scale | {"weighing": scale["weighing"] | {"trigger": {"source": "mes", "tag": TAKE, **trigger}}}
    return {one["name"]: adapter(one["type"]).settings.model_validate(one) for one in (mes, scale)}


async def asked(*given: Frame | Any, **trigger: Any) -> list[WeighingRequest]:
    """What is asked for, once these have passed."""
    triggers = Triggers(settings(**trigger))
    for record in given:
        assert list(triggers(record)) == [record]
    taken: list[WeighingRequest] = []

    async def weigh(balance: str, request: WeighingRequest) -> None:
        assert balance == "scale-1"
        taken.append(request)

    task = asyncio.create_task(triggers.run(weigh))
    await asyncio.sleep(0)  # it has begun; what it has not yet taken then, it takes before it ends
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    return taken


def said(received: int = 1, *, status: int = 0, backfilled: bool = False, **values: Beside | float | None) -> Frame:
    given = {f"BALANCE.{name.upper()}": value for name, value in values.items()}
    return frame(given, received=received, source="mes", status=status, backfilled=backfilled)


BAD, UNCERTAIN = int(StatusCode.BAD_NO_COMMUNICATION), int(StatusCode.UNCERTAIN)


@pytest.mark.parametrize(
    ("frames", "count"),
    [
        ([said(take=False), said(take=True)], 1),
        ([said(take=False), said(take=True), said(take=True), said(take=False), said(take=True)], 2),
        ([said(take=0.0), said(take=7.0), said(take=8.0), said(take=0.0)], 2),
        ([said(take=2**60), said(take=2**60 + 1)], 1),
        ([said(take=True)], 0),
        ([said(take=False), said(take=None, status=BAD), said(take=True)], 0),
        ([said(take=False), said(take=True, status=UNCERTAIN), said(take=True)], 0),
        ([said(take=False), gap(1, None), said(take=True)], 1),
        ([said(take=False), replace(gap(1, None), source="mes", tags=(TAKE,)), said(take=True)], 0),
        ([said(take=False), said(take=True, backfilled=True), said(take=False)], 0),
        ([said(take="no"), said(take="yes")], 0),
        ([said(take=False), frame({TAKE: True}, received=2, source="other")], 0),
    ],
    ids=[
        "rises", "rises twice", "counts", "large numbers", "first value", "after a break", "doubted", "another's gap",
        "gap",
        "backfilled", "text", "another source",
    ],
)  # fmt: skip
async def test_which_changes_ask_for_a_weighing(frames: list[Any], count: int) -> None:
    """Those between two Good values of the present, to true or to a number that is not 0."""
    assert len(await asked(*frames)) == count


async def test_a_weighing_is_told_what_the_tags_say_at_that_moment() -> None:
    """Also what comes in the same frame; what is not Good, empty or too long is left out."""
    context = {"lot": LOT, "batch": "BALANCE.BATCH", "operator": "BALANCE.OPERATOR", "second": "BALANCE.SECOND"}
    (first,) = await asked(
        said(take=False, lot="L-76", batch="B-1", operator="", second="x" * 129), said(take=True, lot="L-77"), **context
    )
    assert (first.method, first.lot, first.batch) == (WeighingMethod.TRIGGER, "L-77", "B-1")
    assert (first.operator, first.second) == (None, None)
    (lost,) = await asked(said(take=False, lot="L-76"), said(lot=None, status=BAD), said(take=True), lot=LOT)
    assert lost.lot is None
    (gone,) = await asked(said(take=False, lot="L-76"), said(take=True, lot="L-77", status=0), lot=LOT)
    assert gone.lot == "L-77"


async def test_other_settings_forget_nothing_of_what_was_seen() -> None:
    """A reload between two values does not make the second one the first."""
    triggers = Triggers(settings())
    list(triggers(said(take=False)))
    triggers.configure(settings(lot=LOT))
    list(triggers(said(take=True)))
    assert triggers.waiting == 1
    triggers.configure({})
    list(triggers(said(take=False)))
    list(triggers(said(take=True)))
    assert triggers.waiting == 1


NODES = {"Take": "bool", "Batch": "string", "Lot": "string", "Operator": "string", "Second": "string"}


@asynccontextmanager
async def plant(folder: Path) -> AsyncIterator[tuple[OpcUaDevice, Balance, Agent]]:
    """The README's configuration, with a simulated MES and balance at its other end."""
    mes = OpcUaDevice(
        [Point(f"Balance.{name}", kind) for name, kind in NODES.items()],  # type: ignore[arg-type] # one of its words
        namespace="urn:plant:mes", history=100,
    )  # fmt: skip
    scale = Balance(folder / "port", settling=0.001, serial_number="B1")
    await mes.start()
    await scale.start()
    try:
        await scale.update({"load": 100.0})
        await mes.update({f"Balance.{name}": "" for name in NODES} | {"Balance.Take": False})
        other, balance = TRIGGERED["sources"]
        config = line.configure(
            folder,
            {**other, "endpoint": mes.address},
            {**balance, "port": str(folder / "port"), "poll_interval": 0.1, "timeout": 5, "silence": 30},
        )
        async with running(config) as agent:
            yield mes, scale, agent
    finally:
        await scale.stop()
        await mes.stop()


async def tell(mes: OpcUaDevice, **values: Any) -> None:
    await mes.update({f"Balance.{name.capitalize()}": value for name, value in values.items()})


async def pulse(mes: OpcUaDevice, agent: Agent) -> None:
    """Up, and down again once the agent has seen it."""
    await tell(mes, take=True)
    await eventually(lambda: shown(agent, TAKE) is True, within=60)
    await tell(mes, take=False)
    await eventually(lambda: shown(agent, TAKE) is False, within=60)


def shown(agent: Agent, tag: str) -> object:
    return [row.value for row in line.samples(agent, "mes") if row.tag == tag][-1]


async def test_a_weighing_that_the_mes_asks_for_is_a_record_with_its_batch_lot_and_persons(tmp_path: Path) -> None:
    """Through the whole agent, with the configuration of the README; without a second check it is refused."""
    async with plant(tmp_path) as (mes, _, agent):
        await tell(mes, batch="240611A", lot="L-77", operator="li", second="wang")
        await eventually(lambda: shown(agent, "BALANCE.SECOND") == "wang", within=60)
        await pulse(mes, agent)
        (taken,) = await eventually(lambda: weighings(agent), within=60)
        assert (taken.method, taken.accepted, taken.detail) == (WeighingMethod.TRIGGER, True, "")
        assert (taken.net, taken.unit, taken.serial_number) == (100.0, "g", "B1")
        assert (taken.batch, taken.lot, taken.operator, taken.second) == ("240611A", "L-77", "li", "wang")
        assert taken.requested is not None
        await tell(mes, second="")
        await eventually(lambda: shown(agent, "BALANCE.SECOND") == "", within=60)
        await pulse(mes, agent)
        await eventually(lambda: len(weighings(agent)) == 2, within=60)
        assert weighings(agent)[-1].refusals == (Refusal.SECOND_CHECK,)


async def test_a_trigger_while_a_weighing_is_under_way_is_a_refused_weighing(tmp_path: Path) -> None:
    """Each trigger has its record: the one under way goes on, and counts once the pan is at rest."""
    async with plant(tmp_path) as (mes, scale, agent):
        await tell(mes, operator="li", second="wang")
        await eventually(lambda: shown(agent, "BALANCE.SECOND") == "wang", within=60)
        scale.lie("moving")
        await pulse(mes, agent)
        await pulse(mes, agent)
        (refused,) = await eventually(lambda: weighings(agent), within=60)
        assert (refused.method, refused.refusals) == (WeighingMethod.TRIGGER, (Refusal.BROKEN,))
        assert (refused.detail, refused.net) == ("another weighing was under way", None)
        scale.lie("moving", on=False)
        await eventually(lambda: len(weighings(agent)) == 2, within=60)
        assert weighings(agent)[-1].accepted


async def test_a_trigger_under_way_when_the_agent_stops_is_a_refused_weighing(tmp_path: Path) -> None:
    """It is in the journal at the next start."""
    async with plant(tmp_path) as (mes, scale, agent):
        scale.lie("moving")
        await pulse(mes, agent)
        config = agent.configuration.file
    again = Agent(load(config))
    (broken,) = weighings(again)
    again.journal.close()
    assert (broken.accepted, Refusal.BROKEN in broken.refusals) == (False, True)


async def test_a_trigger_that_is_up_when_the_mes_answers_again_asks_for_nothing(tmp_path: Path) -> None:
    """What it became while nobody listened is no change, neither as the first value nor from the history."""
    async with plant(tmp_path) as (mes, _, agent):
        await mes.lie("F03")
        await eventually(lambda: shown(agent, TAKE) is None, within=60)
        await tell(mes, take=True)
        await mes.lie("F03", on=False)
        await eventually(lambda: shown(agent, TAKE) is True, within=60)
        await tell(mes, take=False)
        await eventually(lambda: shown(agent, TAKE) is False, within=60)
        assert weighings(agent) == []
        await pulse(mes, agent)
        await eventually(lambda: len(weighings(agent)) == 1, within=60)
