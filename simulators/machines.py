"""A filling line and a freeze dryer, as state machines that time moves on."""

import math

import numpy as np

from simulators.plant import FillingLine, FreezeDryer, Phase

PASSING = {
    "Starting": (5.0, "Execute"),
    "Holding": (2.0, "Held"),
    "Unholding": (2.0, "Execute"),
    "Stopping": (3.0, "Stopped"),
}
"""Acting states of PackML (ISA-TR88.00.02) used here: how long they take (s) and where they lead.

Cleaning, in which a line stays until it is started or stopped, is a mode there and a state here."""
COMMANDS = {
    ("Stopped", "start"): "Starting",
    ("Stopped", "clean"): "Cleaning",
    ("Cleaning", "start"): "Starting",
    ("Held", "start"): "Unholding",
    ("Execute", "hold"): "Holding",
    ("Starting", "hold"): "Holding",
    ("Unholding", "hold"): "Holding",
}
"""State and command to the next state; `stop` leads from everywhere to Stopping, other commands do nothing."""
RUN_UP = 3.0
"""s in which the machine reaches its speed, and comes to rest."""
PUMP_DOWN = 180.0
"""s in which a freeze dryer's chamber comes nearer to its set point by a factor e."""


class Filler:
    """A filling line: state, speed per minute, and counts of good and rejected containers since the start."""

    def __init__(self, settings: FillingLine, rng: np.random.Generator) -> None:
        self._settings = settings
        self._rng = rng
        self.state = "Execute" if settings.running else "Stopped"
        self.speed = settings.speed if settings.running else 0.0
        self.good = 0
        self.reject = 0
        self._in_state = 0.0
        self._part = 0.0

    def command(self, command: str) -> None:
        """Give the operator's `start`, `hold`, `stop` or `clean`.

        What the state does not allow is ignored, as at a machine.
        """
        if command == "stop" and self.state not in {"Stopped", "Stopping"}:
            self._enter("Stopping")
        elif (following := COMMANDS.get((self.state, command))) is not None:
            self._enter(following)

    def step(self, dt: float) -> None:
        """Let `dt` seconds pass."""
        self._in_state += dt
        if self.state in PASSING and self._in_state >= PASSING[self.state][0]:
            self._enter(PASSING[self.state][1])
        wanted = self._settings.speed if self.state in {"Starting", "Unholding", "Execute"} else 0.0
        most = self._settings.speed * dt / RUN_UP
        self.speed += min(max(wanted - self.speed, -most), most)
        self._part += self.speed * dt / 60
        filled = int(self._part)
        self._part -= filled
        rejected = int(self._rng.binomial(filled, self._settings.reject_rate))
        self.reject += rejected
        self.good += filled - rejected

    def _enter(self, state: str) -> None:
        self.state, self._in_state = state, 0.0


class Lyophilizer:
    """A freeze dryer that runs its recipe, phase by phase, and begins anew after the last."""

    def __init__(self, settings: FreezeDryer) -> None:
        self._settings = settings
        self._phase = [phase.name for phase in settings.recipe].index(settings.start_in)
        self._in_phase = 0.0
        self.shelf = self._now.shelf
        self.chamber = self._now.pressure
        """Pa."""

    @property
    def _now(self) -> Phase:
        return self._settings.recipe[self._phase]

    @property
    def phase(self) -> str:
        """Name of the phase that runs."""
        return self._now.name

    def step(self, dt: float) -> None:
        """Let `dt` seconds pass."""
        self._in_phase += dt
        if self._in_phase >= self._now.minutes * 60:
            self._phase, self._in_phase = (self._phase + 1) % len(self._settings.recipe), 0.0
        most = self._settings.ramp * dt / 60
        self.shelf += min(max(self._now.shelf - self.shelf, -most), most)
        self.chamber *= (self._now.pressure / self.chamber) ** -math.expm1(-dt / PUMP_DOWN)
