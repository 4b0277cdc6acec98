import numpy as np
import pytest

from simulators.machines import Filler, Lyophilizer
from simulators.plant import FillingLine, FreezeDryer, Phase


def filler(*, running: bool = True) -> Filler:
    return Filler(FillingLine(speed=120, reject_rate=0.05, running=running), np.random.default_rng(1))


def states(machine: Filler, seconds: float) -> list[str]:
    seen = [machine.state]
    for _ in range(round(seconds * 10)):
        machine.step(0.1)
        if machine.state != seen[-1]:
            seen.append(machine.state)
    return seen


def test_a_start_leads_over_starting_to_execute() -> None:
    """PackML's acting state lies between the command and the state waited for."""
    machine = filler(running=False)
    machine.command("start")
    assert states(machine, 10) == ["Starting", "Execute"]


def test_a_hold_keeps_the_counts_and_a_start_goes_on() -> None:
    """Held is not stopped: nothing is filled, nothing is reset."""
    machine = filler()
    states(machine, 60)
    machine.command("hold")
    assert states(machine, 10) == ["Holding", "Held"]
    held = machine.good, machine.reject
    states(machine, 10)
    assert (machine.good, machine.reject) == held
    machine.command("start")
    assert states(machine, 10) == ["Unholding", "Execute"]
    assert machine.good > held[0]


def test_a_stop_leads_from_everywhere_to_stopped_and_other_commands_are_ignored_there() -> None:
    """Hold means nothing to a stopped machine."""
    machine = filler()
    machine.command("stop")
    assert states(machine, 10) == ["Stopping", "Stopped"]
    machine.command("hold")
    assert states(machine, 10) == ["Stopped"]
    assert machine.speed == 0


def test_a_stopped_machine_is_cleaned_until_it_is_started_or_stopped() -> None:
    """One that runs is not; cleaning fills nothing."""
    machine = filler()
    machine.command("clean")
    assert states(machine, 10) == ["Execute"]
    machine.command("stop")
    states(machine, 10)
    machine.command("clean")
    assert states(machine, 600) == ["Cleaning"]
    assert machine.speed == 0
    machine.command("stop")
    assert states(machine, 10) == ["Stopping", "Stopped"]
    machine.command("clean")
    machine.command("start")
    assert states(machine, 10) == ["Starting", "Execute"]


def test_good_and_reject_are_all_that_was_filled() -> None:
    """Ten minutes at 120 a minute; about one in twenty is rejected."""
    machine = filler()
    states(machine, 600)
    assert machine.good + machine.reject == pytest.approx(1200, abs=1)
    assert 30 < machine.reject < 100


def test_a_freeze_dryer_runs_its_recipe_and_ramps_its_shelf() -> None:
    """The phase changes with the recipe's minutes; the shelf follows no faster than its ramp."""
    recipe = [
        Phase(name="Freezing", minutes=10, shelf=5, pressure=101_325),
        Phase(name="Drying", minutes=600, shelf=-20, pressure=10),
    ]
    dryer = Lyophilizer(FreezeDryer(ramp=0.5, start_in="Freezing", recipe=recipe))
    dryer.step(599)
    assert dryer.phase == "Freezing"
    dryer.step(2)
    assert dryer.phase == "Drying"
    dryer.step(600)
    assert dryer.shelf == pytest.approx(0, abs=0.1)
    assert 10 < dryer.chamber < 101_325
    for _ in range(200):
        dryer.step(60)
    assert dryer.shelf == -20
    assert dryer.chamber == pytest.approx(10, rel=0.01)
