"""Normalise: from the device's number to the tag's unit, and nothing that is no number or out of range stays Good."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from adapters.contract import TagSettings
from schemas.codec import Record
from schemas.frame import Beside, Frame, TagTable
from schemas.status import Reason, StatusCode, is_bad
from schemas.units import conversion

_LARGEST = float(np.finfo(np.float64).max)
"""A tag without a range takes any number, but no infinite one."""


@dataclass(frozen=True, slots=True)
class _Rules:
    """Columns along the tags of one source: value = factor × number + offset, within low … high."""

    tags: TagTable
    factor: NDArray[np.float64]
    offset: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    numeric: NDArray[np.bool_]
    scaled: bool
    """Whether the number of any tag is not yet its value."""

    @classmethod
    def of(cls, tags: Sequence[TagSettings]) -> "_Rules":
        steps = [conversion(tag.device_unit or tag.unit, tag.unit) for tag in tags]
        ranges = [tag.range or (-_LARGEST, _LARGEST) for tag in tags]
        factor = np.array([tag.scale * factor for tag, (factor, _) in zip(tags, steps, strict=True)])
        offset = np.array([tag.offset * factor + shift for tag, (factor, shift) in zip(tags, steps, strict=True)])
        low, high = np.array([r[0] for r in ranges]), np.array([r[1] for r in ranges])
        changed = (factor != 1) | (offset != 0) | (low != -_LARGEST) | (high != _LARGEST)
        table = TagTable(tuple(tag.name for tag in tags), tuple(tag.unit for tag in tags))
        return cls(table, factor, offset, low, high, changed, bool(((factor != 1) | (offset != 0)).any()))

    def scale(self, number: NDArray[np.float64], tag: NDArray[np.int32]) -> NDArray[np.float64]:
        """The device's numbers of these tags in the tags' units; too large ones become infinite."""
        with np.errstate(over="ignore", invalid="ignore"):
            return number * self.factor[tag] + self.offset[tag]


class Normalise:
    """The stage. Frames must carry the tag table of their source, in the order of its settings."""

    def __init__(self, sources: dict[str, Sequence[TagSettings]]) -> None:
        self._rules = {name: _Rules.of(tags) for name, tags in sources.items()}

    def configure(self, source: str, tags: Sequence[TagSettings]) -> None:
        """Go by these tags from the source's next frame on."""
        self._rules[source] = _Rules.of(tags)

    def __call__(self, record: Record) -> Iterator[Record]:
        """Frames in the tags' units; the device's own number is kept in `raw` where it changed."""
        if not isinstance(record, Frame):
            yield record
            return
        rules = self._rules[record.source]
        yield _all_well(record, rules) or _normalised(record, rules)


def _all_well(frame: Frame, rules: _Rules) -> Frame | None:
    """As `_normalised`, where every sample is a Good number within its range; None where one is not."""
    tag, value = frame.tag, frame.value
    if frame.beside or frame.status.any():
        return None
    if rules.scaled:
        value = rules.scale(value, tag)
    if not ((value >= rules.low[tag]) & (value <= rules.high[tag])).all():
        return None
    changed = value != frame.value if rules.scaled else None
    raw = None if changed is None or not changed.any() else np.where(changed, frame.value, np.nan)
    return replace(frame, tags=rules.tags, value=value, raw=raw)


def _normalised(frame: Frame, rules: _Rules) -> Frame:
    tag = frame.tag
    number, beside = _numbers_out_of_beside(frame, rules)
    value = rules.scale(number, tag) if rules.scaled else number
    numeric = np.ones(len(frame), dtype=np.bool_)
    numeric[list(beside)] = False
    status, reason = frame.status.copy(), frame.reason.copy()

    def mark(rows: NDArray[np.bool_], code: StatusCode, why: Reason) -> None:
        status[rows], reason[rows] = code, why

    mark(numeric & ~is_bad(status) & ~np.isfinite(value), StatusCode.BAD_OUT_OF_RANGE, Reason.NOT_A_NUMBER)
    outside = ~is_bad(status) & ((value < rules.low[tag]) | (value > rules.high[tag]))
    mark(outside, StatusCode.BAD_OUT_OF_RANGE, Reason.RANGE)
    gone = is_bad(status)
    raw = np.where((value != number) | (gone & ~np.isnan(number)), number, np.nan)
    return replace(
        frame,
        tags=rules.tags,
        value=np.where(gone, np.nan, value),
        status=status,
        reason=reason,
        raw=None if np.isnan(raw).all() else raw,
        beside={row: v for row, v in beside.items() if not gone[row]},
    )


def _numbers_out_of_beside(frame: Frame, rules: _Rules) -> tuple[NDArray[np.float64], dict[int, Beside]]:
    """Integers of tags that are scaled or limited become numbers; the others stay exact, beside the columns."""
    if not frame.beside:
        return frame.value, {}
    value, beside = frame.value.copy(), dict(frame.beside)
    for row, other in frame.beside.items():
        if isinstance(other, int) and not isinstance(other, bool) and rules.numeric[frame.tag[row]]:
            value[row] = float(other)
            del beside[row]
    return value, beside
