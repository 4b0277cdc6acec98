"""Until when something is due: whose term counts, and how it is counted."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.agreement.agreement import Agreement
from gateway.agreement.deadlines import Due, counted, deadline
from gateway.agreement.profile import load_profiles
from gateway.agreement.terms import NoticeKind, Term, Unit
from gateway.agreement.working_days import LAST_YEAR, WorkingDays
from tests.gateway.agreement.samples import Data, agreement, document

CHINA = ZoneInfo("Asia/Shanghai")
CALENDAR = WorkingDays()
PROFILES = load_profiles(["national-cn", "hebei-example", "cmo-a-example"])
END = time(23, 59, 59, 999999)
TERMS = st.builds(Term, amount=st.integers(1, 10000), unit=st.sampled_from(Unit))


def micros(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def local(due: int) -> datetime:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=due)).astimezone(CHINA)


def silent(*kinds: str) -> Agreement:
    """The sample without terms for these kinds."""
    data: Data = document("holder-b")
    for one in data["notices"]:
        if one["kind"] in kinds:
            for step in one["deadlines"]:
                step.pop("term")
    return Agreement.model_validate(data)


def due(kind: str, step: str, grade: str | None, of: Agreement | None = None, at: datetime | None = None) -> Due:
    moment = at or datetime(2026, 9, 30, 10, tzinfo=CHINA)
    found = deadline(of or agreement("holder-b"), PROFILES, NoticeKind(kind), step, grade=grade, moment=micros(moment))
    assert found is not None
    return found


def test_working_days_go_around_a_bridged_holiday() -> None:
    """Two working days after 30 September 2026: the 8th and 9th of October."""
    found = due("deviation", "told", "major")
    assert local(found.moment) == datetime.combine(date(2026, 10, 9), END, CHINA)
    assert (found.clause, found.estimated, found.unverified) == ("11.5", False, False)


def test_a_term_into_a_year_that_nobody_told_is_estimated() -> None:
    """Weekends only, and it is said."""
    assert due("deviation", "answered", None, at=datetime(LAST_YEAR, 12, 28, 9, tzinfo=CHINA)).estimated


@given(st.integers(1_100_000_000, 1_790_000_000), st.integers(1, 400))
def test_hours_are_counted_from_the_moment_and_days_from_the_day_after(second: int, amount: int) -> None:
    """Civil Code art. 201: hours from when it happened; of days the first does not count, the last ends at midnight."""
    moment = datetime.fromtimestamp(second, CHINA)
    hours = counted(Term(amount=amount, unit=Unit.HOURS), micros(moment), CHINA, CALENDAR)
    assert hours.moment == micros(moment) + amount * 3_600_000_000
    days = local(counted(Term(amount=amount, unit=Unit.DAYS), micros(moment), CHINA, CALENDAR).moment)
    assert (days.date(), days.time()) == (moment.date() + timedelta(days=amount), END)


def test_the_day_is_that_of_the_agreements_zone() -> None:
    """17:30 UTC is the next day in China."""
    late = datetime(2026, 3, 1, 17, 30, tzinfo=UTC)
    found = counted(Term(amount=1, unit=Unit.DAYS), micros(late), CHINA, CALENDAR)
    assert local(found.moment).date() == date(2026, 3, 3)


@pytest.mark.parametrize(
    ("start", "end"), [(date(2026, 1, 31), date(2026, 2, 28)), (date(2026, 11, 23), date(2026, 12, 23))]
)
def test_months_end_on_the_corresponding_day_or_the_last_of_the_month(start: date, end: date) -> None:
    """Civil Code art. 202."""
    moment = datetime.combine(start, time(9), CHINA)
    assert local(counted(Term(amount=1, unit=Unit.MONTHS), micros(moment), CHINA, CALENDAR).moment).date() == end


def test_what_comes_before_is_counted_back() -> None:
    """A change is proposed 30 days before it, records' destruction three months."""
    assert local(due("change", "proposed", None).moment).date() == date(2026, 8, 31)
    assert local(due("destruction", "told", None).moment).date() == date(2026, 6, 30)


