"""The archive: what is stored once is found again, and a trend hides nothing."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from threading import Event
from uuid import uuid4

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.archive.archive import Archive, ArchiveError
from gateway.intake.inspection import Inspected
from gateway.intake.live import Live
from gateway.intake.message import Batch
from gateway.proof.findings import Code, Finding
from schemas.records import AlarmEvent, AlarmState
from schemas.status import Reason, StatusCode
from tests.gateway.messages import SECOND, alarm, frame, gap, message, weighing


def test_values_of_every_type_are_kept() -> None:
    """Booleans and integers can be drawn, text is kept as it is, a missing value is null."""
    archive = Archive(None)
    archive.store([message(frame({"a": 1.5, "b": True, "c": "Execute", "d": None, "e": 2**60}, received=SECOND), 0)])
    got = {latest.tag: (latest.value, latest.other) for latest in archive.latest()}
    assert got == {
        "a": (1.5, None),
        "b": (1.0, "True"),
        "c": (None, "Execute"),
        "d": (None, None),
        "e": (2.0**60, str(2**60)),
    }


def test_closing_waits_for_questions_being_answered() -> None:
    """DuckDB would refuse, and the node would end with an error of the archive's own making."""
    archive, asked = Archive(None), Event()

    def ask() -> list[tuple[int]]:
        with archive._cursor() as connection:
            asked.set()
            return connection.execute("SELECT count(*) FROM range(60000000) AS t(i) WHERE i % 7 = 1").fetchall()

    with ThreadPoolExecutor() as threads:
        answer = threads.submit(ask)
        asked.wait()
        archive.close()
        assert answer.result() == [(8571429,)]


def test_a_device_time_goes_before_the_agents() -> None:
    """`time` is the device's where it has one."""
    archive = Archive(None)
    archive.store([message(frame({"dp": 1.0}, received=9 * SECOND, source_time=5 * SECOND), 0)])
    assert archive.trend("dp", 5 * SECOND, 6 * SECOND, 100).time.tolist() == [5 * SECOND]


def test_what_cannot_be_read_is_kept_with_its_bytes() -> None:
    """Quarantine is not loss."""
    archive = Archive(None)
    archive.store([message(None, 0)])
    assert archive.counts()["quarantine"] == 1
    assert archive.rows("SELECT problem, entry FROM quarantine") == [("not a record", b"entry")]


def test_a_weighing_is_kept_whether_it_counts_or_not() -> None:
    """With why it does not, and a date of calibration as a date; one beyond every calendar does not stop the node."""
    archive = Archive(None)
    refused = replace(weighing(9 * SECOND, accepted=False, net=None), calibration_due=2**31 - 1)
    archive.store([message(weighing(SECOND), 0), message(refused, 1)])
    kept = archive.rows("SELECT accepted, refusals, net, calibration_due, operator, lot FROM weighings ORDER BY time")
    assert kept == [
        (True, [], 100.0, date(2026, 12, 13), "li", "L-77"),
        (False, ["UNSTABLE"], None, date.max, "li", "L-77"),
    ]


