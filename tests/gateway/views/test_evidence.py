"""Completeness, gaps and proof as the evidence page and its twin say them."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.archive.archive import FoundBefore
from gateway.intake.inspection import Standing
from gateway.intake.live import Live
from gateway.proof.findings import Code
from gateway.views.evidence import FINDINGS, Received, SourceEvidence, evidence
from gateway.views.gaps import FILLED, NARROWEST, UNHEARD, GapRow, gap_row, stretches
from gateway.views.streams import LATE_AFTER, Numbers, Verdict, finding_row, stream_row, summary
from gateway.views.trend import Window
from schemas.records import Gap, GapCause
from tests.gateway.messages import SECOND, gap

NOW = 1000 * SECOND
STREAM = "cmo-a.line-3.holder-b.measurements.v1"
NONE = Numbers({}, {}, {})


def seen(
    *gaps: Gap, heard: int = NOW, first: int | None = 0, begin: int = 900, end: int = 1000, now: int = NOW
) -> SourceEvidence:
    """The source ems in a window of seconds, with these gaps."""
    firsts = {} if first is None else {"ems": first * SECOND}
    window = Window(begin * SECOND, end * SECOND)
    received = Received(window, gaps, {"ems": [1] * 60}, {}, (), firsts, NONE)
    (found,) = evidence(Live(contacts={"ems": heard}), received, now).sources
    return found


def lasting(began: int, ended: int | None) -> Gap:
    return gap(began * SECOND, None if ended is None else ended * SECOND)


@pytest.mark.parametrize(
    ("gaps", "percent"),
    [
        ([], 100),
        ([(910, 920)], 90),
        ([(910, 920), (915, 930)], 80),
        ([(800, 905), (995, 1100)], 90),
        ([(950, None)], 50),
        ([(0, None)], 0),
        ([(0, 900)], 100),
    ],
)
def test_a_source_is_complete_but_for_its_gaps(gaps: Sequence[tuple[int, int | None]], percent: float) -> None:
    """Each moment once, within the window; an open gap lasts until now."""
    assert seen(*(lasting(*pair) for pair in gaps)).percent == percent


def test_a_source_counts_from_its_first_record() -> None:
    """What was before is not missing; without any record there is nothing to speak of."""
    assert seen(lasting(980, 990), first=980).percent == 50
    assert seen(first=None).percent is None
    assert seen(first=1000).complete is None


def test_a_gap_that_was_filled_in_is_drawn_and_not_missing() -> None:
    """Its readings are here."""
    found = seen(replace(lasting(910, 920), backfilled=True, estimated=True))
    assert (found.percent, found.estimated) == (100, False)
    assert [stretch.kind for stretch in found.drawn] == [FILLED]


def test_a_silent_source_is_not_complete_although_nobody_told_a_gap() -> None:
    """From its last contact on; where a gap speaks already, the gap alone is drawn."""
    found = seen(heard=NOW - 40 * SECOND)
    assert found.percent == 60
    assert [(s.kind, s.began, s.ended) for s in found.drawn] == [(UNHEARD, 960 * SECOND, NOW)]
    both = seen(lasting(970, None), heard=NOW - 40 * SECOND)
    assert both.percent == 60
    assert [s.kind for s in both.drawn] == ["DEVICE_SILENT", UNHEARD]
    assert (both.drawn[1].began, both.drawn[1].ended) == (960 * SECOND, 970 * SECOND)
    assert seen(heard=NOW - 40 * SECOND, end=950).percent == 100


def test_estimated_bounds_make_the_figure_an_estimate() -> None:
    """And are said so."""
    assert seen(replace(lasting(910, 920), estimated=True)).estimated
    assert not seen(lasting(910, 920)).estimated


ROWS = st.lists(
    st.builds(
        lambda cause, began, length, lost, filled: gap_row(
            Gap(
                gap=uuid4(), source="ems", tags=(), began=began, ended=None if length is None else began + length,
                cause=cause, detail="", lost=lost, backfilled=filled,
            ), NOW
        ),
        st.sampled_from(GapCause), st.integers(0, 10_000), st.none() | st.integers(0, 300),
        st.none() | st.integers(0, 9), st.booleans(),
    ),
    max_size=60,
)  # fmt: skip


@given(ROWS)
def test_every_gap_is_drawn_however_many_there_are(rows: list[GapRow]) -> None:
    """In a stretch of its kind that reaches over it; stretches of a kind stand apart; no count and no loss is lost."""
    drawn = stretches(rows, 0, 10_000)
    for row in rows:
        kind = FILLED if row.backfilled else row.cause
        assert any(
            s.kind == kind
            and s.began <= row.began
            and (s.ended is None or (row.ended is not None and s.ended >= row.ended))
            for s in drawn
        )
    assert sum(s.count for s in drawn) == len(rows)
    assert sum(s.lost or 0 for s in drawn) == sum(row.lost or 0 for row in rows)
    for kind in {s.kind for s in drawn}:
        same = [s for s in drawn if s.kind == kind]
        near = 10_000 * NARROWEST / 100
        assert all(a.ended is not None and a.ended + near < b.began for a, b in pairwise(same))


def standing(received: int, verified: int, age: int | None = 3) -> Standing:
    sealed = None if age is None else NOW // SECOND - age
    return Standing(received, verified, sealed, verified, sealed)


@pytest.mark.parametrize(
    ("known", "age", "verdict"),
    [
        (NONE, 3, Verdict.PROVEN),
        (NONE, LATE_AFTER // SECOND, Verdict.LATE),
        (NONE, None, Verdict.UNSEALED),
        (Numbers({STREAM: [(3, 4), (11, 14)]}, {}, {}), 3, Verdict.MISSING),
        (Numbers({STREAM: [(3, 4), (11, 14)]}, {STREAM: [(11, 14)]}, {}), 3, Verdict.PROVEN),
    ],
)
def test_a_stream_is_proven_only_if_nothing_speaks_against_it(
    known: Numbers, age: int | None, verdict: Verdict
) -> None:
    """A fresh seal that holds, and no number missing that did not come later."""
    assert stream_row(STREAM, standing(10, 10, age), known, NOW).verdict is verdict


def test_missing_numbers_are_those_that_have_not_come() -> None:
    """Neither without a hole nor behind one."""
    row = stream_row(STREAM, standing(10, 8), Numbers({STREAM: [(8, 20)]}, {STREAM: [(15, 16)]}, {STREAM: 2}), NOW)
    assert row.missing == ((11, 14), (17, 20))
    assert (row.lacking, row.leaves_only, row.confirmed, row.confirmed_at) == (8, 2, 8, NOW - 3 * SECOND)


def test_all_streams_together_are_as_good_as_the_worst() -> None:
    """Numbers add up; the time is that of the oldest newest seal."""
    known = Numbers({"a": [(11, 12)]}, {}, {"b": 1})
    rows = [
        stream_row("a", standing(10, 10, 5), known, NOW),
        stream_row("b", standing(7, 4, 100), known, NOW),
        stream_row("c", standing(2, 0, None), known, NOW),
    ]
    found = summary(rows, NOW)
    assert found is not None
    assert (found.verdict, found.proven, found.waiting, found.missing) == (Verdict.MISSING, 14, 5, 2)
    assert (found.leaves_only, found.unsealed, found.late, found.to) == (1, 1, 1, NOW - 100 * SECOND)
    assert summary([], NOW) is None


@pytest.mark.parametrize(
    ("code", "first", "came"), [(Code.MISSING, 3, True), (Code.MISSING, 11, False), (Code.ALTERED, 3, False)]
)
def test_a_finding_says_whether_what_was_missing_has_come(code: Code, first: int, came: bool) -> None:
    """Only what was missing can come."""
    found = FoundBefore(code.value, STREAM, first, first, "", NOW)
    assert finding_row(found, {STREAM: standing(10, 10)}, NONE).came is came
    assert not finding_row(found, {}, NONE).came


def test_more_findings_than_are_listed_are_said() -> None:
    """So that nobody takes the list for all."""
    window = Window(0, NOW)
    found = [FoundBefore("altered", STREAM, n, n, "", n) for n in range(FINDINGS + 1)]
    view = evidence(Live(), Received(window, (), {}, {}, found, {}, NONE), NOW)
    assert (len(view.findings), view.more_findings) == (FINDINGS, True)
    view = evidence(Live(), Received(window, (), {}, {}, found[1:], {}, NONE), NOW)
    assert (len(view.findings), view.more_findings) == (FINDINGS, False)