def test_the_agreement_goes_before_a_profile_even_where_it_is_looser() -> None:
    """Where the profile does not bind."""
    data = document("holder-b")
    next(one for one in data["notices"] if one["kind"] == "complaint")["deadlines"][0]["term"] = {"amount": 3}
    assert local(due("complaint", "told", None, Agreement.model_validate(data)).moment).date() == date(2026, 10, 10)


def test_where_the_agreement_is_silent_the_last_profile_speaks_that_has_a_term() -> None:
    """And says that its source was never read."""
    found = due("deviation", "answered", None, silent("deviation"))
    assert (found.clause, found.unverified) == ("cmo-a-example: SOP-QA-07 (example)", True)
    assert due("deviation", "told", "critical", silent("deviation")).clause.startswith("national-cn: ")


def test_the_stricter_term_of_a_recall_is_due() -> None:
    """An agreement of seven days for each class; the country binds with 1 day, the company with 48 hours."""
    data = document("holder-b")
    for step in next(one for one in data["notices"] if one["kind"] == "recall")["deadlines"]:
        step["term"] = {"amount": 7, "unit": "days"}
    lax = Agreement.model_validate(data)
    first, second = (due("recall", "told", grade, lax) for grade in ("class_1", "class_2"))
    assert (first.term, first.clause) == (Term(amount=1, unit=Unit.DAYS), "national-cn: 药品召回管理办法 2022")
    assert (second.term.amount, second.term.unit) == (48, Unit.HOURS)
    assert due("recall", "told", "class_1").term.unit is Unit.HOURS  # the sample is stricter than both


def test_a_class_that_is_not_known_yet_has_the_strictest_term() -> None:
    """24 hours of a critical deviation."""
    assert due("deviation", "told", None) == due("deviation", "told", "critical")


def test_a_later_entry_stands_in_place_of_the_one_before_from_its_day_on() -> None:
    """The recall rules of 2007 until the end of October 2022; the company's promise from 2027 on."""
    of = silent("recall", "deviation")
    before, after = (datetime(2022, month, 1, 9, tzinfo=CHINA) for month in (10, 11))
    national = load_profiles(["national-cn"])
    terms = [
        deadline(of, national, NoticeKind.RECALL, "told", grade="class_2", moment=micros(moment))
        for moment in (before, after)
    ]
    assert [(one.term.amount, one.term.unit) for one in terms if one] == [(48, Unit.HOURS), (3, Unit.DAYS)]
    year_end = due("deviation", "answered", None, of, datetime(2026, 12, 31, 9, tzinfo=CHINA))
    new_year = due("deviation", "answered", None, of, datetime(2027, 1, 1, 9, tzinfo=CHINA))
    assert (year_end.term.amount, new_year.term.amount) == (10, 5)


def test_nothing_is_due_where_neither_says_anything() -> None:
    """A step that nobody knows."""
    assert deadline(agreement("holder-b"), (), NoticeKind.CREDIT, "sung", grade=None, moment=0) is None


def test_at_once_without_a_number_takes_that_of_the_profile() -> None:
    """Until the agreement is mended."""
    data = document("holder-b")
    next(one for one in data["notices"] if one["kind"] == "refusal")["deadlines"][0]["term"] = {"at_once": True}
    assert due("refusal", "told", None, Agreement.model_validate(data)).term == Term(
        amount=4, unit=Unit.HOURS, at_once=True
    )


@given(TERMS, st.integers(-(2**63), 2**63 - 1), st.booleans())
def test_no_term_and_no_moment_end_in_an_error(term: Term, moment: int, before: bool) -> None:
    """Whatever a record says when it happened."""
    found = counted(term, moment, CHINA, CALENDAR, before=before)
    assert 0 <= found.moment <= micros(datetime(9999, 12, 31, tzinfo=UTC)) or before
