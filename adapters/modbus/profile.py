"""What is known of a device model, as data: one YAML file describes it, here in `profiles/` or in a folder of yours."""

from functools import cache
from pathlib import Path
from typing import Self

import yaml
from pydantic import Field, ValidationError, model_validator

from adapters.modbus.places import Judged, Place, Proof, Range
from schemas.settings import Identifier, Strict
from schemas.units import Unit

FOLDER = Path(__file__).with_name("profiles")


class Identity(Place):
    """A register that says what the device is; read at each connect. Another content later is another device."""

    name: Identifier = Field(description="What it says.", examples=["serial-number", "map-version"])
    one_of: tuple[int | str, ...] | None = Field(
        None, min_length=1, description="Contents that this profile is made for; a device with another is refused."
    )


class FloatOrder(Strict):
    """Word order of all floats, where it depends on the version of the device."""

    identity: Identifier = Field(description="The identity that decides.")
    big: tuple[int, ...] = Field(description="Its contents with which the high word stands first.")
    little: tuple[int, ...] = Field(description="Its contents with which the low word stands first.")


class RingPlace(Strict):
    """A memory of records, of which one at a time can be seen. Index 0 is the oldest."""

    count: Place = Field(description="How many records there are.")
    index: Place = Field(description="Holding register that chooses the record; it is written.")
    newest: int = Field(ge=0, le=0xFFFF, description="Content of `index` that means the newest.")


class Records(Strict):
    """Points that stand for a finished sample with a time of its own."""

    block: Range = Field(description="The record, read with one request; points inside are of the record.")
    time: Place = Field(description="When it was finished: seconds since 1970 by the device's clock.")
    ring: RingPlace | None = Field(None, description="Where older records can be had; without it only the one shown.")


class Point(Judged):
    """A value that the device can give."""

    about: str = Field(description="What it is, for a person.")
    unit: Unit | None = Field(
        "1",
        description="Unit in which the device gives it, after `scale`; a UCUM code. null: it is set at the device, the "
        "tag says which.",
    )
    scale: float = Field(1.0, description="Factor from the register's number to `unit`.")
    offset: float = Field(0.0, description="Added after `scale`.")


class Profile(Strict):
    """A device model."""

    about: str = Field(description="Maker and models.")
    source: str = Field(description="The document it is taken from.")
    max_registers: int = Field(125, ge=4, le=125, description="Registers that the device gives in one answer.")
    blocks: tuple[Range, ...] = Field((), description="Addresses that are read with one request or not at all.")
    forbidden: tuple[Range, ...] = Field((), description="Addresses that are never asked for.")
    identity: tuple[Identity, ...] = Field((), description="What the device says of itself.")
    float_order: FloatOrder | None = Field(None, description="Where the word order of floats depends on the identity.")
    proof: tuple[Proof, ...] = Field((), description="What proves word and byte order in every scan.")
    clock: Place | None = Field(None, description="The device's clock, seconds since 1970 in two registers.")
    records: Records | None = Field(None, description="Where the device makes records.")
    points: dict[Identifier, Point] = Field(min_length=1, description="What it can give, by name.")

    @model_validator(mode="after")
    def _is_complete(self) -> Self:
        names = {identity.name for identity in self.identity}
        if self.float_order is not None and self.float_order.identity not in names:
            raise ValueError(f"float_order goes by {self.float_order.identity}, which is not under identity")
        if self.records is not None and not self.records.block.span.holds(self.records.time.span):
            raise ValueError("the time of a record must stand in its block")
        return self

    @property
    def record_points(self) -> frozenset[str]:
        """Names of the points that stand in a record."""
        if self.records is None:
            return frozenset()
        block = self.records.block.span
        return frozenset(name for name, point in self.points.items() if block.holds(point.span))


def profile_names() -> tuple[str, ...]:
    """The profiles that come with the adapter."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml")))


@cache
def load_profile(name: str) -> Profile:
    """A profile by name, or by the path of a file of yours (`….yaml`). Raises ValueError in one line."""
    path = Path(name) if name.endswith((".yaml", ".yml")) else FOLDER / f"{name}.yaml"
    if path.parent == FOLDER and path.stem not in profile_names():
        raise ValueError(f"no profile {name!r}; there are {', '.join(profile_names())}, or give a file (….yaml)")
    try:
        return Profile.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ValueError(f"profile {path}: {error.strerror}") from error
    except yaml.YAMLError as error:
        raise ValueError(f"profile {path}: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"profile {path}: {where}: {first['msg']}") from error
