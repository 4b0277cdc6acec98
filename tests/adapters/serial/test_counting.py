"""What becomes of the questions to a balance is counted, over all its connections."""

from pathlib import Path

import pytest

from tests.adapters.serial.plant import ADAPTERS, balance, source
from tests.adapters.support import reading
from tests.support.eventually import eventually


@pytest.mark.parametrize("dialect", ADAPTERS)
@pytest.mark.parametrize(
    ("fault", "count"), [("cut-line", "malformed"), ("hang", "timed_out"), ("parity", "malformed")]
)
async def test_what_goes_wrong_on_the_line_is_counted(tmp_path: Path, dialect: str, fault: str, count: str) -> None:
    """Damaged lines and missing answers each as what they are; a balance that is well has neither."""
    device = balance(tmp_path / "port", dialect)
    await device.start()
    await device.update({"load": 100.0})
    scale = source(device.address, dialect, silence=20)
    try:
        async with reading(scale) as found:
            await found.value("W")
            assert (scale.exchanges.failed, scale.exchanges.asked) == (0, scale.exchanges.answered)
            device.lie(fault)
            await eventually(lambda: getattr(scale.exchanges, count) >= 2, within=60)
            device.lie(fault, on=False)
            answered = scale.exchanges.answered
            await eventually(lambda: scale.exchanges.answered > answered + 1, within=60)
        before = scale.exchanges.answered
        async with reading(scale) as again:
            await again.value("W")
        assert scale.exchanges.answered > before
    finally:
        await device.stop()
