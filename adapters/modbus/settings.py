"""What a Modbus source is told."""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from adapters.contract import SourceSettings, TagSettings
from adapters.modbus.framing import Framing
from adapters.modbus.places import Judged, ModbusTag, Proof, Range
from adapters.modbus.plan import Limits, Span
from adapters.modbus.profile import Point, Profile, load_profile
from adapters.modbus.wiring import SerialPort, Wiring
from schemas.settings import Identifier

__all__ = ["ModbusSettings", "ModbusTag", "PointTag"]


def _profile(given: str, info: ValidationInfo) -> str:
    if given.endswith((".yaml", ".yml")):
        given = str(Path((info.context or {}).get("folder", "")) / given)
    load_profile(given)
    return given


def _zone(given: str) -> str:
    if given not in available_timezones():
        raise ValueError(f"no time zone {given!r}; take an IANA name such as Asia/Shanghai or UTC")
    return given


class PointTag(TagSettings):
    """A point of the profile under a tag name of yours. What is not set is as the profile says."""

    point: Identifier = Field(description="Name of the point in the profile.", examples=["count-1"])


class ModbusSettings(SourceSettings):
    """One unit on one connection; sources with the same connection share it."""

    type: Literal["modbus"] = Field(description="Modbus TCP, RTU or ASCII.")
    framing: Framing = Field(
        "tcp", description="tcp; or rtu, ascii: on a serial `line`, or through a serial device server at `host`."
    )
    host: str | None = Field(
        None, min_length=1, max_length=253, description="Host name or address.", examples=["10.20.3.21"]
    )
    port: int = Field(502, ge=1, le=65_535, description="TCP port.")
    line: SerialPort | None = Field(None, description="Serial port of this machine, instead of host and port.")
    unit: int = Field(1, ge=0, le=255, description="Unit identifier; answers of another one are refused.")
    poll_interval: float = Field(0.5, ge=0.02, le=3600, description="Seconds from one scan to the next.")
    timeout: float = Field(1.0, ge=0.02, le=60, description="Seconds to wait for one answer, and for the connection.")
    worst_delay: float = Field(
        2.0,
        ge=0.02,
        le=60,
        description="Seconds after which no unit of the line answers any more. RTU and ASCII do not number their "
        "answers, so after a missing one the line is left alone that long.",
    )
    busy_retries: int = Field(
        2, ge=0, le=10, description="How often a request is repeated in a scan on exception 5, 6."
    )
    max_registers: int = Field(125, ge=4, le=125, description="Registers that the device gives in one answer.")
    max_bits: int = Field(2000, ge=1, le=2000, description="Coils or discrete inputs in one answer.")
    max_gap: int = Field(
        0, ge=0, le=100, description="Unused addresses read along to save a request; 0 where reading has effects."
    )
    blocks: tuple[Range, ...] = Field((), description="Addresses that are read with one request or not at all.")
    forbidden: tuple[Range, ...] = Field((), description="Addresses that are never asked for, also not in between.")
    proof: tuple[Proof, ...] | Literal["none-available"] | None = Field(
        None,
        description="Constants of the device, or values that it gives twice, read in every scan. They prove word and "
        "byte order of the tags of the same sort (integer or float, one register or several); where they differ, every "
        "tag is Bad, reason UNPROVEN. Without proof, tags in several registers are Uncertain, reason UNPROVEN, unless "
        "`none-available` says that the device has no such register and the orders were checked by hand.",
    )
    profile: Annotated[str, AfterValidator(_profile)] | None = Field(
        None, description="Device model: a name, or a file of yours relative to this one.", examples=["lighthouse"]
    )
    identity: dict[Identifier, int | str] = Field(
        {},
        description="What the device must say of itself, by name in the profile. Another device makes every tag "
        "Uncertain, reason IDENTITY. What is not given is learnt at the first connect and kept by the agent, until "
        "`cmo-edge accept-identity` accepts another device.",
        examples=[{"serial-number": 21045}],
    )
    clock_zone: Annotated[str, AfterValidator(_zone)] | None = Field(
        None,
        description="Time zone that the device's clock shows; devices that are set by hand show local time.",
        examples=["Asia/Shanghai", "UTC"],
    )
    clock_tolerance: float = Field(
        60.0, gt=0, le=86_400, description="Seconds that the device's clock may be wrong; beyond it: Uncertain, TIME."
    )
    backfill: float = Field(
        3600.0, ge=0, le=31_536_000, description="Seconds of the device's own records to read when the agent starts."
    )
    points: tuple[PointTag, ...] = Field((), max_length=1000, description="What to read of the profile.")
    tags: tuple[ModbusTag, ...] = Field((), max_length=10_000, description="What to read besides.")

    @property
    def look_interval(self) -> float | None:
        """From one scan to the next."""
        return self.poll_interval

    @cached_property
    def all_tags(self) -> tuple[ModbusTag, ...]:
        """Every tag, in the order of the TagTable: those of the profile first."""
        points = {} if self.model is None else self.model.points
        return (*(_tag(tag, points[tag.point]) for tag in self.points), *self.tags)

    @property
    def model(self) -> Profile | None:
        """The device model."""
        return None if self.profile is None else load_profile(self.profile)

    @property
    def record_rows(self) -> frozenset[int]:
        """Rows of the tags that stand in a record of the device."""
        inside = frozenset[str]() if self.model is None else self.model.record_points
        return frozenset(row for row, tag in enumerate(self.points) if tag.point in inside)

    @property
    def proofs(self) -> tuple[Proof, ...]:
        """What proves the orders: of the profile and of the source."""
        given = self.proof if isinstance(self.proof, tuple) else ()
        return given if self.model is None else (*self.model.proof, *given)

    @property
    def wholes(self) -> tuple[Span, ...]:
        """What is read with one request or not at all."""
        inside = () if self.model is None else self.model.blocks
        records = () if self.model is None or self.model.records is None else (self.model.records.block,)
        return tuple(block.span for block in (*records, *inside, *self.blocks))

    @property
    def limits(self) -> Limits:
        """What one request may ask for."""
        model = self.model
        most = self.max_registers if model is None else min(model.max_registers, self.max_registers)
        forbidden = (*(() if model is None else model.forbidden), *self.forbidden)
        return Limits(most, self.max_bits, self.max_gap, tuple(each.span for each in forbidden))

    @property
    def wiring(self) -> Wiring:
        """The connection."""
        return Wiring(self.framing, self.host, self.port, self.line, self.worst_delay)

    @property
    def zone(self) -> ZoneInfo | None:
        """The time zone of the device's clock."""
        return None if self.clock_zone is None else ZoneInfo(self.clock_zone)

    @model_validator(mode="after")
    def _is_consistent(self) -> Self:
        self.check_silence("poll_interval", self.poll_interval)
        for fault in _faults(self):
            raise ValueError(fault)
        return self


