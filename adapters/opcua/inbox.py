"""What one subscription has said: publish responses in, frames out, and how long ago it was.

A subscription can be gone while its session answers every read. So the server's clock (ServerStatus.CurrentTime) is
monitored in the same subscription as the tags: as long as it ticks, sampling, publishing and connection all work.
Keep-alives alone prove less, and count only where the server refuses to have its clock monitored.

A response comes as the library's object (`publish`), whose items are read one by one, or as octets for columns
(`deliver`): those of all responses that become one frame are read and interpreted at once.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from asyncua import ua

from adapters.contract import Report, now
from adapters.opcua.conditions import Conditions
from adapters.opcua.fast.interpreting import interpret
from adapters.opcua.fast.items import Items
from adapters.opcua.fast.response import Published, items_of
from adapters.opcua.latest import Latest
from adapters.opcua.reports import Reports, joined
from adapters.opcua.values import Interpreter, Row
from schemas.frame import Frame, TagTable, bad_frame, frame_of
from schemas.records import Condition, GapCause
from schemas.status import Reason, StatusCode

HEARTBEAT, STARTED = 0, 2**32 - 1
"""Client handles of the server's clock and of its start time; a tag's handle is its row + 1."""
EVENTS = 2**32 - 2
"""Client handle of the server's events."""
_QUIET = 0.4
"""Seconds without a frame after which a sign of life is worth an empty one."""
_LAST_NUMBER = 2**32 - 1
"""After this sequence number comes 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Arrived:
    """A response in octets, and when it was received, UTC microseconds."""

    published: Published
    received: int

    def __len__(self) -> int:
        return len(self.published)


class Inbox:
    """What one subscription says, in order. `publish` or `deliver` take it, `next` gives it to the source.

    `heard` is when it last gave a sign of life (monotonic clock), `heartbeat` whether the server's clock is monitored.
    `latest` is what was last notified of each tag. `grace` in seconds: after that a tag without a first value is
    reported Bad. `coalesce` in seconds: within that, frames are joined.
    """

    def __init__(
        self,
        source: str,
        tags: TagTable,
        interpreter: Interpreter,
        conditions: Conditions,
        *,
        grace: float,
        coalesce: float = 0.0,
    ) -> None:
        self._grace = grace
        self._source = source
        self._tags = tags
        self._interpreter = interpreter
        self._conditions = conditions
        self._reports: Reports[Frame | Arrived] = Reports(coalesce, self._made)
        self._expected: int | None = None
        self._waiting = np.zeros(len(tags), dtype=np.bool_)
        self._all_came = True
        self._grace_ends = 0.0
        self._last_frame = 0.0
        self._started: datetime | None = None
        self.heard = time.monotonic()
        self.heartbeat = True
        self.latest = Latest(len(tags))

    def expect(self, rows: Iterable[int]) -> None:
        """These tags are monitored: their first values will come, or are missed."""
        self._waiting[list(rows)] = True
        self._all_came = False
        self._grace_ends = time.monotonic() + self._grace

    def publish(self, result: ua.PublishResult) -> None:
        """One publish response as the library gives it; a keep-alive carries no notifications."""
        self._carefully(lambda: self._take_objects(result.NotificationMessage))

    def deliver(self, published: Published) -> None:
        """One publish response that is to be read in columns."""
        self._carefully(lambda: self._take_octets(published))

    def missing_before(self, number: int) -> list[int]:
        """Sequence numbers that were left out before this one; all of them only where they are few."""
        ahead = 0 if self._expected is None else (number - self._expected) % _LAST_NUMBER
        first = self._expected or number
        return [(first - 1 + step) % _LAST_NUMBER + 1 for step in range(min(ahead, 100))]

    def when_safe(self, call: Callable[[int], None]) -> None:
        """Call this with the sequence number of each notification that the server may forget."""
        self._reports.safe = call

    def acknowledge(self, frame: Frame) -> None:
        """The frame is safe."""
        self._reports.acknowledge(frame)

    def tell(self, conditions: Sequence[Condition]) -> None:
        """Queue what the server says of its own alarms."""
        self._reports.tell(conditions)

    async def slip(self, report: Report) -> None:
        """Hand in what is not live; returns when it was taken, which is when nothing live waited."""
        await self._reports.slip(report)

    def report(self, rows: list[Row], received: int) -> None:
        """Queue a frame of these rows."""
        self._reports.put(frame_of(self._source, self._tags, rows, received=received), None)

    def fail(self, cause: GapCause, detail: str) -> None:
        """The subscription is of no more use. What came before is still handed out."""
        self._reports.fail(cause, detail)

    async def next(self) -> Report:
        """The next report, live ones first. Raises SourceError when there will be none."""
        return await self._reports.next()

    def _carefully(self, take: Callable[[], None]) -> None:
        if self._reports.failure is not None:
            return
        try:
            take()
        except Exception as error:  # noqa: BLE001 - the library would log it and go on, and the values would be lost
            self._fail_unusable(error)

    def _fail_unusable(self, error: Exception) -> None:
        self.fail(GapCause.SUBSCRIPTION_LOST, f"a notification of the server could not be used: {error!r}")

    def _take_objects(self, message: ua.NotificationMessage) -> None:
        notifications, number = message.NotificationData or [], int(message.SequenceNumber)
        changes = [item for part in notifications for item in getattr(part, "MonitoredItems", ())]
        if self._goes_on(number, notifications, keep_alive=not notifications):
            received = self._note(len(changes))
            rows = [self._row(item, received) for item in changes if 0 < item.ClientHandle < STARTED]
            frame = frame_of(self._source, self._tags, rows, received=received)
            self._reports.put(frame, number if notifications else None)
            self._see_starts(item.Value for item in changes if item.ClientHandle == STARTED)
            self._see_events(notifications)

    def _take_octets(self, published: Published) -> None:
        if self._goes_on(published.number, published.others, keep_alive=published.keep_alive):
            arrived = Arrived(published, self._note(len(published)))
            self._reports.put(arrived, None if published.keep_alive else published.number)
            self._see_events(published.others)

    def _made(self, parts: Sequence[Frame | Arrived]) -> Frame | None:
        """One frame of these, with the tags that are overdue; None where it is empty and the last one not long ago."""
        octets = [part for part in parts if isinstance(part, Arrived)]
        if len(octets) == len(parts):
            frames = self._read(octets)
        else:
            frames = [one for part in parts for one in ([part] if isinstance(part, Frame) else self._read([part]))]
        if not frames:
            return None
        frame = self._with_overdue(joined(frames))
        if not len(frame) and time.monotonic() - self._last_frame < _QUIET:
            return None
        self._last_frame = time.monotonic()
        return frame

    def _read(self, arrived: Sequence[Arrived]) -> list[Frame]:
        """One frame of these; where they cannot be read at once, one of each before the one that is to blame."""
        if self._reports.failure is not None:
            return []
        try:
            return [self._in_columns(arrived)]
        except Exception as error:  # noqa: BLE001 - a malformed notification can raise anything in the library
            if len(arrived) == 1:
                self._fail_unusable(error)
                return []
        return [frame for one in arrived for frame in self._read([one])]

    def _in_columns(self, arrived: Sequence[Arrived]) -> Frame:
        items, starts = self._own(items_of([one.published for one in arrived]))
        frame = interpret(self._interpreter, self._source, self._tags, items, arrived[-1].received)
        self.latest.put_items(frame.tag, items)
        self._see_starts(starts)
        return frame

    def _own(self, items: Items) -> tuple[Items, list[ua.DataValue]]:
        """The items of tags, and what was said of the server's start time."""
        if not len(items) or (items.handle.min() > HEARTBEAT and items.handle.max() <= len(self._tags)):
            return items, []
        starts = items.handle == STARTED
        tags = (items.handle != HEARTBEAT) & ~starts
        if (highest := int(items.handle[tags].max(initial=0))) > len(self._tags):
            raise ValueError(f"nothing is monitored under handle {highest}")
        return items.where(tags), [items.apart[row] for row in np.flatnonzero(starts).tolist() if row in items.apart]

    def _goes_on(self, number: int, notifications: Sequence[Any], *, keep_alive: bool) -> bool:
        """Whether the subscription lives and nothing is missing; fails otherwise."""
        for notification in notifications:
            if isinstance(notification, ua.StatusChangeNotification):
                self.fail(GapCause.SUBSCRIPTION_LOST, f"the server ended the subscription: {notification.Status.name}")
                return False
        if self._is_next(number, keep_alive=keep_alive):
            return True
        self.fail(GapCause.SUBSCRIPTION_LOST, "a notification of the server was lost on the way")
        return False

    def _note(self, changes: int) -> int:
        """A sign of life; gives the time of receipt."""
        if changes or not self.heartbeat:
            self.heard = time.monotonic()
        return now()

    def _see_events(self, notifications: Iterable[Any]) -> None:
        for event in [event for part in notifications for event in getattr(part, "Events", ())]:
            self.tell(self._conditions.take(event.EventFields))

    def _see_starts(self, starts: Iterable[ua.DataValue]) -> None:
        """A server that started anew behind the same address knows nothing of what it forgot (F02)."""
        for began in [data.Value.Value for data in starts if data.Value is not None]:
            if began is None:
                continue
            if self._started is not None and began != self._started:
                self.fail(GapCause.SUBSCRIPTION_LOST, f"the server started anew at {began:%Y-%m-%d %H:%M:%S} UTC")
            self._started = began

    def _with_overdue(self, frame: Frame) -> Frame:
        """The frame, and that tags have no value whose first one has not come in time."""
        if self._all_came:
            return frame
        self._waiting[frame.tag] = False
        late = self._overdue()
        return joined([frame, self._missed(late, frame.received)]) if late else frame

    def _row(self, item: ua.MonitoredItemNotification, received: int) -> Row:
        if item.ClientHandle > len(self._tags):
            raise ValueError(f"nothing is monitored under handle {item.ClientHandle}")
        self.latest.put(item.ClientHandle - 1, item.Value)
        return self._interpreter.row(item.ClientHandle - 1, item.Value, received)

    def _overdue(self) -> list[int]:
        if time.monotonic() < self._grace_ends:
            return []
        self._all_came = True
        late: list[int] = np.flatnonzero(self._waiting).tolist()
        return late

    def _missed(self, rows: list[int], received: int) -> Frame:
        return bad_frame(
            self._source,
            self._tags,
            status=StatusCode.BAD_WAITING_FOR_INITIAL_DATA,
            reason=Reason.NO_VALUE,
            received=received,
            rows=rows,
        )

    def _is_next(self, number: int, *, keep_alive: bool) -> bool:
        """Whether nothing is missing before this sequence number (OPC 10000-4, 5.14.1.1).

        A keep-alive has the number of the notification to come, which it does not use up.
        """
        in_order = self._expected in (None, number)
        self._expected = number if keep_alive else number % _LAST_NUMBER + 1
        return in_order
