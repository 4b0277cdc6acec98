"""F01 to F13 of the fault catalogue: the device lies, and what comes out is a record that says so."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters.opcua.certificates import make_pair, save_pair
from adapters.opcua.conditions import Conditions
from schemas.records import Condition, ConditionReport, GapCause
from schemas.status import Reason, StatusCode
from simulators.devices.opcua import OpcUaDevice
from tests.adapters.opcua.records import device, supervised, tag
from tests.support.eventually import eventually


@pytest.fixture
async def ems() -> AsyncIterator[OpcUaDevice]:
    async with device(history=10_000) as made:
        yield made


async def test_f01_a_subscription_that_is_gone_is_made_anew(ems: OpcUaDevice) -> None:
    """Nobody is told, and reads are answered; the gap says what happened, and values come again by themselves."""
    async with supervised(ems) as records:
        await records.value("F1.DP", 12.5)
        await ems.lie("F01")
        await ems.update({"F1.DP": 13.5})
        began = await records.gap()
        assert (began.cause, began.tags) == (GapCause.SUBSCRIPTION_LOST, ("F1.DP", "F1.N", "F1.S"))
        await records.value("F1.DP", 13.5)
        ended = await records.gap(ended=True)
        assert ended.gap == began.gap
        lost = [row for row in records.rows("F1.DP") if row.reason is Reason.COMM]
        assert [(row.value, row.status) for row in lost] == [(None, StatusCode.BAD_NO_COMMUNICATION)]


async def test_f01_a_subscription_that_tells_nothing_new_is_found_out_by_a_read(ems: OpcUaDevice) -> None:
    """The server's clock ticks, the value stands still: only a read shows that it has changed."""
    async with supervised(ems, compare=0.5) as records:
        await records.value("F1.DP", 12.5)
        await ems.lie("F01-frozen")
        await ems.update({"F1.DP": 99.0})
        gap = await records.gap()
        assert gap.cause is GapCause.SUBSCRIPTION_LOST
        assert "a read of F1.DP differs" in gap.detail
        await records.value("F1.DP", 99.0)


async def test_f02_a_server_that_starts_anew_is_found_again_and_the_break_filled(ems: OpcUaDevice) -> None:
    """Its namespace has another index; what it kept meanwhile comes as backfill, and the gap is said to be filled."""
    async with supervised(ems, history=True) as records:
        await records.value("F1.DP", 12.5)
        await ems.lie("F03")
        began = await records.gap()
        for number in range(1, 251):
            await ems.update({"F1.DP": 12.5 + number, "F1.N": number})
        await ems.lie("F03", on=False)
        await ems.lie("F02")
        await ems.update({"F1.DP": 9.0})
        await records.value("F1.DP", 9.0)
        await ems.update({"F1.N": 7})
        await records.value("F1.N", 7)
        filled = await records.gap(ended=True, backfilled=True)
    assert (filled.gap, filled.began) == (began.gap, began.began)
    kept = [row.value for row in records.rows("F1.DP", backfilled=True)]
    live = [row.value for row in records.rows("F1.DP") if row.value is not None]
    assert {*kept, *live} == {9.0, *(12.5 + number for number in range(251))}
    assert len(kept) == len(set(kept))
    assert not set(kept) & set(live)


async def test_f03_a_cut_is_filled_from_history_while_live_values_go_on(ems: OpcUaDevice) -> None:
    """Strictly between the last reported and the first live value, in order, received now, marked."""
    async with supervised(ems, history=True) as records:
        await records.value("F1.DP", 12.5)
        await ems.lie("F03")
        gap = await records.gap()
        assert gap.cause is GapCause.DEVICE_UNREACHABLE
        for number in range(1, 351):
            await ems.update({"F1.DP": float(number)})
        await ems.lie("F03", on=False)
        await records.value("F1.DP", 350.0)
        await ems.update({"F1.DP": 351.0, "F1.N": 4, "F1.S": "Rinse"})
        await records.value("F1.DP", 351.0)
        filled = await records.gap(ended=True, backfilled=True)
    assert filled.gap == gap.gap
    kept = records.rows("F1.DP", backfilled=True)
    assert [row.value for row in kept] == [float(number) for number in range(1, 350)]
    assert {(row.status, row.reason) for row in kept} == {(StatusCode.GOOD, Reason.NONE)}
    times = [row.source_time for row in kept]
    assert times == sorted(times, key=lambda time: time or 0)
    assert all(frame.received >= (filled.ended or 0) for frame in records.frames(backfilled=True))


