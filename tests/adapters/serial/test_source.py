import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from adapters.contract import SourceError
from adapters.serial import ADAPTER
from adapters.serial.settings import MtSicsSettings
from adapters.serial.source import BalanceSource
from schemas.records import GapCause
from schemas.status import Reason, StatusCode
from tests.adapters.serial.balance import STABLE, Balance
from tests.adapters.support import reading
from tests.support.eventually import eventually

SILENCE = 1.5
PATIENT = 15.0
"""s of silence for tests that are not about it: a busy machine stops for seconds."""


def settings(port: Path, **more: Any) -> MtSicsSettings:
    found = ADAPTER.settings.model_validate(
        {
            "type": "mt-sics",
            "name": "scale",
            "port": str(port),
            "poll_interval": 0.1,
            "timeout": 1.0,
            "silence": PATIENT,
            "tag": {"name": "W", "unit": "g"},
        }
        | more
    )
    assert isinstance(found, MtSicsSettings)
    return found


def source(balance: Balance, **more: Any) -> BalanceSource:
    return BalanceSource(settings(balance.link, **more))


@pytest.fixture
async def balance(tmp_path: Path) -> AsyncIterator[Balance]:
    made = Balance(tmp_path / "port")
    made.plug_in()
    yield made
    made.pull_out()


async def test_a_weight_is_read_after_the_balance_has_named_itself(balance: Balance) -> None:
    """Serial number first, then weights at once."""
    async with reading(source(balance)) as found:
        row = await found.value("W")
        await eventually(lambda: len(found.frames) >= 3, within=60)
    assert (row.value, row.unit, row.status) == (100.0, "g", StatusCode.GOOD)
    assert row.source_time is None
    assert balance.asked[:2] == [b"I4", b"SI"]


@pytest.mark.parametrize(
    ("line", "value", "reason"),
    [
        (b"S D      99.98 g\r\n", 99.98, Reason.UNSTABLE),
        (b"S +\r\n", None, Reason.OVERLOAD),
        (b"S -\r\n", None, Reason.UNDERLOAD),
        (b"S I\r\n", None, Reason.DEVICE),
        (b"ES\r\n", None, Reason.CONFIG),
        (b"ET\r\n", None, Reason.COMM),
        (b"S S    0.10000 kg\r\n", None, Reason.UNIT),
        (b"S S     100.0 g\r\n", None, Reason.COMM),
        (b"S S     100.00 gS S     100.00 g\r\n", None, Reason.COMM),
        (b"\xd3 S     100.00 g\r\n", None, Reason.COMM),
        (b"x" * 500, None, Reason.COMM),
    ],
)
async def test_every_other_line_is_told_apart_and_then_forgotten(
    balance: Balance, line: bytes, value: float | None, reason: Reason
) -> None:
    """One bad line makes one bad sample; the next weight is Good again."""
    async with reading(source(balance)) as found:
        await found.value("W")
        lines = [line]
        balance.weight = lambda: lines.pop() if lines else STABLE
        await eventually(lambda: any(row.reason for row in found.rows("W")), within=60)
        await eventually(lambda: found.rows("W")[-1].status == StatusCode.GOOD, within=60)
    odd = [(row.value, row.reason) for row in found.rows("W") if row.reason]
    assert odd == [(value, reason)]


async def test_another_serial_number_is_uncertain(balance: Balance) -> None:
    """Against the configuration, and against the balance that was there before (F-A4, F49)."""
    async with reading(source(balance, serial_number="OTHER")) as found:
        row = await found.value("W")
        assert (row.value, row.status, row.reason) == (100.0, StatusCode.UNCERTAIN, Reason.IDENTITY)
    remembering = source(balance)
    async with reading(remembering) as found:
        assert (await found.value("W")).status == StatusCode.GOOD
    balance.serial_number = "C999"
    async with reading(remembering) as found:
        assert (await found.value("W")).reason == Reason.IDENTITY


async def test_a_greeting_that_nobody_asked_for_ends_the_conversation(balance: Balance) -> None:
    """The balance was off: tare and zero are gone (F48)."""
    async with reading(source(balance)) as found:
        await found.value("W")
        balance.greet()
        error = await found.ended(within=60)
    assert error.cause is GapCause.OTHER
    assert "tare" in error.detail


