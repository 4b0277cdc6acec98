"""The ways to hear from a balance, and what keeps each of them honest."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from schemas.records import GapCause
from schemas.status import Reason, StatusCode
from simulators.devices.balance import Balance
from tests.adapters.serial.plant import ADAPTERS, SILENCE, STREAMS, balance, source
from tests.adapters.support import Reading, reading
from tests.support.eventually import eventually


@pytest.fixture
async def scale(tmp_path: Path, dialect: str) -> AsyncIterator[Balance]:
    """A balance with 100 g on it."""
    made = balance(tmp_path / "port", dialect)
    await made.start()
    await made.update({"load": 100.0})
    yield made
    await made.stop()


@pytest.mark.parametrize("dialect", STREAMS)
async def test_a_stream_follows_the_load(scale: Balance, dialect: str) -> None:
    """Each line is a frame; nobody asks again."""
    async with reading(source(scale.address, dialect, mode="stream")) as found:
        await eventually(lambda: found.rows("W") and found.rows("W")[-1].status == StatusCode.GOOD, within=60)
        await scale.update({"load": 50.0})
        await eventually(lambda: found.rows("W")[-1].value == 50.0, within=60)
        scale.lie("moving")
        await eventually(lambda: found.rows("W")[-1].reason is Reason.UNSTABLE, within=60)
    assert found.error is None


@pytest.mark.parametrize("dialect", STREAMS)
async def test_a_stream_ends_with_its_source(scale: Balance, dialect: str) -> None:
    """The next source polls and hears answers only."""
    async with reading(source(scale.address, dialect, mode="stream")) as found:
        await found.value("W")
    async with reading(source(scale.address, dialect)) as found:
        await eventually(lambda: found.rows("W") and found.rows("W")[-1].status == StatusCode.GOOD, within=60)
        await eventually(lambda: len(found.frames) > 5, within=60)
    assert all(row.status == StatusCode.GOOD for row in found.rows("W")[2:])


@pytest.mark.parametrize("dialect", ADAPTERS)
async def test_a_printed_weight_is_an_event_and_silence_between_is_proven(scale: Balance, dialect: str) -> None:
    """Nothing is known before the key is pressed; empty frames stand for answers of the balance."""
    async with reading(source(scale.address, dialect, mode="print-key")) as found:
        assert (await found.value("W")).status == StatusCode.BAD_WAITING_FOR_INITIAL_DATA
        await eventually(lambda: sum(len(frame) == 0 for frame in found.frames) >= 3, within=60)
        assert len(found.rows("W")) == 1
        scale.lie("unasked-line")
        await eventually(lambda: len(found.rows("W")) == 2, within=60)
        row = found.rows("W")[-1]
        assert (row.value, row.status) == (100.0, StatusCode.GOOD)
        await eventually(lambda: len(found.frames[-1]) == 0, within=60)
    assert len(found.rows("W")) == 2


def _more(found: Reading, count: int) -> bool:
    return len(found.frames) > count + 1


@pytest.mark.parametrize("dialect", ["mt-sics", "ohaus"])
async def test_every_press_of_the_print_key_is_kept(scale: Balance, dialect: str) -> None:
    """Also one that comes while the balance is asked for its number (F47)."""
    async with reading(source(scale.address, dialect, mode="print-key", poll_interval=0.05)) as found:
        await found.value("W")
        for _ in range(10):
            count = len(found.frames)
            scale.lie("unasked-line")
            await eventually(partial(_more, found, count), within=60)
        await eventually(lambda: len(found.rows("W")) == 11, within=60)
    assert {row.value for row in found.rows("W")[1:]} == {100.0}


@pytest.mark.parametrize("dialect", ["mt-sics"])
async def test_a_moving_weight_that_is_printed_is_uncertain(scale: Balance, dialect: str) -> None:
    """Print keys mix stable and unstable lines (F40)."""
    async with reading(source(scale.address, dialect, mode="print-key")) as found:
        await found.value("W")
        scale.lie("moving")
        scale.lie("unasked-line")
        await eventually(lambda: len(found.rows("W")) == 2, within=60)
    assert found.rows("W")[-1].reason is Reason.UNSTABLE


@pytest.mark.parametrize("dialect", ADAPTERS)
async def test_a_balance_that_cannot_tell_its_number_is_read_where_that_is_said(scale: Balance, dialect: str) -> None:
    """An answer proves that there is a balance; nothing proves which."""
    async with reading(source(scale.address, dialect, ask_serial_number=False, silence=SILENCE)) as found:
        await eventually(lambda: found.rows("W") and found.rows("W")[-1].status == StatusCode.GOOD, within=60)
        scale.lie("hang")
        assert (await found.ended(within=60)).cause is GapCause.DEVICE_SILENT


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"mode": "print-key", "ask_serial_number": False}, "print-key needs ask_serial_number"),
        ({"serial_number": "B1", "ask_serial_number": False}, "never compared"),
        ({"mode": "print-key", "poll_interval": 10}, "at least twice poll_interval"),
        ({"tag": {"name": "W", "unit": "Pa"}}, "unit is 'Pa'"),
    ],
)
def test_settings_that_could_not_notice_a_loss_are_refused(change: dict[str, Any], what: str) -> None:
    """In words of the settings."""
    with pytest.raises(ValidationError, match=what):
        source("/dev/null", "mt-sics", **change)