async def test_f03_a_server_without_history_leaves_the_gap_unfilled() -> None:
    """The values go on; nothing is said to be filled."""
    async with device() as ems, supervised(ems, history=True) as records:
        await records.value("F1.DP", 12.5)
        await ems.lie("F03")
        await records.gap()
        await ems.update({"F1.DP": 1.0})
        await ems.update({"F1.DP": 2.0})
        await ems.lie("F03", on=False)
        await records.value("F1.DP", 2.0)
        await records.gap(ended=True)
        await eventually(lambda: records.supervisor.state.frames > 10, within=60)
        assert not any(gap.backfilled for gap in records.gaps())
        assert records.frames(backfilled=True) == []


@pytest.mark.parametrize(
    ("lie", "value", "status"),
    [("F04", None, StatusCode.BAD_SENSOR_FAILURE), ("F04-uncertain", 9.5, StatusCode.UNCERTAIN_LAST_USABLE_VALUE)],
)
async def test_f04_the_status_decides_whatever_value_is_beside_it(
    ems: OpcUaDevice, lie: str, value: float | None, status: int
) -> None:
    """A Bad value is none; an Uncertain one keeps its number."""
    async with supervised(ems) as records:
        await records.value("F1.DP", 12.5)
        await ems.lie(lie)
        await ems.update({"F1.DP": 9.5})
        await eventually(lambda: len(records.rows("F1.DP")) == 2, within=60)
        last = records.rows("F1.DP")[-1]
        assert (last.value, last.status, last.reason) == (value, status, Reason.SOURCE)
        await ems.lie(lie, on=False)
        assert (await records.value("F1.DP", 9.5)).value == 9.5


@pytest.mark.parametrize(
    ("lie", "status", "reason", "timed"),
    [
        ("F05", StatusCode.GOOD, Reason.NONE, False),
        ("F05-future", StatusCode.UNCERTAIN, Reason.TIME, True),
        ("F05-backwards", StatusCode.UNCERTAIN, Reason.TIME, True),
    ],
)
async def test_f05_a_source_time_that_cannot_be_is_said(
    ems: OpcUaDevice, lie: str, status: int, reason: Reason, timed: bool
) -> None:
    """A missing one is missing; one ahead of our clock or behind the last is Uncertain, and kept as it came."""
    async with supervised(ems) as records:
        await records.value("F1.DP", 12.5)
        await ems.lie(lie)
        await ems.update({"F1.DP": 9.5})
        row = await records.value("F1.DP", 9.5)
        assert (row.status, row.reason, row.source_time is not None) == (status, reason, timed)


@pytest.mark.parametrize("lie", ["F06", "F06-array"])
async def test_f06_another_type_is_bad_until_the_old_one_is_back(ems: OpcUaDevice, lie: str) -> None:
    """Text for a number, an array for a value."""
    async with supervised(ems) as records:
        await records.value("F1.DP", 12.5)
        await ems.lie(lie)
        await ems.update({"F1.DP": 9.5})
        await eventually(lambda: len(records.rows("F1.DP")) == 2, within=60)
        last = records.rows("F1.DP")[-1]
        assert (last.value, last.status, last.reason) == (None, StatusCode.BAD_TYPE_MISMATCH, Reason.TYPE)
        await ems.lie(lie, on=False)
        assert (await records.value("F1.DP", 9.5)).status == StatusCode.GOOD


async def test_f07_an_integer_beyond_64_bits_signed_is_exact_text(ems: OpcUaDevice) -> None:
    """From the first value on, because a tag keeps its type."""
    await ems.lie("F07")
    await ems.update({"F1.N": 1})
    async with supervised(ems) as records:
        row = await records.value("F1.N", "18446744073709551615")
        assert (row.status, row.reason) == (StatusCode.GOOD, Reason.NONE)


