"""What a unit is, and what its registers would mean in each order: for `cmo-edge probe`.

It asks for what the agent asks for in every scan (identity, proofs, tags) and for nothing else, unless registers are
named: reading may have effects in a device. Records that are fetched by writing an index are left out. Nothing is
ever written.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from adapters.contract import SourceError
from adapters.modbus import identity
from adapters.modbus.image import Image
from adapters.modbus.numbers import Kind, Order, decode, digits
from adapters.modbus.places import ModbusTag
from adapters.modbus.plan import Span, atoms
from adapters.modbus.proof import judge, needs_proof, spans
from adapters.modbus.settings import ModbusSettings
from adapters.modbus.sweep import Sweep
from adapters.modbus.unit import Unit
from adapters.tools import Meaning, Port, Probed, Tcp, ToolError, Tools

ORDERS: Mapping[str, tuple[Order, Order]] = {
    "ABCD": ("big", "big"),
    "CDAB": ("little", "big"),
    "BADC": ("big", "little"),
    "DCBA": ("little", "little"),
}
"""Word and byte order by the letters that manuals use: A is the highest byte."""
MOST = 1000
"""Registers that are read when they are named."""


async def probe(settings: ModbusSettings, registers: tuple[int, int] | None) -> Probed:
    """Identity, proofs, each number in every order; or those of the holding registers named. Raises ToolError."""
    unit = Unit(settings)
    try:
        unit.begin()
        return await _probed(settings, unit, registers)
    except SourceError as error:
        raise ToolError(error.detail) from error
    finally:
        unit.end()


async def _probed(settings: ModbusSettings, unit: Unit, registers: tuple[int, int] | None) -> Probed:
    model = settings.model
    said: Mapping[str, object] = {}
    if model is not None and model.identity:
        image = await _read(settings, unit, [each.span for each in model.identity])
        said = identity.said(model, image)
    if registers is not None:
        asked = [span for span in _named(*registers) if settings.limits.allow(span.table, span.start, span.end)]
        image = await Sweep(settings.name, asked, settings.limits).run(unit)
        left = registers[1] - registers[0] + 1 - len(asked)
        lines = [f"{left} registers left out: they are forbidden"] if left else []
        return Probed(said, list(_raw(image, *registers)), [*lines, *_unread(image)])
    tags = [tag for row, tag in enumerate(settings.all_tags) if row not in settings.record_rows]
    wanted = [span for proof in settings.proofs for span in spans(proof)]
    image = await _read(settings, unit, [*wanted, *(tag.span for tag in tags)])
    verdicts = [f"proof at {proof.table} {proof.address}: {judge(proof, image).value}" for proof in settings.proofs]
    meanings = [meaning for tag in tags if needs_proof(tag) and (meaning := _meaning(tag, image)) is not None]
    return Probed(said, meanings, [*verdicts, *_unread(image)])


async def _read(settings: ModbusSettings, unit: Unit, wanted: Iterable[Span]) -> Image:
    pieces = atoms(wanted, settings.limits, settings.wholes)
    return await Sweep(settings.name, pieces, settings.limits).run(unit)


def _meaning(tag: ModbusTag, image: Image) -> Meaning | None:
    """The tag's number in each order, scaled as configured; None where it was not read."""
    words = image.span(tag.span)
    if words is None:
        return None
    orders = dict(ORDERS) if len(words) > 1 else {"AB": ORDERS["ABCD"], "BA": ORDERS["BADC"]}
    numbers = {name: _scaled(_number(words, tag.type, order), tag.scale, tag.offset) for name, order in orders.items()}
    configured = next(name for name, order in orders.items() if _same(order, tag, len(words)))
    unit = tag.device_unit or tag.unit
    possible = frozenset(
        name
        for name, number in numbers.items()
        if number is not None and tag.device_unit is None and _within(tag, number)
    )
    return Meaning(tag.name, _hex(words), numbers, configured, "" if unit == "1" else unit, possible)


def _same(order: tuple[Order, Order], tag: ModbusTag, words: int) -> bool:
    return order[1] == tag.byte_order and (words == 1 or order[0] == tag.word_order)


def _within(tag: ModbusTag, number: float) -> bool:
    return tag.range is not None and tag.range[0] <= number <= tag.range[1]


def _named(first: int, last: int) -> Iterator[Span]:
    if not 0 <= first < last <= 65_535 or last - first >= MOST:
        raise ToolError(f"--from {first} --to {last}: two registers or more, {MOST} at most, between 0 and 65535")
    yield from (Span("holding", address, 1) for address in range(first, last + 1))


def _raw(image: Image, first: int, last: int) -> Iterator[Meaning]:
    """Each register with the next one, as float32 in each order."""
    for address in range(first, last):
        words = image.span(Span("holding", address, 2))
        if words is not None:
            numbers = {name: _number(words, "float32", order) for name, order in ORDERS.items()}
            yield Meaning(f"holding {address}", _hex(words), numbers)


def _number(words: NDArray[np.uint16], kind: Kind, order: tuple[Order, Order]) -> float | None:
    content = decode(words[None, :], kind, *order)
    number = float((digits(content) if kind.startswith("bcd") else content)[0])
    return number if math.isfinite(number) else None


def _scaled(number: float | None, scale: float, offset: float) -> float | None:
    return None if number is None else number * scale + offset


def _hex(words: Sequence[int] | NDArray[np.uint16]) -> str:
    return " ".join(f"{word:04X}" for word in words)


def _unread(image: Image) -> Iterator[str]:
    for span, failure in sorted(image.failures.items()):
        yield f"{span.table} {span.start} to {span.end - 1} not read: {failure.text}"


def reached(settings: ModbusSettings) -> Tcp | Port:
    """Host and port, or the serial port with its line settings."""
    line = settings.line
    if line is None:
        return Tcp(settings.host or "", settings.port, "modbus-tcp" if settings.framing == "tcp" else "octets")
    parity = line.parity[0].upper()
    return Port(
        line.path,
        {"baudrate": line.baud_rate, "bytesize": line.data_bits, "parity": parity, "stopbits": line.stop_bits},
    )


def moved(settings: ModbusSettings, place: Tcp | Port) -> ModbusSettings:
    """The same device elsewhere."""
    if isinstance(place, Tcp):
        return settings.model_copy(update={"host": place.host, "port": place.port})
    if settings.line is None:
        raise ToolError(f"{settings.name}: is reached over TCP")
    line = settings.line.model_copy(update={"path": place.path, "data_bits": 8, "parity": "none", "stop_bits": 1})
    return settings.model_copy(update={"line": line})


TOOLS = Tools(probe=probe, reached=reached, moved=moved)
