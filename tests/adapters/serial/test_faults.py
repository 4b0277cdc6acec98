"""Every behaviour F40…F50 of the fault catalogue, in every dialect, over a real pseudo-terminal: what record comes."""

import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.contract import SourceError
from schemas.records import GapCause
from schemas.status import Reason, StatusCode
from simulators.devices.balance import Balance
from tests.adapters.serial.plant import ADAPTERS, SERIAL_NUMBER, SILENCE, STREAMS, balance, source
from tests.adapters.support import Reading, reading
from tests.support.eventually import eventually

GOOD = StatusCode.GOOD


@pytest.fixture(params=list(ADAPTERS))
def dialect(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def scale(tmp_path: Path, dialect: str) -> AsyncIterator[Balance]:
    """A balance with 100 g on it."""
    made = balance(tmp_path / "port", dialect)
    await made.start()
    await made.update({"load": 100.0})
    yield made
    await made.stop()


async def good(found: Reading) -> None:
    """Wait for a Good weight as the newest."""
    await eventually(lambda: (last := found.last("W")) and last.status == GOOD, within=60, what="a Good weight")


async def reason(found: Reading, wanted: Reason) -> None:
    """Wait for that reason on the newest weight."""
    await eventually(lambda: (last := found.last("W")) and last.reason is wanted, within=60, what=wanted.name)


def values(found: Reading, status: int = GOOD) -> set[object]:
    return {row.value for row in found.rows("W") if row.status == status}


async def test_f40_a_moving_weight_is_uncertain(scale: Balance, dialect: str) -> None:
    """`S D`, no unit, `US`, `?`: the value, reason UNSTABLE; Good again when it stands still."""
    async with reading(source(scale.address, dialect)) as found:
        await good(found)
        scale.lie("moving")
        await reason(found, Reason.UNSTABLE)
        row = found.rows("W")[-1]
        assert (row.value, row.status) == (100.0, StatusCode.UNCERTAIN_SUB_NORMAL)
        scale.lie("moving", on=False)
        await good(found)


@pytest.mark.parametrize(("fault", "wanted"), [("overload", Reason.OVERLOAD), ("underload", Reason.UNDERLOAD)])
async def test_f41_a_limit_is_bad_without_a_value(scale: Balance, dialect: str, fault: str, wanted: Reason) -> None:
    """Also where the balance sends a number with it."""
    async with reading(source(scale.address, dialect)) as found:
        await good(found)
        scale.lie(fault)
        await reason(found, wanted)
        row = found.rows("W")[-1]
        assert (row.value, row.status) == (None, StatusCode.BAD_OUT_OF_RANGE)


async def test_f42_an_error_of_the_balance_is_bad_and_it_is_not_lost(scale: Balance, dialect: str) -> None:
    """Reason DEVICE for as long as it lasts: the balance answers."""
    async with reading(source(scale.address, dialect, silence=SILENCE)) as found:
        await good(found)
        scale.lie("internal-error")
        await reason(found, Reason.DEVICE)
        count = len(found.frames)
        await eventually(lambda: len(found.frames) > count + SILENCE / 0.1, within=60)
        assert found.error is None
        assert found.rows("W")[-1].value is None
        scale.lie("internal-error", on=False)
        await good(found)


@pytest.mark.parametrize("fault", ["cut-line", "lost-character"])
async def test_f43_half_a_line_is_bad_and_never_a_weight(scale: Balance, dialect: str, fault: str) -> None:
    """A line without its end, and two that run together; the conversation is found again."""
    async with reading(source(scale.address, dialect, timeout=1.5, silence=15)) as found:
        await good(found)
        scale.lie(fault)
        await reason(found, Reason.COMM)
        scale.lie(fault, on=False)
        await good(found)
    assert values(found) == {100.0}
    assert {row.value for row in found.rows("W") if row.reason is Reason.COMM} == {None}


async def test_f43_a_balance_that_sends_only_damage_is_lost(scale: Balance, dialect: str) -> None:
    """The detail shows what came."""
    async with reading(source(scale.address, dialect, silence=SILENCE)) as found:
        await good(found)
        scale.lie("cut-line")
        error = await found.ended(within=SILENCE + 20)
    assert error.cause is GapCause.DEVICE_SILENT
    assert "no line of" in error.detail


async def test_f44_without_a_fixed_width_two_equal_lines_are_needed(tmp_path: Path) -> None:
    """Ohaus: the first stable weight is Uncertain, UNPROVEN; so is the first of another weight."""
    scale = balance(tmp_path / "port", "ohaus")
    await scale.start()
    await scale.update({"load": 100.0})
    async with reading(source(scale.address, "ohaus")) as found:
        await good(found)
        await scale.update({"load": 10.0})
        await eventually(lambda: found.rows("W")[-1].value == 10.0 and found.rows("W")[-1].status == GOOD, within=60)
    await scale.stop()
    rows = found.rows("W")
    assert rows[0].reason in {Reason.UNPROVEN, Reason.UNSTABLE}
    for before, row in itertools.pairwise(rows):
        if row.status == GOOD:
            assert before.value == row.value
            assert before.reason in {Reason.UNPROVEN, Reason.NONE}


async def test_f44_a_lost_digit_never_makes_a_tenth(scale: Balance, dialect: str) -> None:
    """100.00 without a digit is no 10.00, in stream mode as in poll mode."""
    async with reading(source(scale.address, dialect, silence=5)) as found:
        await good(found)
        scale.lie("lost-character")
        await reason(found, Reason.COMM)
    assert values(found) == {100.0}


async def test_f45_a_wrong_parity_is_named(scale: Balance, dialect: str) -> None:
    """High bits are never masked off; on connect the detail says which parity is likely."""
    async with reading(source(scale.address, dialect, silence=SILENCE)) as found:
        await good(found)
        scale.lie("parity")
        await reason(found, Reason.COMM)
        assert found.rows("W")[-1].value is None
        error = await found.ended(within=SILENCE + 20)
    assert "even parity" in error.detail
    again = source(scale.address, dialect, silence=SILENCE)
    with pytest.raises(SourceError, match="7 data bits with even parity"):
        await again.connect()
    await again.close()


async def test_f46_a_decimal_comma_needs_a_setting(scale: Balance, dialect: str) -> None:
    """Without it the weight is Bad, with it Good."""
    scale.lie("decimal-comma")
    async with reading(source(scale.address, dialect, silence=5)) as found:
        row = await found.value("W")
        assert (row.value, row.reason) == (None, Reason.COMM)
    async with reading(source(scale.address, dialect, decimal="comma")) as found:
        await good(found)
    assert values(found) == {100.0}


async def test_f47_a_late_answer_belongs_to_nobody(scale: Balance, dialect: str) -> None:
    """The weight that was on the pan before is not given for the one that is on it now."""
    async with reading(source(scale.address, dialect, silence=10)) as found:
        await good(found)
        scale.lie("late-answer")
        await reason(found, Reason.COMM)
        late = len(found.rows("W"))
        await scale.update({"load": 200.0})
        scale.lie("late-answer", on=False)
        await good(found)
    after = found.rows("W")[late:]
    assert {row.value for row in after if row.status == GOOD} == {200.0}


@pytest.mark.parametrize("fault", ["duplicate", "unasked-line"])
async def test_f47_a_line_too_many_is_no_answer(scale: Balance, dialect: str, fault: str) -> None:
    """A repeat and a pressed print key do not shift the answers."""
    async with reading(source(scale.address, dialect)) as found:
        await good(found)
        scale.lie(fault)
        count = len(found.frames)
        await eventually(lambda: len(found.frames) > count + 5, within=60)
        scale.lie(fault, on=False)
        await scale.update({"load": 50.0})
        await eventually(lambda: found.rows("W")[-1].value == 50.0, within=60)
        await good(found)
    assert found.error is None
    assert values(found) == {100.0, 50.0}


@pytest.mark.parametrize("mode", ["poll", "stream", "print-key"])
async def test_f48_a_greeting_ends_the_conversation(tmp_path: Path, mode: str) -> None:
    """MT-SICS says its number after power on: tare and zero are gone, which is a gap with that cause."""
    scale = balance(tmp_path / "port", "mt-sics")
    await scale.start()
    again = source(scale.address, "mt-sics", mode=mode)
    async with reading(again) as found:
        await found.value("W")
        scale.lie("power-cycle")
        error = await found.ended(within=60)
    assert error.cause is GapCause.OTHER
    assert "tare and zero" in error.detail
    async with reading(again) as found:
        await found.value("W")
    await scale.stop()


@pytest.mark.parametrize("dialect", STREAMS)
async def test_f48_a_stream_is_asked_for_again_after_a_power_cycle(scale: Balance, dialect: str) -> None:
    """It stopped with the power: the source is lost in time, and the next connect starts it anew."""
    again = source(scale.address, dialect, mode="stream", silence=SILENCE)
    async with reading(again) as found:
        await good(found)
        scale.lie("power-cycle")
        await found.ended(within=SILENCE + 20)
    async with reading(again) as found:
        await good(found)


async def test_f49_another_balance_on_the_port_is_uncertain(scale: Balance, dialect: str) -> None:
    """The serial number is asked on each open: against the last balance, and against the configuration (F-A4)."""
    again = source(scale.address, dialect)
    async with reading(again) as found:
        await good(found)
    scale.lie("other-serial-number")
    async with reading(again) as found:
        row = await found.value("W")
        assert (row.value, row.status, row.reason) == (100.0, StatusCode.UNCERTAIN, Reason.IDENTITY)
    scale.lie("other-serial-number", on=False)
    async with reading(source(scale.address, dialect, serial_number=SERIAL_NUMBER)) as found:
        await good(found)
    async with reading(source(scale.address, dialect, serial_number="OTHER")) as found:
        assert (await found.value("W")).reason is Reason.IDENTITY


async def test_f49_a_port_that_went_is_found_under_its_name(tmp_path: Path, dialect: str) -> None:
    """The same name leads to another terminal after the adapter was pulled out."""
    link = tmp_path / "by-id"
    again = source(link, dialect)
    for _ in range(2):
        scale = balance(link, dialect)
        await scale.start()
        async with reading(again) as found:
            await found.value("W")
            await scale.stop()
            error = await found.ended(within=60)
        assert error.cause is GapCause.DEVICE_UNREACHABLE


@pytest.mark.parametrize("mode", ["poll", "stream", "print-key"])
@pytest.mark.parametrize("dialect", STREAMS)
async def test_f50_a_balance_that_hangs_is_lost_in_time(scale: Balance, dialect: str, mode: str) -> None:
    """The port is open and nothing comes, whatever the mode."""
    async with reading(source(scale.address, dialect, mode=mode, silence=SILENCE)) as found:
        await found.value("W")
        scale.lie("hang")
        error = await found.ended(within=SILENCE + 20)
    assert error.cause is GapCause.DEVICE_SILENT
    assert "no answer for" in error.detail
