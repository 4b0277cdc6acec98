"""A report out of an archive says what is there, and what is not."""

from dataclasses import replace
from uuid import uuid4

import numpy as np
import pytest

from gateway.archive import reporting
from gateway.archive.reporting import Rest
from gateway.reports.archived import NoReportError
from gateway.reports.report import Report, TagReport, Unmonitored
from gateway.reports.spells import Spell
from schemas.records import AlarmEvent, AlarmState
from schemas.status import StatusCode
from tests.gateway.holder import Holder, Sent
from tests.gateway.messages import SECOND, gap
from tests.gateway.reports.support import BEGIN, END, MINUTE, filled, messages, reported, said, step


def of(report: Report, tag: str) -> TagReport:
    return next(one for one in report.tags if one.subject.tag == tag)


def seconds(one: TagReport) -> dict[str, float]:
    return {spell.name: length / SECOND for spell, length in one.figures.durations.items() if length}


def test_time_in_limits_is_that_of_the_records() -> None:
    """Second by second from the readings; silent for a minute, of which 15 s are still heard of."""
    report = reported(filled())
    assert seconds(of(report, "S1.Temperature")) == {"WITHIN": 435, "ALERT": 60, "ACTION": 60, "UNMONITORED": 45}
    assert seconds(of(report, "S1.DP.C1")) == {"WITHIN": 525, "BAD": 30, "UNMONITORED": 45}
    assert seconds(of(report, "S1.Count.PerM3")) == {"WITHIN": 555, "UNMONITORED": 45}
    assert of(report, "S1.Temperature").without_value == ((BEGIN + 315 * SECOND, BEGIN + 360 * SECOND),)


def test_a_gap_ends_what_was_known() -> None:
    """Of the tag that it names, until that is read again; without a level no time is in limits."""
    found = of(reported(filled()), "S1.Humidity")
    assert seconds(found) == {"NO_LEVEL": 375, "UNMONITORED": 225}
    assert found.figures.judged == 0


def test_a_gap_that_was_filled_in_later_is_not_missing() -> None:
    """Nor is the silence of the source around it."""
    archive = filled()
    told = replace(gap(BEGIN + 300 * SECOND, BEGIN + 360 * SECOND), tags=(), backfilled=True)
    back = replace(said(600, {"S1.Temperature": 20.5}), backfilled=True)
    memory = [replace(back, source_time=np.array([BEGIN + at * SECOND])) for at in (310, 330, 350)]
    archive.store([replace(one, number=one.number + 100) for one in messages([told, *memory]) if one.number])
    found = of(reported(archive), "S1.Temperature")
    assert seconds(found) == {"WITHIN": 480, "ALERT": 60, "ACTION": 60}
    assert found.figures.counts.good == 9


def test_figures_are_weighted_by_time() -> None:
    """Typed from the readings; the 45 s without a value count for nothing."""
    found = of(reported(filled()), "S1.Temperature").figures
    celsius = np.repeat([20.0, 24.0, 26.0, 27.5, 20.0, 20.0], [60, 60, 30, 30, 135, 240])
    assert found.mean == pytest.approx(celsius.mean())
    assert found.percentiles == tuple(np.percentile(celsius, [5, 50, 95], method="inverted_cdf"))
    assert (found.minimum, found.maximum) == (20.0, 27.5)
    kinetic = -10_000 / np.log(np.exp(-10_000 / (celsius + 273.15)).mean()) - 273.15
    assert found.mean_kinetic == pytest.approx(kinetic)


def test_only_a_store_has_a_mean_kinetic_temperature() -> None:
    """And only of its temperature."""
    report = reported(filled())
    assert [one.subject.tag for one in report.tags if one.figures.mean_kinetic is not None] == ["S1.Temperature"]
    assert of(reported(filled(), "C1"), "S1.DP.C1").figures.mean_kinetic is None


def test_a_value_in_another_unit_is_no_reading() -> None:
    """It is Bad, whatever its number."""
    archive = filled()
    wrong = said(560, {"S1.Temperature": 68.0})
    wrong = replace(wrong, tags=replace(wrong.tags, units=("[degF]", *wrong.tags.units[1:])))
    archive.store([replace(one, number=500) for one in messages([wrong])])
    found = of(reported(archive), "S1.Temperature")
    assert seconds(found)["BAD"] == 40
    assert found.figures.maximum == 27.5


