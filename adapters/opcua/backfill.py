"""Fills breaks from the server's own memory, while live frames go on (F02, F03, F08)."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from uuid import uuid4

import structlog
from asyncua import ua
from asyncua.client.client import Client
from asyncua.ua.uaerrors import UaError

from adapters.contract import Filled, now
from adapters.opcua.history import Span, read_raw
from adapters.opcua.inbox import Inbox
from adapters.opcua.ledger import Break, Ledger
from adapters.opcua.values import Interpreter
from schemas.frame import TagTable, frame_of
from schemas.status import status_name

_log = structlog.get_logger(__name__)

PAUSES = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0)
"""Seconds before each attempt: a historian may store a value well after it was told."""


class Backfill:
    """Reads what the ledger is owed, over one connected client, and hands it in between the live frames."""

    def __init__(self, source: str, tags: TagTable, interpreter: Interpreter, ledger: Ledger, grace: float) -> None:
        """`grace` in seconds: how long a tag's first live value is waited for."""
        self._source = source
        self._tags = tags
        self._interpreter = interpreter
        self._ledger = ledger
        self._grace = grace
        self._told: set[int] = set()

    async def run(self, client: Client, nodes: Mapping[int, ua.NodeId], inbox: Inbox) -> None:
        """Until the connection is lost; what is left is read over the next one."""
        try:
            while True:
                one = await self._next()
                await self._fill(one, client, nodes, inbox)
                self._ledger.breaks.popleft()
                await self._tell(one, inbox)
        except (UaError, OSError, TimeoutError, ValueError) as error:  # ValueError: an answer that cannot be read
            _log.warning("history not read", source=self._source, error=str(error) or type(error).__name__)

    async def _next(self) -> Break:
        ledger = self._ledger
        while not ledger.breaks:
            await _news(ledger)
        one = ledger.breaks[0]
        try:
            async with asyncio.timeout(self._grace):
                while not one.known:
                    await _news(ledger)
        except TimeoutError:  # the others are not kept waiting by a tag that has no value
            pass
        one.settle()
        return one

    async def _fill(self, one: Break, client: Client, nodes: Mapping[int, ua.NodeId], inbox: Inbox) -> None:
        for pause in PAUSES:
            left = {row: span for row, span in one.spans.items() if not span.over}
            if not left:
                return
            await asyncio.sleep(pause)
            for row, span in left.items():
                if row in nodes:
                    await self._read(row, span, client, nodes[row], inbox)

    async def _read(self, row: int, span: Span, client: Client, node: ua.NodeId, inbox: Inbox) -> None:
        async for page in read_raw(client, node, span):
            received = now()
            rows = [self._interpreter.kept(row, data, received) for data in page]
            frame = frame_of(self._source, self._tags, rows, received=received)
            await inbox.slip(replace(frame, backfilled=True))
        if span.refused and span.refused not in self._told:
            self._told.add(span.refused)
            _log.warning("no history", source=self._source, tag=self._tags.names[row], status=status_name(span.refused))

    async def _tell(self, one: Break, inbox: Inbox) -> None:
        if not one.filled:
            _log.info("gap not filled", source=self._source, began=one.began)
        elif one.gap is None:
            await inbox.slip(Filled(one.began))
        else:
            await inbox.slip(replace(one.gap, id=uuid4(), backfilled=True))


async def _news(ledger: Ledger) -> None:
    ledger.changed.clear()
    await ledger.changed.wait()
