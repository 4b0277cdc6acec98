"""Figures and verdicts of a capability report: each requirement met, broken, and not evaluable."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.agreement.in_force import Signed
from gateway.archive.archive import Archive
from gateway.archive.capability import put_aside, recorded_readings
from gateway.archive.levels import LEVELS
from gateway.capability.archived import Capability, capability_of
from gateway.capability.capability import cut
from gateway.capability.facts import Recorded
from gateway.capability.requirements import Verdict
from gateway.completeness import percent
from gateway.reports.archived import NoReportError
from gateway.views.display import DAY, Clock
from schemas.codec import Record
from schemas.exported import Origin
from schemas.records import Alarm, AlarmEvent, AlarmState, GapCause
from tests.gateway.capability.support import BEGIN, CLAUSES, END, HOUR, SHOWN, filled, reported, result, signed
from tests.gateway.messages import SECOND, alarm, gap
from tests.gateway.reports.support import SITE

MET, NOT_MET, UNCLEAR = Verdict.MET, Verdict.NOT_MET, Verdict.NOT_EVALUABLE


def verdicts(report: Capability) -> dict[str, Verdict]:
    return {one.requirement: one.verdict for one in report.statements}


def codes(report: Capability, requirement: str) -> set[str]:
    (one,) = (one for one in report.statements if one.requirement == requirement)
    return {reason.code for reason in one.reasons if reason.verdict is not MET}


@pytest.fixture(scope="module")
def whole() -> Capability:
    return reported(filled())


def test_an_hour_without_fault_is_met_but_for_its_gap(whole: Capability) -> None:
    """A gap that is told with its cause leaves the data incomplete all the same."""
    found = verdicts(whole)
    assert found.pop("complete") is NOT_MET
    assert set(found.values()) == {MET}
    assert whole.figures.percent == percent(59, 60) == 98.33
    assert [(one.cause, one.count, one.open, one.longest) for one in whole.figures.causes] == [
        ("DEVICE_SILENT", 1, 0, 60 * SECOND)
    ]


def test_shares_tell_how_each_kind_came_to_be(whole: Capability) -> None:
    """Readings are counted one by one, results apart from them."""
    shares = {one.kind: one for one in whole.figures.shares}
    assert (shares["Frame"].direct, shares["Frame"].automatic) == (122, 100.0)
    results = shares["TestResult"]
    assert (results.exported, results.checked, results.all, results.automatic) == (1, 1, 2, 50.0)
    assert (shares["Weighing"].direct, shares["Weighing"].automatic) == (1, 100.0)


def test_a_share_is_rounded_down() -> None:
    """All but one of many thousands is not all."""
    many = filled([result(f"T-{at}") for at in range(3, 8)])
    (one,) = (one for one in reported(many).figures.shares if one.kind == "TestResult")
    assert one.automatic == 85.71


def test_systems_say_what_they_give(whole: Capability) -> None:
    """Completeness is told of those that give readings."""
    found = {one.seen.source: one for one in whole.figures.sources}
    assert set(found) == {"ems", "lims", "mes", "scale", "wms"}
    assert (found["ems"].seen.tags, found["ems"].readings, found["ems"].percent) == (2, 122, 98.33)
    assert (found["mes"].kinds, found["mes"].seen.files, found["mes"].percent) == (("BatchOrder", "BatchStep"), 1, None)
    assert found["scale"].seen.serials == ("B021002593",)


def test_without_records_nothing_is_met() -> None:
    """Whatever is agreed."""
    found = verdicts(reported(Archive(None)))
    assert {name for name, verdict in found.items() if verdict is MET} == {"agreed", "remote"}
    assert found["audits"] is not MET


def test_without_agreements_what_is_agreed_is_not_evaluable() -> None:
    """And so are both results."""
    found = verdicts(reported(filled(), known=False))
    assert {name: found[name] for name in ("agreed", "remote", "audits", "sterile")} == dict.fromkeys(
        ("agreed", "remote", "audits", "sterile"), UNCLEAR
    )


LONG_GAP = gap(BEGIN + 3000 * SECOND, None, gap=UUID(int=7))


@pytest.mark.parametrize(
    ("archive", "agreements", "requirement", "verdict", "code"),
    [
        (filled, Signed(()), "agreed", NOT_MET, "not_in_force"),
        (filled, signed(effective="2026-06-12"), "agreed", NOT_MET, "not_in_force"),
        (filled, signed(remote=False), "remote", NOT_MET, "no_remote"),
        (filled, signed(exchange=[CLAUSES[0] | {"families": ["measurements"]}]), "testing", NOT_MET,
         "not_agreed"),
        (lambda: filled([result("T-3", Origin.KEYED)]), None, "hand", NOT_MET, "unchecked"),
        (lambda: filled([result("T-3", Origin.SCANNED)]), None, "hand", NOT_MET, "scanned"),
        (lambda: filled([result("T-3", Origin.OTHER)]), None, "hand", UNCLEAR, "untold"),
        (lambda: filled([replace(result("T-3"), time=None)]), None, "hand", UNCLEAR, "undated"),
        (lambda: filled([LONG_GAP]), None, "explained", NOT_MET, "open_gaps"),
        (lambda: filled([replace(LONG_GAP, ended=END, cause=GapCause.OTHER)]), None, "explained", NOT_MET, "no_cause"),
        (lambda: filled(sealed=END - 1200 * SECOND), None, "authentic", UNCLEAR, "sealed_to"),
        (lambda: filled(sealed=END - 1200 * SECOND), None, "exchanged", UNCLEAR, "confirmed_to"),
        (lambda: filled(without=frozenset({("gaps", 1)})), None, "complete", UNCLEAR, "lacking"),
    ],
)  # fmt: skip
def test_what_speaks_against_a_requirement_is_told(
    archive: Callable[[], Archive], agreements: Signed | None, requirement: str, verdict: Verdict, code: str
) -> None:
    """With the code of its words."""
    report = reported(archive(), agreements)
    assert verdicts(report)[requirement] is verdict
    assert code in codes(report, requirement)


def test_a_part_of_which_nothing_came_is_not_met_while_batches_are_made() -> None:
    """And not evaluable while none is told."""
    gone = frozenset({("results", 1), ("results", 2)})
    assert "none_came" in codes(reported(filled(without=gone)), "testing")
    made = frozenset({("batches", 1), ("batches", 2), *gone})
    assert "nothing_made" in codes(reported(filled(without=made)), "testing")


def test_a_source_that_fell_silent_counts_as_missing_and_is_named() -> None:
    """Until a gap says what it was."""
    late = END + HOUR
    report = capability_of(filled(sealed=late), SITE, signed(), (BEGIN, late), now=late)
    assert report.figures.percent is not None
    assert report.figures.percent < 50
    assert "silent" in codes(report, "explained")


def test_a_time_before_the_first_record_is_not_evaluable() -> None:
    """Completeness counts from the first record on, and says nothing of the days before."""
    report = capability_of(filled(), SITE, signed(), (BEGIN - DAY, END), now=END)
    assert codes(report, "explained") == {"begins_later"}
    assert verdicts(report)["audits"] is UNCLEAR


def test_findings_that_refute_are_against_authenticity() -> None:
    """A late seal is told, and does not refute."""
    archive = filled()
    put = "INSERT INTO findings VALUES (?, ?, 1, 1, 'x', ?, NULL, NULL)"
    archive.rows(put, ["late_seal", f"{SHOWN}.gaps.v1", BEGIN + 1])
    assert verdicts(reported(archive))["authentic"] is MET
    archive.rows(put, ["altered", f"{SHOWN}.gaps.v1", BEGIN + 1])
    assert codes(reported(archive), "authentic") == {"findings"}


NUMBERS = [("measurements", at) for at in (1, 2, 30, 60, 61)] + [
    *(("batches", at) for at in (1, 2)), *(("results", at) for at in (1, 2, 3)), ("materials", 1), ("gaps", 1),
    ("gaps", 2), ("weighings", 1),
]  # fmt: skip
WORSE: list[Record] = [result("T-3", Origin.KEYED), LONG_GAP]


@settings(max_examples=8, deadline=None)
@given(st.frozensets(st.sampled_from(NUMBERS), min_size=1), st.booleans())
def test_no_lost_record_makes_anything_better(lost: frozenset[tuple[str, int]], broken: bool) -> None:
    """Neither completeness nor a verdict; also where the lost record is the one that speaks against it."""
    before = reported(filled(WORSE if broken else ()))
    after = reported(filled(WORSE if broken else (), without=lost))
    was, now = verdicts(before), verdicts(after)
    assert [name for name in was if now[name] is MET and was[name] is not MET] == []
    if any(number <= {"measurements": 61, "gaps": 2 if broken else 1}.get(family, 9) for family, number in lost):
        assert (after.figures.percent or 0) <= (before.figures.percent or 0)


@pytest.mark.parametrize("shift", [0, 1, LEVELS[0].width // 2])
def test_readings_are_counted_the_same_with_and_without_cells(shift: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole cells, cut ones and what came since."""
    monkeypatch.setattr("gateway.archive.levels.ROLL", 50)
    archive, period = filled(), (BEGIN + shift, END - shift)
    assert archive.rows("SELECT count(*) FROM cells_of_minutes") > [(0,)]
    (there,) = archive.rows("SELECT count(*) FROM readings WHERE time >= ? AND time < ?", list(period))[0]
    assert recorded_readings(archive, *period) == [Recorded("ems", "Frame", "DIRECT", False, there)]


