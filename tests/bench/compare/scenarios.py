"""What is compared, as data: the load of each scenario and the goals it is held to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Literal

Side = Literal["product", "telegraf"]
BOTH: tuple[Side, ...] = ("product", "telegraf")
ALONE: tuple[Side, ...] = ("product",)


@dataclass(frozen=True, slots=True)
class Scenario:
    """One load, and how it is read."""

    name: str
    variables: int
    hertz: float
    interval: float
    """Seconds: publishing interval (OPC UA) or poll interval (Modbus), and Telegraf's flush interval."""
    protocol: Literal["opcua", "modbus"] = "opcua"
    encrypted: bool = False
    """Basic256Sha256, SignAndEncrypt."""
    zstd: bool = False
    """Telegraf's messages compressed as ours always are; left out its own default, none, which costs it less."""
    sources: int = 1
    holders: int = 1
    sides: tuple[Side, ...] = BOTH
    agent: Mapping[str, Any] = field(default_factory=dict)
    """More settings of our agent."""
    source: Mapping[str, Any] = field(default_factory=dict)
    """More settings of each of its sources."""

    @property
    def rate(self) -> float:
        """Samples that are made per second."""
        return self.variables * self.hertz

    @property
    def batch(self) -> int:
        """Telegraf's `metric_batch_size`: what comes within one flush, between its default of 1,000 and 10,000."""
        return int(min(10_000, max(1_000, self.rate * self.interval)))


SCENARIOS: tuple[Scenario, ...] = (
    Scenario("opcua-1000", 1_000, 10, 0.1),
    Scenario("size", 1_000, 10, 0.1, zstd=True),
    Scenario("opcua-10000", 10_000, 10, 0.1),
    Scenario("opcua-300000", 30_000, 10, 0.1, sides=ALONE),
    Scenario("opcua-500000", 50_000, 10, 0.1, sides=ALONE),
    Scenario("small", 100, 100, 0.01),
    Scenario("small-coalesced", 100, 100, 0.01, source={"coalesce": 0.05}),
    Scenario("modbus-1000", 1_000, 10, 0.1, protocol="modbus"),
    Scenario("encrypted-1000", 1_000, 10, 0.1, encrypted=True),
    Scenario("latency", 1_000, 10, 0.01),
    Scenario("latency-exactly-once", 1_000, 10, 0.01, agent={"exactly_once": True}),
)


def scaling() -> tuple[Scenario, ...]:
    """How the cost grows with variables, rate, sources and holders."""
    variables = product((100, 1_000, 5_000, 20_000), (1.0, 10.0))
    return (
        *(Scenario(f"variables-{count}-{hertz:g}hz", count, hertz, 0.1, sides=ALONE) for count, hertz in variables),
        *(Scenario(f"sources-{count}", 5_000, 10, 0.1, sources=count, sides=ALONE) for count in (1, 10, 50)),
        *(Scenario(f"holders-{count}", 5_000, 10, 0.1, holders=count, sides=ALONE) for count in (1, 3, 10)),
    )


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound on one measured number of a scenario: on our own, or on its ratio to Telegraf's."""

    scenario: str
    measure: str
    """Field of `Run`."""
    limit: float
    stretch: float | None = None
    ratio: bool = True
    at_least: bool = False


GOALS: tuple[Goal, ...] = (
    Goal("opcua-1000", "cpu", 0.25, 0.15),
    Goal("opcua-1000", "rss", 90, ratio=False),
    Goal("opcua-10000", "cpu", 0.1, 0.05),
    Goal("opcua-10000", "lost", 0, ratio=False),
    Goal("opcua-10000", "rss", 114, ratio=False),  # Telegraf's own, where it keeps up: behind, its buffer fills
    Goal("size", "octets", 0.25),
    Goal("opcua-300000", "rate", 299_000, ratio=False, at_least=True),
    Goal("opcua-300000", "lost", 0, ratio=False),
    Goal("opcua-500000", "rate", 498_000, ratio=False, at_least=True),
    Goal("opcua-500000", "lost", 0, ratio=False),
    Goal("small-coalesced", "cpu", 0.5),
    Goal("modbus-1000", "cpu", 0.4),
    Goal("encrypted-1000", "cpu", 0.5),
    Goal("latency", "p99", 1),
    Goal("latency-exactly-once", "p99", 1),
)
