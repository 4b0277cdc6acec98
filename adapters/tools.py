"""What an adapter may offer to the engineer's commands besides a source. All of it is optional.

Settings are those of the adapter itself. Nothing here changes anything in a device.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from schemas.errors import ToldError


class ToolError(ToldError):
    """It cannot be done; one line says why and what to do."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a device's tree. `names` lead to it from the top; `row` is its row of a tag list, by column.

    A folder has no row. `shown` is for people: type and present value.
    """

    names: tuple[str, ...]
    row: Mapping[str, str] | None = None
    shown: str = ""


@dataclass(frozen=True, slots=True)
class Looking:
    """What part of a tree is wanted: below the place `under` (the top where None), `depth` deep, `most` places."""

    under: str | None = None
    depth: int = 12
    most: int = 20_000
    told: Callable[[int], None] = lambda _: None
    """Called with the number of places found so far."""


@dataclass(frozen=True, slots=True)
class Tree:
    """What was found, each place behind the one that it is in; `cut` says why it is not all."""

    places: Sequence[Place]
    cut: str | None = None


@dataclass(frozen=True, slots=True)
class Meaning:
    """What stands at an address, and the number that it is in each order; None where it is none."""

    name: str
    content: str
    numbers: Mapping[str, float | None]
    configured: str | None = None
    unit: str = ""
    possible: frozenset[str] = frozenset()
    """The orders whose number lies in the tag's range."""


@dataclass(frozen=True, slots=True)
class Probed:
    """What a device is, and what its numbers could mean."""

    said: Mapping[str, object]
    meanings: Sequence[Meaning]
    lines: Sequence[str] = ()
    """What the proofs say, and what could not be read."""


@dataclass(frozen=True, slots=True)
class Certified:
    """A certificate that was made. `fingerprint` is its SHA-256, 64 hex digits."""

    certificate: Path
    private_key: Path
    uri: str
    fingerprint: str


Framing = Literal["modbus-tcp", "opc-ua", "octets"]


@dataclass(frozen=True, slots=True)
class Tcp:
    """A device behind a TCP connection."""

    host: str
    port: int
    framing: Framing


@dataclass(frozen=True, slots=True)
class Port:
    """A device at a serial port of this machine; `line` as pyserial's constructor takes it."""

    path: str
    line: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tools:
    """The offers. Each raises ToolError."""

    browse: Callable[[Any, Looking], Awaitable[Tree]] | None = None
    """The tree of the device that these settings name."""
    probe: Callable[[Any, tuple[int, int] | None], Awaitable[Probed]] | None = None
    """What the device is, and what its numbers mean; of the registers from … to where they are given."""
    certify: Callable[[Any, str, str], Certified] | None = None
    """Make the files of our certificate that the settings name, with this application URI and name."""
    reached: Callable[[Any], Tcp | Port] | None = None
    """How the device is reached."""
    moved: Callable[[Any, Tcp | Port], Any] | None = None
    """The settings with the device at another place, of the same kind as `reached` says."""
    dissect: Callable[[bytes], Iterable[str]] | None = None
    """A line for each frame in the octets of one direction, for people."""


NO_TOOLS = Tools()
"""Nothing besides a source."""
