"""What becomes of the requests to each unit is counted, so that a line that gets worse is seen before it fails."""

import pytest

from adapters.modbus.source import ModbusSource
from tests.adapters.modbus.plant import HUMIDITY, source, transmitter
from tests.adapters.support import reading
from tests.support.eventually import eventually


def of_unit(framing: str, address: str, unit: int) -> ModbusSource:
    tag = HUMIDITY if unit == 1 else {"name": "DP", "address": 1, "type": "int16"}
    return source(framing, address, tag, unit=unit, proof="none-available", silence=30)


@pytest.mark.parametrize("framing", ["tcp", "rtu", "ascii"])
@pytest.mark.parametrize(("lie", "count"), [("bad-checksum", "malformed"), ("silent", "timed_out")])
async def test_what_goes_wrong_is_counted_for_the_unit_that_it_happens_to(framing: str, lie: str, count: str) -> None:
    """Not for another one on the same line. On TCP what is wrong is the length, in place of a checksum."""
    async with transmitter(framing) as device:
        bad, good = (of_unit(framing, device.address, unit) for unit in (1, 2))
        async with reading(bad) as one, reading(good) as two:
            await one.value("RH")
            await two.value("DP")
            assert (bad.exchanges.failed, bad.exchanges.answered > 0) == (0, True)
            device.lie(lie, unit=1)
            await eventually(lambda: bad.exchanges.failed >= 2, within=60)
            device.lie(lie, on=False, unit=1)
            answered = bad.exchanges.answered
            await eventually(lambda: bad.exchanges.answered > answered, within=60)
        counts = bad.exchanges
    assert getattr(counts, count) == counts.failed
    assert good.exchanges.failed == 0
    for each in (counts, good.exchanges):
        assert each.asked - each.ended in {0, 1}  # at the end one may have been under way
