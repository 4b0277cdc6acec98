"""The newest reading of a tag, as pages and answers know it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest sample of one tag. `other` is a value that is not a double, as text; times UTC microseconds."""

    tag: str
    source: str
    unit: str
    value: float | None
    other: str | None
    status: int
    reason: str
    source_time: int | None
    received: int