def test_excursions_have_their_facts_and_breaches_their_peak() -> None:
    """Begin, end, farthest value, who acknowledged it, which batch; what passed without an alarm is counted."""
    report = reported(filled())
    (one,) = report.alarms
    assert (one.since, one.returned) == (BEGIN + 120 * SECOND, BEGIN + 180 * SECOND)
    assert (one.extreme, one.acknowledged_by, one.batch) == (27.5, "王莉", "B-77")
    (passed,) = report.passed
    assert (passed.condition, passed.count, passed.longest, passed.extreme) == ("S1.Temperature.HIGH", 1, 4.5, 25.4)


def test_an_alarm_by_another_limit_than_is_agreed_is_marked() -> None:
    """The one of the ten minutes is not."""
    archive, other = filled(), uuid4()
    assert reported(archive).other_limits == frozenset()
    raised = replace(step(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, 300, other), id=other, limit=30.0)
    archive.store([replace(one, number=500) for one in messages([raised])])
    assert reported(archive).other_limits == {other}


def test_how_well_the_alarms_serve_is_told_of_the_room_and_of_all() -> None:
    """The one alarm of the ten minutes was acknowledged after 70 s; another room's counts only among all."""
    archive = filled()
    other = replace(step(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, 300, uuid4()), room="X1", condition="X", tag="X")
    archive.store([replace(one, number=500) for one in messages([other])])
    report = reported(archive)
    own, all_ = report.performance, report.of_all
    assert (own.figures.raised, own.per_hour, own.per_operator_hour) == (1, 6.0, 6.0)
    assert (own.figures.top, own.figures.time_to_acknowledge) == ((("S1.Temperature.HIGH", 1),), 70 * SECOND)
    assert (all_.figures.raised, all_.per_operator_hour, all_.figures.unacknowledged) == (2, 12.0, 1)


def test_gaps_are_time_that_was_not_monitored() -> None:
    """How many times, the longest of them, and the gap records that speak of the room."""
    report = reported(filled())
    assert of(report, "S1.Temperature").unmonitored == Unmonitored(1, ((BEGIN + 315 * SECOND, BEGIN + 360 * SECOND),))
    assert of(report, "S1.Humidity").unmonitored == Unmonitored(
        2, ((BEGIN + 315 * SECOND, BEGIN + 360 * SECOND), (BEGIN + 420 * SECOND, END))
    )
    assert [(gap.began, gap.ended, gap.tags) for gap in report.gaps] == [
        (BEGIN + 420 * SECOND, BEGIN + 450 * SECOND, ("S1.Humidity",))
    ]
    assert reported(filled(), "C1").gaps == ()


def test_a_period_that_is_read_in_parts_gives_the_same_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """Minute by minute, also the silence of the source."""
    whole = reported(filled())
    monkeypatch.setattr(reporting, "ROWS_AT_ONCE", 1)
    monkeypatch.setattr(reporting, "HOUR", MINUTE)
    monkeypatch.setattr(reporting, "WEEK", 354 * SECOND)  # one of these ends while nothing is heard
    archive = filled()
    cuts = list(reporting.parts(archive, ["S1.Temperature"], BEGIN, END))
    assert cuts[:3] == [(BEGIN + n * MINUTE, BEGIN + (n + 1) * MINUTE) for n in range(3)]
    assert (cuts[-1][1], len(cuts)) == (END, 5)
    for found, one in zip(reported(archive).tags, whole.tags, strict=True):
        assert replace(found.figures, mean=None, mean_kinetic=None) == replace(
            one.figures, mean=None, mean_kinetic=None
        )
        assert found.figures.mean == pytest.approx(one.figures.mean)
        assert (found.without_value, found.unmonitored) == (one.without_value, one.unmonitored)


def test_results_of_samples_have_a_verdict() -> None:
    """Against alert and action level; a point without any result has none."""
    report = reported(filled())
    assert [(one.value, one.spell) for one in report.results] == [(30.0, Spell.ALERT), (51.0, Spell.ACTION)]
    assert reported(filled(), begin=BEGIN, end=BEGIN + MINUTE).results == ()


def test_a_bad_result_is_no_number() -> None:
    """It stands there as no result."""
    archive = filled()
    archive.store([replace(one, number=500) for one in messages([said(560, {"S1.SP1.Count": 3.0}, 0x80000000)])])
    assert [(one.value, one.spell) for one in reported(archive).results][2:] == [(None, Spell.BAD)]


