"""Reads all that a scan needs, in as few requests as the device allows."""

from collections import deque
from collections.abc import Iterable

import structlog

from adapters.modbus.answer import Failure
from adapters.modbus.image import Image
from adapters.modbus.plan import Block, Limits, Span, halves, plan
from adapters.modbus.unit import Unit

_log = structlog.get_logger(__name__)


class Sweep:
    """A plan of blocks. A block whose addresses are refused is read in halves, until only the wrong tag is left out."""

    def __init__(self, source: str, spans: Iterable[Span], limits: Limits, first: Span | None = None) -> None:
        """`first` is read before all else."""
        blocks = plan(spans, limits)
        self._source = source
        self._plan = sorted(blocks, key=lambda block: first is None or first not in block.spans)
        self._failures: set[str] = set()

    @property
    def failures(self) -> str:
        """What was not read the last time, and why."""
        return "; ".join(sorted(self._failures))

    async def run(self, unit: Unit) -> Image:
        """One pass. Raises SourceError when the device is lost."""
        image = Image()
        pending = deque(self._plan)
        kept: list[Block] = []
        failures: set[str] = set()
        while pending:
            block = pending.popleft()
            answer = await unit.read(block)
            if isinstance(answer, Failure) and answer.is_refused and len(block.spans) > 1:
                pending.extendleft(reversed(halves(block)))
                continue
            kept.append(block)
            if isinstance(answer, Failure):
                image.fail(block, answer)
                failures.add(f"{block.table} {block.start} to {block.start + block.count - 1}: {answer.text}")
            else:
                image.put(block, answer)
        self._plan = kept
        unit.check_silence()
        for text in sorted(failures - self._failures):
            _log.warning("block not read", source=self._source, block=text)
        self._failures = failures
        return image