def _tag(tag: PointTag, point: Point) -> ModbusTag:
    """The profile's place and marks, the source's name, and of each setting the source's where it has one."""
    place = {name: getattr(point, name) for name in Judged.model_fields}
    known: dict[str, Any] = {"scale": point.scale, "offset": point.offset}
    if point.unit is not None:
        known["unit"] = point.unit
        if "unit" in tag.model_fields_set and tag.unit != point.unit:
            known["device_unit"] = point.unit
    given = {name: getattr(tag, name) for name in tag.model_fields_set if name != "point"}
    return ModbusTag.model_validate({**place, **known, **given})


def _faults(settings: ModbusSettings) -> Iterator[str]:
    """What does not fit together, one line each."""
    if (settings.host is None) == (settings.line is None):
        yield "needs either `host` or `line`"
    if settings.line is not None and settings.framing == "tcp":
        yield "on a serial line the framing is rtu or ascii"
    if settings.line is not None and settings.framing == "rtu" and settings.line.data_bits != 8:
        yield "rtu needs 8 data bits"
    if not settings.points and not settings.tags:
        yield "needs `points` or `tags`: there is nothing to read"
    yield from _profile_faults(settings)
    if settings.profile is None or not any(_unknown_points(settings)):
        yield from _tag_faults(settings)


def _unknown_points(settings: ModbusSettings) -> Iterator[str]:
    known = {} if settings.model is None else settings.model.points
    return (tag.point for tag in settings.points if tag.point not in known)


def _profile_faults(settings: ModbusSettings) -> Iterator[str]:
    model = settings.model
    if model is None:
        if settings.points or settings.identity:
            yield "`points` and `identity` are those of a `profile`"
        return
    for point in _unknown_points(settings):
        yield f"the profile has no point {point!r}; there are {', '.join(model.points)}"
    for name in settings.identity:
        if name not in {identity.name for identity in model.identity}:
            yield f"the profile knows no identity {name!r}"
    if settings.record_rows and settings.clock_zone is None:
        yield "needs `clock_zone`: the device's records carry the time of its own clock"


def _tag_faults(settings: ModbusSettings) -> Iterator[str]:
    limits = settings.limits
    for tag in settings.all_tags:
        for span in tag.spans:
            if not limits.allow(span.table, span.start, span.end):
                yield f"{tag.name}: {span.table} {span.start} to {span.end - 1} is forbidden, or too much at once"
