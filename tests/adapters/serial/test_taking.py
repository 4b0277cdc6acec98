"""Weighings of record at simulated balances of every dialect: taken by command and by the print key."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from adapters.contract import NotAskedError, WeighingRequest
from adapters.serial.source import BalanceSource
from schemas.records import Refusal, Weighing, WeighingMethod
from schemas.status import Reason, StatusCode
from simulators.devices.balance import Balance
from tests.adapters.serial.plant import ADAPTERS, SERIAL_NUMBER, STREAMS, balance, source
from tests.adapters.support import reading
from tests.support.eventually import eventually

BY = WeighingRequest(method=WeighingMethod.COMMAND, operator="li")
RECORDED: dict[str, Any] = {
    "weighing": {"minimum": 1.0, "confirmed": [0.5, 6000], "patience": 5},
    "tag": {"name": "W", "unit": "g", "calibration_due": "2099-01-01"},
    "silence": 10,
}


@pytest.fixture
async def scale(tmp_path: Path, dialect: str) -> AsyncIterator[Balance]:
    """A balance with 100 g on it."""
    made = balance(tmp_path / "port", dialect)
    await made.start()
    await made.update({"load": 100.0})
    yield made
    await made.stop()


def recording(scale: Balance, dialect: str, **more: Any) -> BalanceSource:
    return source(scale.address, dialect, **(RECORDED | more))


@pytest.mark.parametrize(
    ("dialect", "mode"),
    [(d, m) for d in ADAPTERS for m in ("poll", "stream", "print-key") if m != "stream" or d in STREAMS],
)
async def test_a_weighing_by_command_is_a_stable_weight_asked_for_then(scale: Balance, dialect: str, mode: str) -> None:
    """In every mode; it waits while the weight moves."""
    device = recording(scale, dialect, mode=mode)
    async with reading(device) as found:
        await found.value("W")
        scale.lie("moving")
        await asyncio.sleep(0)
        taking = asyncio.create_task(device.weigh(BY))
        count = len(found.frames)
        await eventually(lambda: len(found.frames) > count + 2, within=60)
        assert not taking.done()
        await scale.update({"load": 50.0})
        scale.lie("moving", on=False)
        taken = await taking
    assert (taken.accepted, taken.detail) == (True, "")
    assert (taken.net, taken.unit, taken.serial_number, taken.operator) == (50.0, "g", SERIAL_NUMBER, "li")
    assert taken.raw is not None
    assert b"50.0" in taken.raw


@pytest.mark.parametrize("dialect", ADAPTERS)
async def test_every_press_of_the_print_key_is_a_weighing(scale: Balance, dialect: str) -> None:
    """Beside its sample; nobody says who pressed it."""
    async with reading(recording(scale, dialect, mode="print-key")) as found:
        await found.value("W")
        scale.lie("unasked-line")
        await eventually(lambda: found.others, within=60)
        (taken,) = found.others
    assert isinstance(taken, Weighing)
    assert (taken.method, taken.accepted, taken.net) == (WeighingMethod.PRINT_KEY, True, 100.0)
    assert (taken.operator, taken.requested) == (None, None)
    assert [row.value for row in found.rows("W")] == [None, 100.0]


@pytest.mark.parametrize("dialect", ["mt-sics"])
async def test_f40_a_moving_weight_that_is_printed_is_refused_in_the_record(scale: Balance, dialect: str) -> None:
    """Never a weighing that counts."""
    async with reading(recording(scale, dialect, mode="print-key")) as found:
        await found.value("W")
        scale.lie("moving")
        scale.lie("unasked-line")
        await eventually(lambda: found.others, within=60)
        (taken,) = found.others
    assert isinstance(taken, Weighing)
    assert (taken.accepted, taken.refusals, taken.stable) == (False, (Refusal.UNSTABLE,), False)


@pytest.mark.parametrize("dialect", ["mt-sics", "ohaus"])
async def test_a_weight_that_does_not_become_stable_is_refused_when_patience_is_over(
    scale: Balance, dialect: str
) -> None:
    """With what the balance said last."""
    rules = RECORDED["weighing"] | {"patience": 0.5}
    device = recording(scale, dialect, weighing=rules)
    async with reading(device) as found:
        await found.value("W")
        scale.lie("moving")
        taken = await device.weigh(BY)
    assert Refusal.UNSTABLE in taken.refusals
    assert taken.raw


@pytest.mark.parametrize("dialect", ["mt-sics"])
async def test_f48_a_weighing_during_which_the_balance_restarts_is_broken(scale: Balance, dialect: str) -> None:
    """The detail says why; one at a balance that is away is refused too, and is a record."""
    device = recording(scale, dialect)
    async with reading(device) as found:
        await found.value("W")
        scale.lie("moving")
        taking = asyncio.create_task(device.weigh(BY))
        count = len(found.frames)
        await eventually(lambda: len(found.frames) > count + 1, within=60)
        scale.lie("power-cycle")
        taken = await taking
        assert (taken.accepted, taken.refusals) == (False, (Refusal.BROKEN,))
        assert "tare and zero" in taken.detail
    away = await device.weigh(BY)
    assert (away.refusals, away.net) == ((Refusal.BROKEN,), None)


@pytest.mark.parametrize("dialect", ["mt-sics"])
async def test_fa4_another_balance_is_refused_until_it_is_accepted(scale: Balance, dialect: str) -> None:
    """Samples are Uncertain, weighings refused; both are right again without a new connection."""
    device = recording(scale, dialect)
    assert not device.identity
    assert device.recognise({"serial number": "OTHER"})
    async with reading(device) as found:
        assert (await found.value("W")).reason is Reason.IDENTITY
        taken = await device.weigh(BY)
        assert taken.refusals == (Refusal.IDENTITY,)
        assert device.identity == {"serial number": SERIAL_NUMBER}
        assert device.recognise(device.identity)
        await eventually(lambda: found.rows("W")[-1].status == StatusCode.GOOD, within=60)
        assert (await device.weigh(BY)).accepted
    configured = recording(scale, dialect, serial_number="OTHER")
    assert not configured.recognise(device.identity)


@pytest.mark.parametrize("dialect", ["mt-sics"])
async def test_a_source_without_rules_takes_no_weighings(scale: Balance, dialect: str) -> None:
    """The message names the setting; a press of the key is a sample only."""
    device = source(scale.address, dialect, mode="print-key")
    async with reading(device) as found:
        await found.value("W")
        with pytest.raises(NotAskedError, match="`weighing`"):
            await device.weigh(BY)
        scale.lie("unasked-line")
        await eventually(lambda: len(found.rows("W")) == 2, within=60)
    assert found.others == []