@settings(deadline=None, max_examples=30)
@given(st.lists(st.floats(-50, 50), min_size=200, max_size=400), st.integers(5, 40))
def test_a_coarse_trend_keeps_the_lowest_and_the_highest_of_all(values: list[float], buckets: int) -> None:
    """No dip is lost, and every point is a reading that was made at that time."""
    archive = Archive(None)
    archive.store([message(frame({"dp": v}, received=i * SECOND), i) for i, v in enumerate(values)])
    trend = archive.trend("dp", 0, len(values) * SECOND, buckets)
    assert not trend.exact
    assert len(trend.time) <= 2 * buckets
    assert (np.min(trend.value), np.max(trend.value)) == (min(values), max(values))
    assert all(values[time // SECOND] == value for time, value in zip(trend.time, trend.value, strict=True))
    assert (np.diff(trend.time) >= 0).all()


def test_a_bad_reading_stands_in_the_trend_as_a_hole() -> None:
    """NaN with its status, never a line across."""
    archive = Archive(None)
    bad = frame({"dp": None}, received=2 * SECOND, status=StatusCode.BAD_NO_COMMUNICATION, reason=Reason.COMM)
    archive.store([message(frame({"dp": 12.0}, received=SECOND), 0), message(bad, 1)])
    trend = archive.trend("dp", 0, 9 * SECOND, 100)
    assert np.isnan(trend.value).tolist() == [False, True]
    assert trend.status.tolist() == [0, StatusCode.BAD_NO_COMMUNICATION]


def test_the_number_in_a_bad_reading_is_no_extreme() -> None:
    """What a failed sensor reports in its place never looks like a dip, in a coarse trend either."""
    archive = Archive(None)
    good = [message(frame({"dp": 12.0 + i % 2}, received=i * SECOND), i) for i in range(60)]
    archive.store([*good, message(frame({"dp": 0.0}, received=30_500_000, status=StatusCode.BAD_SENSOR_FAILURE), 60)])
    trend = archive.trend("dp", 0, 60 * SECOND, 6)
    assert not trend.exact
    assert (np.min(trend.value), np.max(trend.value)) == (12.0, 13.0)
    assert StatusCode.BAD_SENSOR_FAILURE in trend.status


def test_the_steps_of_an_alarm_are_found_by_its_id() -> None:
    """In order of time; none for an id that nobody knows."""
    archive = Archive(None)
    one = uuid4()
    steps = [
        alarm(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, 20, alarm=one),
        alarm(AlarmEvent.RETURNED, AlarmState.RETURNED_UNACKNOWLEDGED, 40, alarm=one),
    ]
    other = alarm(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, 30, alarm=uuid4())
    archive.store([message(step, offset) for offset, step in enumerate([*steps, other])])
    assert archive.alarm_steps(one) == steps
    assert archive.alarm_steps(uuid4()) == []


def test_samples_are_counted_by_source_and_part_of_the_range() -> None:
    """What lies outside the range is left out."""
    archive = Archive(None)
    archive.store(
        [
            message(frame({"a": 1.0, "b": 2.0}, received=SECOND), 0),
            message(frame({"c": 1.0}, received=2 * SECOND, source="scale"), 1),
            message(frame({"c": 1.0}, received=9 * SECOND, source="scale"), 2),
        ]
    )
    assert archive.samples_by_source(0, 4 * SECOND, 2) == {"ems": [2, 0], "scale": [0, 1]}


def test_an_alarm_is_told_as_one_life() -> None:
    """Raised, acknowledged and returned are steps of one alarm; an open one is found however old."""
    archive = Archive(None)
    one, two = uuid4(), uuid4()
    archive.store(
        [
            message(alarm(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, 20, alarm=one, since=10), 0),
            message(alarm(AlarmEvent.RETURNED, AlarmState.RETURNED_UNACKNOWLEDGED, 40, alarm=one, since=10), 1),
            message(alarm(AlarmEvent.ACKNOWLEDGED, AlarmState.NORMAL, 50, alarm=one, since=10), 2),
            message(alarm(AlarmEvent.RAISED, AlarmState.UNACKNOWLEDGED, 60, alarm=two, since=55), 3),
        ]
    )
    newest, oldest = archive.alarms(0, 100)
    assert (oldest.raised, oldest.returned, oldest.duration(100), oldest.open) == (20, 40, 30, False)
    assert (newest.open, newest.active, newest.duration(100)) == (True, True, 45)
    assert [life.last.alarm for life in archive.alarms(1000, 2000)] == [two]


def test_a_gap_has_one_span() -> None:
    """Its end is known once it was said."""
    archive = Archive(None)
    lasting, over = uuid4(), uuid4()
    archive.store(
        [message(gap(10, None, gap=over), 0), message(gap(10, 20, gap=over), 1), message(gap(30, None, gap=lasting), 2)]
    )
    assert [(g.began, g.ended) for g in archive.gaps(0, 100)] == [(30, None), (10, 20)]
    assert [g.gap for g in archive.gaps(50, 60)] == [lasting]


def test_a_frame_that_says_the_device_is_lost_is_no_contact() -> None:
    """The age of a source is that of its last answer, also of one without news."""
    archive = Archive(None)
    archive.store([message(frame({"dp": 1.0}, received=SECOND), 0), message(frame({}, received=2 * SECOND), 1)])
    lost = frame({"dp": None}, received=9 * SECOND, status=StatusCode.BAD_NO_COMMUNICATION, reason=Reason.COMM)
    archive.store([message(lost, 2)])
    assert archive.contacts() == {"ems": 2 * SECOND}


def test_a_file_that_is_no_archive_is_named(tmp_path: Path) -> None:
    """One line, for the person who must act."""
    file = tmp_path / "a.duckdb"
    file.write_text("not a database, but long enough to be looked at" * 100)
    with pytest.raises(ArchiveError, match=r"archive .*a\.duckdb cannot be opened"):
        Archive(file)


def test_a_file_of_another_version_is_named(tmp_path: Path) -> None:
    """Nothing is stored into tables that mean something else; the topics have it all."""
    file = tmp_path / "a.duckdb"
    with duckdb.connect(str(file)) as old:
        old.execute("CREATE TABLE samples (value DOUBLE)")
    with pytest.raises(ArchiveError, match=r"made by another version; move it away"):
        Archive(file)


def test_a_mere_repeat_is_no_finding_to_look_at() -> None:
    """It is stored and listed, and after a restart accuses nobody."""
    archive = Archive(None)
    found = [Finding(code, "s", 1, 1, "seen", 1.0) for code in (Code.DUPLICATE, Code.MISSING)]
    archive.store_inspected(Inspected(Batch(), findings=found))
    assert archive.counts()["findings"] == Live.of(archive).findings == 1
    assert {finding.code for finding in archive.findings(9)} == {"duplicate", "missing"}
