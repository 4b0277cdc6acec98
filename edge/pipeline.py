"""The way of a record through the agent: a list of stages, each a verb.

A stage takes one record and gives back what goes on: the record itself, changed or not, with new ones behind it, or
nothing. Records a stage does not speak of pass through.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain

from schemas.codec import Record

Stage = Callable[[Record], Iterable[Record]]


def run(stages: Sequence[Stage], record: Record) -> Iterator[Record]:
    """Send a record through the stages; yields what comes out at the end, each before the next is asked for."""
    outs: Iterator[Record] = iter((record,))
    for stage in stages:
        outs = chain.from_iterable(map(stage, outs))
    return outs
