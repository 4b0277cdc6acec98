import re
from pathlib import Path

import pytest

from simulators.devices.balance import Balance
from simulators.devices.faults import FAULTS, ONCE, spoil

LINE = b"S S     100.00 g\r\n"


@pytest.mark.parametrize(
    ("faults", "arrives"),
    [
        (set(), [LINE]),
        ({"hang"}, []),
        ({"duplicate"}, [LINE, LINE]),
        ({"cut-line"}, [b"S S     1"]),
        ({"lost-character"}, [b"S S     10.00 g\r\n"]),
        ({"decimal-comma"}, [b"S S     100,00 g\r\n"]),
        ({"brackets"}, [b"S S     100.0[0] g\r\n"]),
        ({"leading-zeros"}, [b"S S 0000100.00 g\r\n"]),
        ({"other-unit"}, [b"S S     100.00 kg\r\n"]),
        ({"no-line-end"}, [b"S S     100.00 g"]),
        ({"lone-cr"}, [b"S S     100.00 g\r"]),
        ({"moving"}, [LINE]),
    ],
)
def test_what_arrives_of_a_line(faults: set[str], arrives: list[bytes]) -> None:
    """Each fault of the line does its own; those of the balance leave it alone."""
    assert spoil(LINE, faults) == arrives


@pytest.mark.parametrize(
    ("line", "arrives"),
    [
        (b"ST,+00100.00  g\r\n", b"ST,+00100.00 kg\r\n"),
        (b"+   100.00 g  \r\n", b"+   100.00 kg \r\n"),
        (b"    100.00 g\r\n", b"    100.00 kg\r\n"),
    ],
)
def test_another_unit_stands_in_the_columns_of_the_right_one(line: bytes, arrives: bytes) -> None:
    """In each dialect."""
    assert spoil(line, {"other-unit"}) == [arrives]


def test_parity_makes_every_octet_even() -> None:
    """7 data bits and even parity, read as 8: the lower bits stay."""
    [line] = spoil(LINE, {"parity"})
    assert all(octet.bit_count() % 2 == 0 for octet in line)
    assert bytes(octet & 0x7F for octet in line) == LINE


def test_the_catalogue_of_serial_faults_is_complete() -> None:
    """F40 to F50 can all be switched on."""
    ids = {found for text in FAULTS.values() for found in re.findall(r"F\d+", text)}
    assert ids == {f"F{number}" for number in range(40, 51)}
    assert set(FAULTS) >= ONCE


async def test_a_fault_that_does_not_exist_cannot_be_switched_on(tmp_path: Path) -> None:
    """A misspelt name would make a test that cannot fail."""
    balance = Balance(tmp_path / "balance")
    with pytest.raises(KeyError):
        balance.lie("hangs")
