"""What the node knows at this moment: the newest reading of each tag, what is open, how old it is. Memory only.

A projection like the archive, fed with the same messages after they are stored, and filled from the archive at start.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from gateway.archive.lives import ASIDE, EVER, AlarmLife
from gateway.intake.inspection import Inspected, Standing
from gateway.intake.message import Message
from gateway.intake.newest import Newest
from schemas.frame import NO_TIME, Frame
from schemas.records import Alarm, AlarmEvent, Gap

if TYPE_CHECKING:  # the line page has no archive
    from gateway.archive.archive import Archive

LATENCY_WINDOW = 60_000_000
"""Microseconds of arrivals that the latency is taken over."""


@dataclass(slots=True)
class Live:
    """Newest readings by tag, contacts by source, alarms and gaps by id. Times are UTC microseconds."""

    readings: Newest = field(default_factory=Newest)
    contacts: dict[str, int] = field(default_factory=dict)
    alarms: dict[UUID, AlarmLife] = field(default_factory=dict)
    """Those that are open."""
    held: dict[UUID, Alarm] = field(default_factory=dict)
    """The last step of each that is shelved, suppressed by design or out of service, by alarm id."""
    gaps: dict[UUID, Gap] = field(default_factory=dict)
    streams: dict[str, Standing] = field(default_factory=dict)
    problem: str | None = None
    """What was done to the topics, as far as reading them shows it; the latest."""
    outdated: bool = False
    """Something came late or was corrected: only the archive can tell what is newest now."""
    far: dict[str, tuple[int, int]] = field(default_factory=dict)
    """By who sends: of the messages in its topics how many are read, and how many there are; equal once caught up."""
    findings: int = 0
    messages: int = 0
    quarantined: int = 0
    arrived: int | None = None
    appended: int | None = None
    """Kafka's time of the newest message."""
    _last_numbers: dict[str, int] = field(default_factory=dict)
    _latencies: deque[tuple[int, NDArray[np.int64]]] = field(default_factory=deque)

    @classmethod
    def of(cls, archive: "Archive") -> "Live":
        """As the archive left it."""
        span = (0, EVER)
        return cls(
            readings=Newest(archive.latest()),
            contacts=archive.contacts(),
            alarms={life.last.alarm: life for life in archive.alarms(*span) if life.open},
            held={step.alarm: step for step in archive.held_alarms()},
            gaps={gap.gap: gap for gap in archive.gaps(*span) if gap.ended is None},
            streams=archive.standings(),
            findings=archive.counts()["findings"],
            quarantined=archive.counts()["quarantine"],
            _last_numbers=archive.last_numbers(),
        )

    @classmethod
    def at(cls, archive: "Archive", moment: int) -> "Live":
        """As it stood at a moment of the past; of streams it knows nothing."""
        from gateway.archive import past  # noqa: PLC0415 - the line page has no archive

        return cls(
            readings=Newest(past.latest_at(archive, moment)),
            contacts=past.contacts_at(archive, moment),
            alarms={life.last.alarm: life for life in past.alarms_at(archive, moment)},
            held={step.alarm: step for step in past.held_at(archive, moment)},
            gaps={gap.gap: gap for gap in past.gaps_at(archive, moment)},
        )

    def renew(self, fresh: "Live") -> None:
        """Take over what the archive says; what only the running node knows stays."""
        self.readings, self.contacts = fresh.readings, fresh.contacts
        self.alarms, self.held, self.gaps = fresh.alarms, fresh.held, fresh.gaps
        self.findings, self.quarantined = fresh.findings, fresh.quarantined
        self.outdated = False

    def apply_inspected(self, inspected: Inspected) -> None:
        """Take in a batch with what the verifiers said of it."""
        self.apply(inspected.messages)
        self.streams |= inspected.standings
        self.findings += sum(finding.alarms for finding in inspected.findings)
        self.outdated |= bool(inspected.corrections)

    def apply(self, messages: Sequence[Message]) -> None:
        """Take in messages in their order."""
        frames = [message.record for message in messages if isinstance(message.record, Frame)]
        self.readings.take(frame for frame in frames if not (frame.backfilled or frame.late))
        for message in messages:
            self.messages += 1
            self.arrived, self.appended = message.arrived, message.appended
            if message.record is not None:
                self._follow(message)
            match message.record:
                case Frame() as frame:
                    self._apply_frame(frame, message.arrived)
                case Alarm() as alarm:
                    self._apply_alarm(alarm)
                case Gap() as gap:
                    self._apply_gap(gap)
                case None:
                    self.quarantined += 1

    @property
    def last_numbers(self) -> Mapping[str, int]:
        """The highest number of each stream that came."""
        return self._last_numbers

    def _follow(self, message: Message) -> None:
        last = self._last_numbers.get(message.stream, 0)
        self.outdated |= message.last_number < last
        self._last_numbers[message.stream] = max(last, message.last_number)

    def _apply_frame(self, frame: Frame, arrived: int) -> None:
        if frame.backfilled or frame.late:
            return
        if not frame.lost:
            self.contacts[frame.source] = frame.received
        timed = frame.source_time[frame.source_time != NO_TIME]
        if len(timed):
            self._latencies.append((arrived, arrived - timed))
        while self._latencies and self._latencies[0][0] < arrived - LATENCY_WINDOW:
            self._latencies.popleft()

    def _apply_alarm(self, alarm: Alarm) -> None:
        known = self.alarms.get(alarm.alarm) or AlarmLife(last=alarm, raised=alarm.time)
        life = known.step(alarm)
        if life.open:
            self.alarms[alarm.alarm] = life
        else:
            self.alarms.pop(alarm.alarm, None)
        if alarm.event is AlarmEvent.PASSED:
            return
        self.held.pop(alarm.alarm, None)
        if alarm.state in ASIDE:
            self.held[alarm.alarm] = alarm

    def _apply_gap(self, gap: Gap) -> None:
        if gap.ended is None:
            self.gaps[gap.gap] = gap
        else:
            self.gaps.pop(gap.gap, None)

    def latency(self, percentiles: Iterable[float]) -> list[float]:
        """From the device's time to the arrival here, milliseconds, over the last minute; empty when none is timed."""
        if not self._latencies:
            return []
        return [
            float(p) / 1000
            for p in np.percentile(np.concatenate([part for _, part in self._latencies]), list(percentiles))
        ]