def test_conditions_put_aside_are_not_in_force() -> None:
    """From the step before the period on; a breach that passed meanwhile changes nothing."""

    def told(event: AlarmEvent, state: AlarmState, minute: int) -> Alarm:
        return alarm(event, state, BEGIN + minute * 60 * SECOND, alarm=UUID(int=minute + 100))

    steps = [
        told(AlarmEvent.SHELVED, AlarmState.SHELVED, -10), told(AlarmEvent.PASSED, AlarmState.SHELVED, 5),
        told(AlarmEvent.UNSHELVED, AlarmState.NORMAL, 15), told(AlarmEvent.SHELVED, AlarmState.SHELVED, 50),
    ]  # fmt: skip
    archive = filled(steps)
    assert put_aside(archive, BEGIN, END) == 25 * 60 * SECOND
    report = reported(archive)
    assert (report.facts.alarms, report.figures.in_force) == (2, percent(report.facts.conditions * 60 - 25,
                                                                         report.facts.conditions * 60))  # fmt: skip


def test_a_period_is_cut_at_the_plants_midnights_or_months() -> None:
    """Days up to two months, months beyond."""
    clock = Clock.of("Asia/Shanghai")
    assert cut(BEGIN, BEGIN + DAY, clock) == [(BEGIN, BEGIN + 12 * HOUR), (BEGIN + 12 * HOUR, BEGIN + DAY)]
    months = cut(BEGIN, BEGIN + 365 * DAY, clock)
    assert len(months) == 13
    assert {f"{clock.local(begin):%d %H:%M:%S}" for begin, _ in months[1:]} == {"01 00:00:00"}


def test_there_is_no_report_on_what_has_not_begun() -> None:
    """It says so."""
    with pytest.raises(NoReportError, match="nothing of this period has passed"):
        capability_of(Archive(None), SITE, None, (END, END + HOUR), now=END)


def test_a_number_lost_before_the_period_does_not_speak_of_it() -> None:
    """Where frames around it say when it was."""
    archive = filled(without=frozenset({("measurements", 3)}))
    put = "INSERT INTO findings VALUES ('missing', ?, 3, 3, 'x', ?, NULL, NULL)"
    archive.rows(put, [f"{SHOWN}.measurements.v1", BEGIN])
    later = capability_of(archive, SITE, signed(), (BEGIN + 1800 * SECOND, END), now=END)
    assert later.figures.lacking == 0
    assert capability_of(archive, SITE, signed(), (BEGIN, END), now=END).figures.lacking == 1