async def test_a_late_answer_is_not_taken_for_the_next_one(balance: Balance) -> None:
    """After a timeout the balance is asked for its number; what comes before belongs to nobody (F47)."""
    async with reading(source(balance)) as found:
        await found.value("W")
        balance.stall()
        await eventually(lambda: b"I4" in balance.late, within=60)
        assert balance.late == [b"SI", b"I4"]
        lines = [b"S S      55.55 g\r\n"]
        balance.weight = lambda: lines.pop() if lines else STABLE
        balance.resume()
        await eventually(lambda: found.rows("W")[-1].status == StatusCode.GOOD, within=60)
    assert not lines
    assert {row.value for row in found.rows("W")} == {100.0, None}


async def test_a_line_that_nobody_asked_for_is_no_answer(balance: Balance) -> None:
    """The print key was pressed between two polls (F47)."""
    async with reading(source(balance, poll_interval=0.5)) as found:
        await found.value("W")
        balance.say(b"S S      55.55 g\r\n")
        await eventually(lambda: len(found.rows("W")) >= 3, within=60)
    assert {row.value for row in found.rows("W")} == {100.0}


async def test_a_balance_that_falls_silent_is_lost_in_time(balance: Balance) -> None:
    """Bad at the first missing answer, lost after `silence`; the open port proves nothing (F50)."""
    loop = asyncio.get_running_loop()
    async with reading(source(balance, silence=SILENCE)) as found:
        await found.value("W")
        balance.weight = balance.serial_number = None
        began = loop.time()
        error = await found.ended(within=SILENCE + 20)
        assert loop.time() - began < SILENCE + 10
    assert error.cause is GapCause.DEVICE_SILENT
    assert found.rows("W")[-1].reason == Reason.COMM


async def test_a_port_that_goes_is_lost_and_comes_back_under_its_name(balance: Balance) -> None:
    """Pulled out and plugged in as another terminal behind the same name (F49)."""
    again = source(balance)
    async with reading(again) as found:
        await found.value("W")
        balance.pull_out()
        error = await found.ended(within=60)
    assert error.cause is GapCause.DEVICE_UNREACHABLE
    with pytest.raises(SourceError, match="port") as lost:
        await again.connect()
    await again.close()
    assert lost.value.cause is GapCause.DEVICE_UNREACHABLE
    balance.plug_in()
    async with reading(again) as found:
        assert (await found.value("W")).status == StatusCode.GOOD


async def test_a_port_where_nobody_answers_fails_connect(balance: Balance) -> None:
    """With what was seen on the line, which names a wrong parity (F45)."""
    balance.serial_number = None
    nobody = source(balance, silence=SILENCE)
    with pytest.raises(SourceError, match="nobody gives a serial number") as lost:
        await nobody.connect()
    await nobody.close()
    assert lost.value.cause is GapCause.DEVICE_SILENT

    attempt = asyncio.create_task(nobody.connect())
    count = len(balance.asked)
    await eventually(lambda: len(balance.asked) > count, within=60)
    balance.say(b"\xc9\xb4 A\r\n")
    with pytest.raises(SourceError, match="parity"):
        await attempt
    await nobody.close()


async def test_a_port_is_opened_by_one_only(balance: Balance) -> None:
    """A second agent on the same port is refused, or each would take half of the answers."""
    async with reading(source(balance)) as found:
        await found.value("W")
        second = source(balance)
        with pytest.raises(SourceError) as lost:
            await second.connect()
        await second.close()
    assert lost.value.cause is GapCause.DEVICE_UNREACHABLE


@pytest.mark.parametrize(
    ("change", "what"),
    [({"tag": {"name": "W", "unit": "Pa"}}, "unit is 'Pa'"), ({"poll_interval": 10}, "at least twice poll_interval")],
)
def test_settings_that_cannot_work_are_refused(tmp_path: Path, change: dict[str, Any], what: str) -> None:
    """A balance has a mass unit, and silence is longer than two polls."""
    with pytest.raises(ValidationError, match=what):
        settings(tmp_path, **change)