def test_the_report_names_the_numbers_that_it_rests_on() -> None:
    """Of each stream those of the period, also frames that say nothing new; nothing is proven without a seal."""
    assert reported(filled()).rests == (
        Rest("cmo-a.line-3.holder-b.alarms.v1", 1, 4, 0, 0, None, 0),
        Rest("cmo-a.line-3.holder-b.gaps.v1", 1, 1, 0, 0, None, 0),
        Rest("cmo-a.line-3.holder-b.measurements.v1", 1, 65, 0, 0, None, 0),
    )
    assert not any(one.proven for one in reported(filled()).rests)


def test_a_gap_that_was_over_before_is_no_part_of_it() -> None:
    """Although its first record does not say so."""
    archive = filled()
    old = replace(gap(BEGIN - 9 * MINUTE, None), tags=())
    archive.store([replace(one, number=one.number + 100) for one in messages([old, replace(old, id=uuid4(),
                   ended=BEGIN - 8 * MINUTE)]) if one.number])  # fmt: skip
    (gaps,) = (one for one in reported(archive).rests if ".gaps." in one.stream)
    assert (gaps.first, gaps.last) == (1, 1)
    assert len(reported(archive).gaps) == 1


def test_what_is_missing_in_a_stream_is_told() -> None:
    """By how many numbers; seals prove up to the hole."""
    holder, sent = Holder(), Sent(8)
    holder.take(sent.messages[:4], [sent.seal(4, 1)])
    first = 1_700_000_000 * SECOND
    (rest,) = reported(holder.archive, begin=first, end=first + 5 * SECOND, now=END).rests
    assert (rest.first, rest.last, rest.missing, rest.verified, rest.proven) == (1, 4, 0, 4, True)
    holder.take(sent.messages[5:])
    (rest,) = reported(holder.archive, begin=first, end=first + 20 * SECOND, now=END).rests
    assert (rest.first, rest.last, rest.missing, rest.proven) == (1, 8, 1, False)


def test_a_period_that_is_not_over_is_reported_as_far_as_it_is_known() -> None:
    """The time to come is neither missing nor in limits."""
    report = reported(filled(), end=END + 60 * MINUTE, now=END)
    assert (report.end, report.until) == (END + 60 * MINUTE, END)
    assert sum(seconds(of(report, "S1.Temperature")).values()) == 600


def test_what_was_read_before_and_still_counts_is_drawn() -> None:
    """A tag that says nothing new has no reading in the period, and yet a value; a Bad one is not drawn."""
    found = of(reported(filled(), begin=BEGIN + 90 * SECOND, end=BEGIN + 110 * SECOND), "S1.Temperature")
    assert (found.trend.time.tolist(), found.drawn.tolist()) == ([BEGIN + 90 * SECOND], [24.0])
    assert (found.figures.mean, found.figures.counts.all) == (24.0, 0)
    bad = of(reported(filled(), begin=BEGIN + 245 * SECOND, end=BEGIN + 290 * SECOND), "S1.DP.C1")
    assert bad.drawn.tolist() == [14.0]


def test_before_the_first_record_everything_is_missing() -> None:
    """A report on an archive that knows nothing has no figure."""
    found = of(reported(filled(), begin=BEGIN - 10 * MINUTE, end=BEGIN), "S1.Temperature")
    assert seconds(found) == {"UNMONITORED": 600}
    assert found.figures.mean is None


@pytest.mark.parametrize(
    ("room", "begin", "said_"),
    [("X9", BEGIN, "no room X9; there are S1, C1"), ("S1", END, "nothing of this period has passed")],
)
def test_what_cannot_be_reported_is_refused_in_a_line(room: str, begin: int, said_: str) -> None:
    """With what to do."""
    with pytest.raises(NoReportError, match=said_):
        reported(filled(), room, begin)


def test_a_derived_tag_lives_as_long_as_its_sender_is_heard_of() -> None:
    """What the agent works out comes only when it changes, in frames of its own."""
    archive = filled()
    own = replace(said(0, {"S1.Count.PerM3": 900.0}), source="line-3")
    archive.store([replace(one, number=500) for one in messages([own])])
    assert seconds(of(reported(archive), "S1.Count.PerM3")) == {"WITHIN": 555, "UNMONITORED": 45}


def test_bad_values_are_counted_and_enter_nothing() -> None:
    """The Bad 5 Pa is no minimum."""
    found = of(reported(filled()), "S1.DP.C1").figures
    assert (found.counts.good, found.counts.bad, found.minimum) == (3, 1, 14.0)
    assert int(StatusCode.BAD) >> 31 == 1
