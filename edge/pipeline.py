"""The way of a record through the agent: a list of stages, each a verb.

A stage takes one record and gives back what goes on: the record itself, changed or not, with new ones behind it, or
nothing. Records a stage does not speak of pass through.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from schemas.codec import Record

Stage = Callable[[Record], Iterable[Record]]


def run(stages: Sequence[Stage], record: Record) -> Iterator[Record]:
    """Send a record through the stages; yields what comes out at the end."""
    if not stages:
        yield record
        return
    first, *rest = stages
    for out in first(record):
        yield from run(rest, out)