async def test_f08_holes_stay_holes_and_made_up_values_are_uncertain(ems: OpcUaDevice) -> None:
    """What is missing in the history is not invented; what it interpolated keeps its InfoBits and is not Good."""
    async with supervised(ems, history=True) as records:
        await records.value("F1.DP", 12.5)
        await ems.lie("F08")
        await ems.lie("F03")
        await records.gap()
        for number in range(1, 31):
            await ems.update({"F1.DP": float(number)})
        await ems.lie("F03", on=False)
        await records.value("F1.DP", 30.0)
        await eventually(lambda: records.rows("F1.DP", backfilled=True), within=60)
    kept = records.rows("F1.DP", backfilled=True)
    values = [row.value for row in kept]
    assert 0 < len(values) < 29
    assert set(values) < {float(number) for number in range(1, 30)}
    made_up = [row for row in kept if row.status & 0x402 == 0x402]
    assert made_up
    assert {(row.status, row.reason) for row in made_up} == {(0x40000402, Reason.SOURCE)}


async def test_f09_an_alarm_that_is_not_heard_of_after_a_break_is_unknown(
    ems: OpcUaDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One still stands and is said again; of the other nobody can say what became of it."""
    refreshed, forget = asyncio.Event(), Conditions.forget_unheard

    def forgotten(self: Conditions) -> list[Condition]:
        refreshed.set()
        return forget(self)

    monkeypatch.setattr(Conditions, "forget_unheard", forgotten)
    async with supervised(ems, events={"min_severity": 100}) as records:
        await records.value("F1.DP", 12.5)
        await asyncio.wait_for(refreshed.wait(), 60)  # what stands when it ends would be said twice
        await ems.alarm("F1.DP", active=True, severity=50)  # not severe enough
        await ems.alarm("F1.N", active=True)
        await ems.alarm("F1.S", active=True)
        await eventually(lambda: len(records.conditions()) == 2, within=60)
        first = records.conditions()[0]
        assert (first.report, first.origin, first.active, first.acknowledged, first.retain, first.severity) == (
            ConditionReport.TOLD, "F1.N", True, False, True, 700,
        )  # fmt: skip
        assert (first.condition, first.name, first.message) == (
            "ns=2;s=F1.N.Alarm", "Limit", "F1.N is beyond its limit",
        )  # fmt: skip
        assert first.time is not None
        await ems.lie("F03")
        await records.gap()
        await ems.lie("F09")
        await ems.alarm("F1.S", active=True)
        await ems.lie("F03", on=False)
        await eventually(lambda: len(records.conditions()) == 4, within=60)
    said = {one.origin: one for one in records.conditions()[2:]}
    assert said["F1.S"].report is ConditionReport.REFRESHED
    unknown = said["F1.N"]
    assert (unknown.report, unknown.active, unknown.acknowledged, unknown.retain) == (
        ConditionReport.UNKNOWN, None, None, False,
    )  # fmt: skip
    assert (unknown.condition, unknown.event) == (first.condition, first.event)
    assert unknown.id != first.id


async def test_f10_another_certificate_than_the_trusted_one_is_refused_until_it_is_trusted(tmp_path: Path) -> None:
    """The gap names the StatusCode; nothing is read meanwhile, and nothing is trusted by itself."""
    save_pair(make_pair("urn:cmo-a:line-3", "own", host="127.0.0.1"), tmp_path / "own.der", tmp_path / "own.pem")
    keys, trust = tmp_path / "keys", tmp_path / "trust"
    trust.mkdir()
    security: dict[str, Any] = {"policy": "Basic256Sha256", "certificate": "own.der", "private_key": "own.pem"}
    async with device(keys=keys) as ems:
        (trust / "server.der").write_bytes((keys / "server.der").read_bytes())
        async with supervised(ems, tmp_path, security=security | {"trust": "trust"}, timeout=10) as records:
            await records.value("F1.DP", 12.5)
            await ems.lie("F10")
            await eventually(lambda: "BadCertificateUntrusted" in str(records.supervisor.state.problem), within=60)
            await records.gap()
            last = records.last("F1.DP")
            assert last is not None
            assert (last.value, last.reason) == (None, Reason.COMM)
            (trust / "new.der").write_bytes((keys / "server.der").read_bytes())
            await records.value("F1.DP", 12.5, within=60)  # pauses between attempts grow


async def test_f11_a_refused_user_is_a_gap_and_not_tried_again_at_once(ems: OpcUaDevice) -> None:
    """Accounts are locked by wrong attempts: the next one is minutes away."""
    await ems.lie("F11")
    async with supervised(ems) as records:
        gap = await records.gap()
        assert gap.cause is GapCause.DEVICE_UNREACHABLE
        assert gap.detail.startswith(f"{ems.address}: BadUserAccessDenied")
        await ems.lie("F11", on=False)
        with pytest.raises(AssertionError):
            await records.value("F1.DP", 12.5, within=2)


async def test_f12_nodes_that_vanish_are_bad_and_the_others_go_on(ems: OpcUaDevice) -> None:
    """Bad with the server's own number, reason CONFIG, from the next connecting on."""
    async with supervised(ems, tags=[tag("F1.DP"), tag("F1.Gone"), {"name": "clock", "node": "i=2258"}]) as records:
        await records.value("F1.DP", 12.5)
        gone = await eventually(lambda: records.last("F1.Gone"), within=60)
        assert gone is not None
        assert (gone.value, gone.status, gone.reason) == (None, StatusCode.BAD_NODE_ID_UNKNOWN, Reason.CONFIG)
        await ems.lie("F12")
        await ems.lie("F01")
        await records.gap(ended=True)
        await eventually(lambda: (row := records.last("F1.DP")) and row.reason is Reason.CONFIG, within=60)
        ticks = len(records.rows("clock"))
        await eventually(lambda: len(records.rows("clock")) > ticks, within=60)


async def test_f12_too_many_sessions_are_a_gap_and_none_of_ours_is_left_behind(ems: OpcUaDevice) -> None:
    """However often it connects and is refused; the detail names the StatusCode."""
    async with supervised(ems) as records:
        await records.value("F1.DP", 12.5)
        assert ems.clients() == 1
        for _ in range(3):
            ended = len([gap for gap in records.gaps() if gap.ended])
            await ems.lie("F01")
            await eventually(lambda: len([g for g in records.gaps() if g.ended]) > ended, within=60)  # noqa: B023 - awaited in the loop
        assert ems.clients() == 1
        await ems.lie("F12-sessions")
        await ems.lie("F01")
        await eventually(lambda: "BadTooManySessions" in str(records.supervisor.state.problem), within=60)
        await eventually(lambda: ems.clients() == 0, within=60)
        await ems.lie("F12-sessions", on=False)
        await eventually(lambda: records.supervisor.state.connected, within=60)
    await eventually(lambda: ems.clients() == 0, within=60)


async def test_f13_a_queue_that_ran_over_is_a_gap_of_that_tag(ems: OpcUaDevice) -> None:
    """From its last value to the one with the Overflow bit; where the server has a history, it is filled again."""
    async with supervised(ems, history=True) as records:
        await records.value("F1.DP", 12.5)
        await ems.lie("F13")
        await ems.update({"F1.DP": 20.0})  # swallowed
        await ems.update({"F1.DP": 21.0})
        row = await records.value("F1.DP", 21.0)
        assert (row.status, row.reason) == (0x480, Reason.NONE)
        gap = await records.gap(ended=True)
        assert (gap.cause, gap.tags) == (GapCause.QUEUE_OVERFLOW, ("F1.DP",))
        assert gap.began < (gap.ended or 0)
        filled = await records.gap(ended=True, backfilled=True)
    assert filled.gap == gap.gap
    assert [row.value for row in records.rows("F1.DP", backfilled=True)] == [20.0]


async def test_a_lie_has_a_known_name(ems: OpcUaDevice) -> None:
    """Scenario files are written by people."""
    with pytest.raises(ValueError, match="F99"):
        await ems.lie("F99")


async def test_history_before_the_break_is_not_asked_for_again(ems: OpcUaDevice) -> None:
    """A second break is filled from where it began, not from the first one on."""
    start = datetime.now(UTC)
    async with supervised(ems, history=True) as records:
        await records.value("F1.DP", 12.5)
        for turn in range(2):
            await ems.lie("F03")
            await eventually(lambda: not records.supervisor.state.connected, within=60)
            for number in range(1, 6):
                when = start + timedelta(seconds=turn + number / 10)
                await ems.update({"F1.DP": turn * 100.0 + number}, at=when)
            await ems.lie("F03", on=False)
            await records.value("F1.DP", turn * 100.0 + 5)
            await eventually(lambda: len([g for g in records.gaps() if g.backfilled]) == turn + 1, within=60)  # noqa: B023 - awaited in the loop
    kept = [row.value for row in records.rows("F1.DP", backfilled=True)]
    assert kept == [1.0, 2.0, 3.0, 4.0, 101.0, 102.0, 103.0, 104.0]
