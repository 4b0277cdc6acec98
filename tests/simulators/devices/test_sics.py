import re

from hypothesis import given
from hypothesis import strategies as st

from simulators.devices.sics import FAULT, Pan, Sics

WEIGHT = re.compile(r"S [SD] [ -.\d]{10} g")


def balance(load: float | None = 0.0, since: float = -100.0) -> tuple[Sics, Pan]:
    pan = Pan(settling=0.7)
    pan.put(load, since)
    return Sics(pan, model="XSR6002S", serial_number="B935412277", capacity=6100, decimals=2), pan


def test_a_stable_weight_stands_in_the_columns_of_the_manual() -> None:
    """`S S     100.00 g`: the value right in 10."""
    sics, _ = balance(100.0)
    assert sics.answer("S", 0) == ["S S     100.00 g"]
    assert sics.answer("SI", 0) == ["S S     100.00 g"]


def test_a_moving_weight_is_dynamic_and_s_waits_for_it() -> None:
    """SI answers at once with D, S not before the load stands still."""
    sics, pan = balance()
    pan.put(100.0, 0.0)
    (line,) = sics.answer("SI", 0.05) or []
    assert line.startswith("S D ")
    assert sics.answer("S", 0.05) is None
    assert sics.answer("S", 0.71) == ["S S     100.00 g"]
    assert sics.no_stability("S") == "S I"


@given(st.floats(-100, 6100), st.floats(0, 2))
def test_every_weight_within_range_has_16_characters(load: float, moment: float) -> None:
    """Whatever the value, moving or not: id, state, ten columns, unit."""
    sics, pan = balance()
    pan.put(load, 0.0)
    (line,) = sics.answer("SI", moment) or []
    assert len(line) == 16
    assert WEIGHT.fullmatch(line)


def test_beyond_its_range_a_balance_gives_no_number() -> None:
    """`S +` above the capacity, `S -` below zero."""
    assert balance(6200.0)[0].answer("S", 0) == ["S +"]
    assert balance(-500.0)[0].answer("S", 0) == ["S -"]


def test_a_hardware_fault_is_said_in_place_of_the_weight() -> None:
    """`S S Error 10b` answers all that needs a weight; identity still works."""
    sics, _ = balance(None)
    assert [sics.answer(command, 0) for command in ("S", "SI", "T", "Z")] == [[FAULT]] * 4
    assert sics.answer("I4", 0) == ['I4 A "B935412277"']


def test_tare_and_zero_change_what_is_shown_and_a_reset_forgets_them() -> None:
    """T takes the load away, @ brings it back with the serial number."""
    sics, pan = balance(50.0)
    assert sics.answer("T", 0) == ["T S      50.00 g"]
    pan.put(150.0, 1.0)
    assert sics.answer("S", 5) == ["S S     100.00 g"]
    assert sics.answer("@", 5) == ['I4 A "B935412277"']
    assert sics.answer("S", 5) == ["S S     150.00 g"]
    assert sics.answer("Z", 5) == ["Z +"]
    pan.put(1.5, 6.0)
    assert sics.answer("ZI", 6.01) == ["ZI D"] or sics.answer("ZI", 6.01) == ["ZI +"]
    assert sics.answer("Z", 10) == ["Z A"]
    assert sics.answer("S", 10) == ["S S       0.00 g"]


def test_i0_lists_each_command_once_and_ends_with_a() -> None:
    """B says that more follow."""
    lines = balance()[0].answer("I0", 0) or []
    assert [line.split()[1] for line in lines] == ["B"] * (len(lines) - 1) + ["A"]
    assert {line.split('"')[1] for line in lines} == {
        "I0",
        "I1",
        "I2",
        "I3",
        "I4",
        "S",
        "SI",
        "SIR",
        "Z",
        "ZI",
        "@",
        "T",
    }


@given(st.text(max_size=20))
def test_what_is_no_command_is_a_syntax_error(text: str) -> None:
    """Small letters, parameters, noise: `ES`."""
    sics, _ = balance()
    if text not in {"I0", "I1", "I2", "I3", "I4", "S", "SI", "SIR", "Z", "ZI", "@", "T"}:
        assert sics.answer(text, 0) == ["ES"]


def test_no_weight_is_a_negative_zero() -> None:
    """-0.00 is not shown."""
    assert balance(-0.001)[0].answer("S", 0) == ["S S       0.00 g"]
