import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.devices.sics import Pan
from simulators.devices.speech import AANDD, OHAUS, RADWAG, SBI, Speech, Words


def talker(words: Words, load: float | None = 100.0) -> tuple[Speech, Pan]:
    pan = Pan(settling=0.7)
    pan.put(load, -100.0)
    return Speech(words, pan, serial_number="B935412277", capacity=6100, decimals=2), pan


@pytest.mark.parametrize(
    ("words", "stable", "moving", "negative"),
    [
        (SBI, "+   100.00 g  ", "+   100.00    ", "-    20.50 g  "),
        (AANDD, "ST,+00100.00  g", "US,+00100.00  g", "ST,-00020.50  g"),
        (OHAUS, "    100.00 g", "    100.00 g ?", "    -20.50 g"),
        (RADWAG, "SI        100.00 g  ", "SI  ?     100.00 g  ", "SI    -    20.50 g  "),
    ],
)
def test_a_weight_stands_in_the_columns_of_its_maker(words: Words, stable: str, moving: str, negative: str) -> None:
    """Stable, moving, and below zero."""
    speech, pan = talker(words)
    assert speech.answer(words.weigh, 0) == [stable]
    pan.faults = {"moving"}
    assert speech.answer(words.weigh, 0) == [moving]
    speech, pan = talker(words, -20.5)
    assert speech.answer(words.weigh, 0) == [negative]


@pytest.mark.parametrize("words", [SBI, AANDD, RADWAG])
@given(load=st.floats(-100, 6100), moment=st.floats(0, 2))
def test_every_weight_within_range_has_one_width(words: Words, load: float, moment: float) -> None:
    """Whatever the value, moving or not."""
    speech, pan = talker(words, 0.0)
    pan.put(load, 0.0)
    width = {id(SBI): 14, id(AANDD): 15, id(RADWAG): 20}[id(words)]
    assert [len(line) for line in speech.answer(words.weigh, moment) or []] == [width]


@pytest.mark.parametrize("words", [SBI, AANDD, OHAUS, RADWAG])
def test_beyond_its_range_and_broken_a_balance_says_so(words: Words) -> None:
    """By load, or switched on by name."""
    speech, pan = talker(words, 6200.0)
    assert speech.answer(words.weigh, 0) == [words.over]
    for fault, said in (("overload", words.over), ("underload", words.under), ("internal-error", words.broken)):
        speech, pan = talker(words)
        pan.faults = {fault}
        assert speech.answer(words.weigh, 0) == [said]


@pytest.mark.parametrize("words", [SBI, AANDD, OHAUS, RADWAG])
def test_tare_takes_the_load_away_until_the_power_is_gone(words: Words) -> None:
    """The number is told all the time; what is no command gets the dialect's answer to that."""
    speech, _ = talker(words)
    weight = speech.answer(words.weigh, 0)
    assert speech.answer(words.tare, 0) == list(words.done)
    assert speech.answer(words.weigh, 0) != weight
    speech.reset()
    assert speech.answer(words.weigh, 0) == weight
    assert "B935412277" in str(speech.answer(words.identify, 0))
    assert speech.answer("weigh", 0) == list(words.unknown)


@pytest.mark.parametrize("words", [AANDD, OHAUS, RADWAG])
def test_a_stable_weight_is_waited_for(words: Words) -> None:
    """And an end of the waiting is said in the dialect's words."""
    speech, pan = talker(words)
    pan.put(50.0, 0.0)
    assert speech.answer(words.weigh_stable, 0.1) is None
    assert speech.answer(words.weigh_stable, 0.71) is not None
    assert speech.no_stability(words.weigh_stable) == words.no_stability
