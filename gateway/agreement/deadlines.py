"""Until when something is due: the term of the agreement or of its profiles, counted on the plant's calendar. Pure.

Hours are counted in hours from the moment. Days, working days and months are counted from the day after, to the end
of the last day in the agreement's zone (Civil Code art. 201 to 203). Art. 203 would put off an end that falls on a
holiday; here it is not put off: that is the stricter reading, and who wants the other agrees on working days.
"""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from gateway.agreement.agreement import Agreement
from gateway.agreement.profile import Profile, ProfileTerm, terms, working_days
from gateway.agreement.terms import Deadline, NoticeKind, Term, Unit
from gateway.agreement.working_days import Counted, WorkingDays

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_END_OF_DAY = time(23, 59, 59, 999999)
_LAST = datetime(9999, 12, 30, 23, 59, 59, 999999, UTC)


@dataclass(frozen=True, slots=True)
class Due:
    """When something is due, and where that stands."""

    moment: int
    """UTC microseconds; of days the last one of the day."""
    clause: str
    """Clause of the agreement; where a profile decides, `profile: source`."""
    term: Term
    estimated: bool = False
    """Whether a year was counted through whose holidays nobody told yet."""
    unverified: bool = False
    """Whether the profile's source was never read: to be checked before anybody relies on it."""


@dataclass(frozen=True, slots=True)
class _Asked:
    kind: NoticeKind
    step: str
    grade: str | None

    def meets(self, kind: NoticeKind, one: Deadline | ProfileTerm) -> bool:
        fits = self.grade is None or not one.classes or self.grade in one.classes
        return (self.kind, self.step) == (kind, one.step) and fits


@dataclass(frozen=True, slots=True)
class _Candidate:
    term: Term
    clause: str
    before: bool
    binding: bool = False
    unverified: bool = False


def deadline(
    agreement: Agreement,
    profiles: Sequence[Profile],
    kind: NoticeKind,
    step: str,
    *,
    grade: str | None,
    moment: int,
) -> Due | None:
    """When that step is due, from `moment` (UTC microseconds) on; None where neither agreement nor profile says it.

    The agreement's term counts, or where it is silent that of the last profile that has one. Terms that bind, as those
    of recalls, count beside it: the earliest of all is due. `grade` is the class, None where it is not known yet: then
    the strictest class counts.
    """
    zone = ZoneInfo(agreement.zone)
    day = _local(moment, zone).date()
    calendar = working_days(profiles)
    asked = _Asked(kind, step, grade)
    found = [_due(one, moment, zone, calendar) for one in _candidates(agreement, profiles, asked, day)]
    return min(found, key=lambda due: due.moment, default=None)


def counted(term: Term, moment: int, zone: ZoneInfo, calendar: WorkingDays, *, before: bool = False) -> Due:
    """The end of a term that begins at `moment`; with `before` the last moment that is so long before it."""
    return _due(_Candidate(term, "", before), moment, zone, calendar)


def _candidates(agreement: Agreement, profiles: Sequence[Profile], asked: _Asked, day: date) -> Iterator[_Candidate]:
    own = [
        _Candidate(one.term, one.clause, one.before)
        for notice in agreement.notices
        for one in notice.deadlines
        if asked.meets(notice.kind, one) and one.term is not None and one.term.amount is not None
    ]
    yield from own
    silent = not own
    for profile in reversed(profiles):
        fitting = [one for one in terms(profile, day) if asked.meets(one.kind, one)]
        yield from (_from(profile, one) for one in fitting if one.binding or silent)
        silent = silent and not fitting


def _from(profile: Profile, one: ProfileTerm) -> _Candidate:
    return _Candidate(one.term, f"{profile.name}: {one.source}", one.before, one.binding, one.unverified)


def _due(one: _Candidate, moment: int, zone: ZoneInfo, calendar: WorkingDays) -> Due:
    """A term that ends beyond all calendars ends on their last day."""
    amount = (-1 if one.before else 1) * (one.term.amount or 0)
    try:
        if one.term.unit is Unit.HOURS:
            end, estimated = _instant(moment) + timedelta(hours=amount), False
        else:
            last = _last_day(_local(moment, zone).date(), amount, one.term.unit, calendar)
            end, estimated = datetime.combine(last.day, _END_OF_DAY, zone), last.estimated
        due = _microseconds(end)
    except OverflowError:
        due, estimated = (0 if one.before else _microseconds(_LAST)), True
    return Due(due, one.clause, one.term, estimated, one.unverified)


def _last_day(day: date, amount: int, unit: Unit, calendar: WorkingDays) -> Counted:
    match unit:
        case Unit.WORKING_DAYS:
            return calendar.count(day, amount)
        case Unit.MONTHS:
            return Counted(months_after(day, amount))
        case _:
            return Counted(day + timedelta(days=amount))


def months_after(day: date, months: int) -> date:
    """The corresponding day, or the last of a month that has none (Civil Code art. 202)."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise OverflowError
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _instant(moment: int) -> datetime:
    """The moment, within what every zone's calendar can say."""
    return _EPOCH + timedelta(microseconds=min(max(moment, 0), _microseconds(_LAST)))


def _local(moment: int, zone: ZoneInfo) -> datetime:
    return _instant(moment).astimezone(zone)


def _microseconds(end: datetime) -> int:
    return (end - _EPOCH) // timedelta(microseconds=1)
