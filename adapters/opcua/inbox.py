"""What one subscription has said: publish responses in, frames out, and how long ago it was.

A subscription can be gone while its session answers every read. So the server's clock (ServerStatus.CurrentTime) is
monitored in the same subscription as the tags: as long as it ticks, sampling, publishing and connection all work.
Keep-alives alone prove less, and count only where the server refuses to have its clock monitored.
"""

import asyncio
import time
from collections import deque
from collections.abc import Iterable, Sequence
from datetime import datetime

from asyncua import ua

from adapters.contract import Report, SourceError, now
from adapters.opcua.conditions import Conditions
from adapters.opcua.values import Interpreter, Row
from schemas.frame import TagTable, frame_of
from schemas.records import Condition, GapCause
from schemas.status import Reason, StatusCode

HEARTBEAT, STARTED = 0, 2**32 - 1
"""Client handles of the server's clock and of its start time; a tag's handle is its row + 1."""
EVENTS = 2**32 - 2
"""Client handle of the server's events."""
_QUIET = 0.4
"""Seconds without a frame after which a sign of life is worth an empty one."""
_ROOM = 1_000
"""Frames that may wait for the agent."""


class Inbox:
    """What one subscription says, in order. `publish` is called by the client library, `next` by the source.

    `heard` is when it last gave a sign of life (monotonic clock), `heartbeat` whether the server's clock is monitored.
    `latest` is what was last notified of each tag. `grace` in seconds: after that a tag without a first value is
    reported Bad.
    """

    def __init__(
        self, source: str, tags: TagTable, interpreter: Interpreter, conditions: Conditions, *, grace: float
    ) -> None:
        self._grace = grace
        self._source = source
        self._tags = tags
        self._interpreter = interpreter
        self._conditions = conditions
        self._frames: deque[Report] = deque()
        self._aside: Report | None = None
        self._aside_taken = asyncio.Event()
        self._arrived = asyncio.Event()
        self._failure: SourceError | None = None
        self._expected: int | None = None
        self._waiting: set[int] = set()
        self._grace_ends = 0.0
        self._last_frame = 0.0
        self._started: datetime | None = None
        self.heard = time.monotonic()
        self.heartbeat = True
        self.latest: dict[int, ua.DataValue] = {}

    def expect(self, rows: Iterable[int]) -> None:
        """These tags are monitored: their first values will come, or are missed."""
        self._waiting.update(rows)
        self._grace_ends = time.monotonic() + self._grace

    def publish(self, result: ua.PublishResult) -> None:
        """One publish response of the server; a keep-alive carries no notifications."""
        if self._failure is not None:
            return
        try:
            self._take(result)
        except Exception as error:  # noqa: BLE001 - the library would log it and go on, and the values would be lost
            self.fail(GapCause.SUBSCRIPTION_LOST, f"a notification of the server could not be used: {error!r}")

    def _take(self, result: ua.PublishResult) -> None:
        message = result.NotificationMessage
        notifications = message.NotificationData or []
        for notification in notifications:
            if isinstance(notification, ua.StatusChangeNotification):
                self.fail(GapCause.SUBSCRIPTION_LOST, f"the server ended the subscription: {notification.Status.name}")
                return
        if not self._is_next(int(message.SequenceNumber), keep_alive=not notifications):
            self.fail(GapCause.SUBSCRIPTION_LOST, "a notification of the server was lost on the way")
            return
        received = now()
        changes = [item for part in notifications for item in getattr(part, "MonitoredItems", ())]
        if changes or not self.heartbeat:
            self.heard = time.monotonic()
        self.report([self._row(item, received) for item in changes if 0 < item.ClientHandle < STARTED], received)
        for item in changes:
            if item.ClientHandle == STARTED:
                self._see_start(item.Value)
        for event in [event for part in notifications for event in getattr(part, "Events", ())]:
            self.tell(self._conditions.take(event.EventFields))

    def tell(self, conditions: Sequence[Condition]) -> None:
        """Queue what the server says of its own alarms."""
        self._frames.extend(conditions)
        self._arrived.set()

    async def slip(self, report: Report) -> None:
        """Hand in what is not live; returns when it was taken, which is when nothing live waited."""
        self._aside = report
        self._aside_taken.clear()
        self._arrived.set()
        await self._aside_taken.wait()

    def report(self, rows: list[Row], received: int) -> None:
        """Queue a frame; without rows only when the last one is a while ago."""
        self._waiting.difference_update(row[0] for row in rows)
        rows += self._overdue()
        if not rows and time.monotonic() - self._last_frame < _QUIET:
            return
        if len(self._frames) >= _ROOM:
            self.fail(GapCause.QUEUE_OVERFLOW, f"{_ROOM} notifications wait to be processed")
            return
        self._last_frame = time.monotonic()
        self._frames.append(frame_of(self._source, self._tags, rows, received=received))
        self._arrived.set()

    def fail(self, cause: GapCause, detail: str) -> None:
        """The subscription is of no more use. What came before is still handed out."""
        self._failure = self._failure or SourceError(cause, detail)
        self._arrived.set()

    async def next(self) -> Report:
        """The next report, live ones first. Raises SourceError when there will be none."""
        while not self._frames:
            if self._aside is not None:
                aside, self._aside = self._aside, None
                self._aside_taken.set()
                return aside
            if self._failure is not None:
                raise self._failure
            self._arrived.clear()
            await self._arrived.wait()
        return self._frames.popleft()

    def _see_start(self, data: ua.DataValue) -> None:
        """A server that started anew behind the same address knows nothing of what it forgot (F02)."""
        began = data.Value.Value if data.Value is not None else None
        if began is None:
            return
        if self._started is not None and began != self._started:
            self.fail(GapCause.SUBSCRIPTION_LOST, f"the server started anew at {began:%Y-%m-%d %H:%M:%S} UTC")
        self._started = began

    def _row(self, item: ua.MonitoredItemNotification, received: int) -> Row:
        if item.ClientHandle > len(self._tags):
            raise ValueError(f"nothing is monitored under handle {item.ClientHandle}")
        self.latest[item.ClientHandle - 1] = item.Value
        return self._interpreter.row(item.ClientHandle - 1, item.Value, received)

    def _overdue(self) -> list[Row]:
        """Tags whose first value has not come in time."""
        if not self._waiting or time.monotonic() < self._grace_ends:
            return []
        late = sorted(self._waiting)
        self._waiting.clear()
        return [(row, None, StatusCode.BAD_WAITING_FOR_INITIAL_DATA, Reason.NO_VALUE, None) for row in late]

    def _is_next(self, number: int, *, keep_alive: bool) -> bool:
        """Whether nothing is missing before this sequence number (OPC 10000-4, 5.14.1.1).

        A keep-alive has the number of the notification to come, which it does not use up.
        """
        in_order = self._expected in (None, number)
        self._expected = number if keep_alive else number % 0xFFFFFFFF + 1
        return in_order
