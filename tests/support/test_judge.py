"""The judge of the failure tests: it must see what they look for."""

from dataclasses import replace
from uuid import UUID

import pytest

from schemas.records import Gap, GapCause
from tests.support.judge import HOLE, Evidence, Sample, judge
from tests.support.truth import COUNTERS, value_of

SECOND = 1_000_000
STREAM = "cmo-t.line-t.holder-t.measurements.v1"


def leaf(number: int) -> bytes:
    return bytes([number]) * 32


def samples(*scans: int) -> list[Sample]:
    return [Sample(f"T.Count{at}", value_of(scan, at), scan * SECOND + 10) for scan in scans for at in range(COUNTERS)]


def entries(*numbers: int) -> list[tuple[tuple[str, int], bytes]]:
    return [((STREAM, number), leaf(number)) for number in numbers]


def gap(began: int, ended: int | None) -> Gap:
    id_ = UUID(int=began)
    return Gap(gap=id_, source="truth", tags=(), began=began, ended=ended, cause=GapCause.AGENT_STOPPED, detail="")


def honest() -> Evidence:
    """Four scans, a second apart, each an entry."""
    return Evidence(
        served={scan: scan * SECOND for scan in range(1, 5)},
        committed=dict(entries(1, 2, 3, 4)),
        sizes={STREAM: 4},
        archived=entries(1, 2, 3, 4),
        samples=samples(1, 2, 3, 4),
        topic=entries(1, 2, 3, 4),
    )


def test_an_honest_run_is_good() -> None:
    """Also when the last scan was under way as the agent ended, and when messages stand twice in the topic."""
    assert judge(honest()).good
    repeated = judge(replace(honest(), samples=samples(1, 2, 3), topic=entries(1, 2, 3, 4, 3, 4)))
    assert repeated.good
    assert repeated.repeats == 2


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ({"archived": entries(1, 2, 4)}, "lost"),
        ({"topic": entries(1, 2, 3)}, "lost"),
        ({"samples": samples(1, 2, 4)}, "lost"),
        ({"samples": samples(1, 2, 3, 4)[1:]}, "lost"),
        ({"archived": entries(1, 2, 3, 3, 4)}, "duplicated"),
        ({"samples": [*samples(1, 2, 3, 4), samples(2)[0]]}, "duplicated"),
        ({"records": [UUID(int=1), UUID(int=1)]}, "duplicated"),
        ({"samples": samples(1, 2, 3, 4, 9)}, "undetected"),
        ({"samples": [replace(one, received=one.received - 20) for one in samples(1, 2, 3, 4)]}, "undetected"),
        ({"committed": {(STREAM, 2): leaf(9)}}, "undetected"),
        ({"topic": [*entries(1, 2, 3, 4), ((STREAM, 2), leaf(9))]}, "undetected"),
        ({"findings": ["missing"]}, "accused"),
        ({"quarantined": 1}, "accused"),
    ],
)  # fmt: skip
def test_each_fault_is_seen_and_called_what_it_is(fault: dict[str, object], kind: str) -> None:
    """Of the four kinds only the one that it is."""
    verdict = judge(replace(honest(), **fault))  # type: ignore[arg-type]  # fields by name
    assert {name for name in ("lost", "duplicated", "undetected", "accused") if getattr(verdict, name)} == {kind}


def test_a_scan_that_is_not_archived_needs_a_gap_or_a_bad_sample_of_its_time() -> None:
    """Of another time they explain nothing."""
    without = replace(honest(), samples=samples(1, 2, 4))
    assert judge(replace(without, gaps=[gap(3 * SECOND, 3 * SECOND + 1)])).good
    assert judge(replace(without, samples=[*without.samples, Sample("T.Count0", None, 3 * SECOND + 10)])).good
    assert judge(replace(without, gaps=[gap(1 * SECOND, 2 * SECOND)])).lost


def test_a_time_in_which_nobody_looked_needs_a_gap() -> None:
    """One that still lasts counts."""
    late = 4 * SECOND + HOLE + 1
    later = replace(honest(), served={**honest().served, 5: late}, samples=samples(1, 2, 3, 4))
    assert judge(later).undetected
    assert judge(replace(later, gaps=[gap(4 * SECOND + 10, None)])).good
