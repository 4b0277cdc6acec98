"""What the agent derives: after a sample, after a fault, and by the clock."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from edge.stages.derive import Derive
from gateway.cleanroom.site import Site
from gateway.cleanroom.times import micros
from schemas.frame import Frame, Row, TagTable, Value, bad_frame, frame_of
from schemas.status import Reason, StatusCode, status_name
from tests.gateway.cleanroom.sites import site

SECOND = 1_000_000
MONDAY = micros(datetime(2026, 6, 8, 7, 0, tzinfo=ZoneInfo("Asia/Shanghai")))
CUBIC_FOOT = 1000 / 28.3
COUNTER = ("F1.Hood", "F1.Hood.Record", "F1.Hood.Seconds")
GOOD = StatusCode.GOOD


class Line:
    """The stage with a clock, and one device that has all tags."""

    def __init__(self, folder: Path, *changes: tuple[str, str], at: int = MONDAY) -> None:
        self.site: Site = site(folder, *changes)
        self.now, self.counting = at, False
        self.derive = Derive(self.site, "line-3", lambda: self.now)
        names = (*dict.fromkeys(tag for tag, _ in self.site.needed()), "Door.M1-C1", "Other")
        self.tags = TagTable(names, ("1",) * len(names))

    def say(
        self, values: dict[str, Value], *, status: int = GOOD, reason: Reason = Reason.NONE, time: int | None = None,
        backfilled: bool = False,
    ) -> list[Row]:  # fmt: skip
        """A frame with these values; gives what was derived of it."""
        rows = [(self.tags.index[tag], value, status, reason, time) for tag, value in values.items()]
        frame = frame_of("ems", self.tags, rows, received=self.now)
        if backfilled:
            frame = Frame(**{name: getattr(frame, name) for name in FIELDS} | {"backfilled": True})
        passed, *derived = self.derive(frame)
        assert passed is frame
        return rows_of(derived)

    def tick(self, seconds: float = 0) -> list[Row]:
        """Later, by the clock alone."""
        self.now += round(seconds * SECOND)
        return rows_of(list(self.derive.tick()))

    def sample(self, number: int, count: float, *, after: float = 60, **more: Value) -> dict[str, Row]:
        """A new sample of air, by tag without its beginning."""
        values = {"F1.Hood": count, "F1.Hood.Record": float(number), "F1.Hood.Seconds": 60.0, **more}
        if not self.counting:
            self.counting = True
            assert self.say(values | {"F1.Hood.Record": number - 1.0}) == []
        self.now += round(after * SECOND)
        return {row.tag.rpartition(".")[2]: row for row in self.say(values)}


FIELDS = ("source", "tags", "tag", "value", "status", "reason", "source_time", "received", "beside")


def rows_of(frames: Sequence[object]) -> list[Row]:
    """All samples; derived frames are the agent's own."""
    rows = []
    for frame in frames:
        assert isinstance(frame, Frame)
        assert frame.source == "line-3"
        rows += list(frame.rows())
    return rows


def near(row: Row, value: float) -> bool:
    return isinstance(row.value, float) and row.value == pytest.approx(value)


def told(rows: Sequence[Row]) -> dict[str, Value]:
    return {row.tag: row.value for row in rows}


def test_a_frame_with_nothing_to_derive_from_passes_alone(tmp_path: Path) -> None:
    """As most do."""
    assert Line(tmp_path).say({"Other": 1.0}) == []


def test_the_state_of_a_room_follows_its_tag(tmp_path: Path) -> None:
    """Told when it changes; a value that stands for none, and one that is not Good, is unknown."""
    line = Line(tmp_path)
    assert told(line.say({"F1.Use": 1.0})) == {"F1.RoomState": "in_operation"}
    assert line.say({"F1.Use": 1}) == []
    assert told(line.say({"F1.Use": 3})) == {"F1.RoomState": "out_of_use"}
    assert told(line.say({"F1.Use": 7.0})) == {"F1.RoomState": "unknown"}
    assert told(line.say({"F1.Use": 0.0})) == {"F1.RoomState": "at_rest"}
    assert told(line.say({"F1.Use": None}, status=StatusCode.BAD, reason=Reason.COMM)) == {"F1.RoomState": "unknown"}


def test_the_state_of_a_room_follows_the_hours_of_the_week(tmp_path: Path) -> None:
    """In the plant's zone, by the clock."""
    by_tag = "state: {tag: F1.Use, values: {0: at_rest, 1: in_operation, 2: cleaning, 3: out_of_use}}"
    hours = 'state: {schedule: [{days: [mon], from: "08:00", to: "18:00", state: in_operation}], otherwise: out_of_use}'
    levels = "{action: [{high: 3520, states: [at_rest]}, {high: 352000, states: [in_operation, cleaning]}]}"
    line = Line(tmp_path, (by_tag, hours), (levels, "{action: [{high: 352000}]}"))
    assert told(line.tick())["F1.RoomState"] == "out_of_use"
    assert line.tick(1800) == []
    assert told(line.tick(1800)) == {"F1.RoomState": "in_operation"}
    assert told(line.tick(10 * 3600))["F1.RoomState"] == "out_of_use"


def test_an_open_door_is_a_number(tmp_path: Path) -> None:
    """From a boolean or a number; without a reading there is none."""
    line = Line(tmp_path)
    assert told(line.say({"Door.F1-M1": True})) == {"Door.F1-M1.Open": 1.0}
    assert told(line.say({"Door.F1-M1": 0.0})) == {"Door.F1-M1.Open": 0.0}
    (lost,) = line.say({"Door.F1-M1": None}, status=StatusCode.BAD_TIMEOUT, reason=Reason.COMM)
    assert (lost.value, lost.status, lost.reason) == (None, StatusCode.BAD_TIMEOUT, Reason.COMM)


def test_the_open_doors_of_an_air_lock_are_counted(tmp_path: Path) -> None:
    """Once both were heard of; when one is not known, the number is not."""
    line = Line(tmp_path)
    assert "M1.DoorsOpen" not in told(line.say({"Door.F1-M1": True}))
    assert told(line.say({"Door.M1-C1": True})) == {"M1.DoorsOpen": 2.0}
    assert told(line.say({"Door.M1-C1": False})) == {"M1.DoorsOpen": 1.0}
    (unknown,) = line.say({"Door.M1-C1": None}, status=StatusCode.BAD, reason=Reason.DEVICE)
    assert (unknown.value, unknown.reason) == (None, Reason.DEVICE)


def test_counts_become_particles_per_cubic_metre(tmp_path: Path) -> None:
    """The last minute at once, the last cubic metre when there was that much air."""
    line = Line(tmp_path)
    first = line.sample(1, 10.0)
    assert near(first["PerM3"], 10 * CUBIC_FOOT)
    assert first["PerM3"].status == GOOD
    assert (first["LastM3"].status, first["LastM3"].reason) == (StatusCode.UNCERTAIN_SUB_NORMAL, Reason.NO_VALUE)
    for number in range(2, 37):
        last = line.sample(number, 0.0)
    assert (last["PerM3"].value, last["LastM3"].status) == (0.0, GOOD)
    assert last["LastM3"].value == pytest.approx(10 * CUBIC_FOOT / 36)
    assert line.sample(37, 0.0)["LastM3"].value == 0.0


def test_the_sample_that_stands_in_the_counter_at_the_start_is_not_counted(tmp_path: Path) -> None:
    """Nobody knows how old it is."""
    line = Line(tmp_path)
    old: dict[str, Value] = {"F1.Hood": 5.0, "F1.Hood.Record": 8.0, "F1.Hood.Seconds": 60.0}
    assert line.say(old) == []
    assert near(line.say(old | {"F1.Hood": 1.0, "F1.Hood.Record": 9.0})[0], CUBIC_FOOT)


def test_a_sample_is_counted_once_however_often_it_is_read(tmp_path: Path) -> None:
    """A device that is asked each second gives its newest sample sixty times."""
    line = Line(tmp_path)
    line.sample(1, 10.0)
    assert line.sample(1, 10.0, after=1) == {}
    assert line.sample(2, 0.0, after=59)["PerM3"].value == 0.0


@pytest.mark.parametrize("tag", COUNTER)
def test_a_count_with_a_fault_is_not_clean_air(tmp_path: Path, tag: str) -> None:
    """No value with the fault, once; the next minute is whole again, the cubic metre is not."""
    line = Line(tmp_path)
    for number in range(1, 37):
        line.sample(number, 10.0)
    line.now += 60 * SECOND
    found = line.say({tag: None}, status=StatusCode.BAD_DEVICE_FAILURE, reason=Reason.DEVICE)
    assert {(row.value, status_name(row.status)) for row in found} == {(None, "BadDeviceFailure")}
    assert {row.tag for row in found} == {"F1.Hood.PerM3", "F1.Hood.LastM3"}
    assert line.say({tag: None}, status=StatusCode.BAD_DEVICE_FAILURE, reason=Reason.DEVICE) == []
    after = line.sample(38, 10.0)
    assert near(after["PerM3"], 10 * CUBIC_FOOT)
    assert near(after["LastM3"], 10 * CUBIC_FOOT)
    assert (after["PerM3"].status, after["LastM3"].status) == (GOOD, StatusCode.UNCERTAIN_SUB_NORMAL)


def test_a_flow_out_of_its_range_is_a_fault(tmp_path: Path) -> None:
    """The volume of such a sample is not known."""
    line = Line(tmp_path, ("flow: 28.3", "flow: F1.Hood.Flow, flow_range: [26.9, 29.7]"))
    assert line.sample(1, 5.0, **{"F1.Hood.Flow": 28.3})["PerM3"].value == pytest.approx(5 * CUBIC_FOOT)
    weak = line.sample(2, 5.0, **{"F1.Hood.Flow": 20.0})["PerM3"]
    assert (weak.value, weak.status, weak.reason) == (None, StatusCode.BAD_OUT_OF_RANGE, Reason.RANGE)


@pytest.mark.parametrize(("reason", "counts"), [(Reason.NO_VALUE, True), (Reason.DEVICE, True), (Reason.COMM, False)])
def test_the_first_sample_after_none_is_counted_unless_nobody_could_read_the_counter(
    tmp_path: Path, reason: Reason, *, counts: bool
) -> None:
    """One that had no sample yet has a new one; what a counter shows that was not there before is of any age."""
    line = Line(tmp_path)
    line.say(dict.fromkeys(COUNTER), status=StatusCode.BAD_NO_DATA, reason=reason)
    line.counting = True
    first = line.sample(1, 10.0)
    assert ("PerM3" in first) == counts
    assert near(line.sample(2, 20.0)["PerM3"], 20 * CUBIC_FOOT)


def test_a_short_loss_of_the_line_loses_no_air(tmp_path: Path) -> None:
    """The counter goes on counting; but a sample that was never read is a pause."""
    line = Line(tmp_path)
    for number in range(1, 37):
        line.sample(number, 1.0)
    lost = bad_frame("ems", line.tags, status=StatusCode.BAD_TIMEOUT, reason=Reason.COMM, received=line.now)
    _, derived = line.derive(lost)
    assert {row.reason for row in rows_of([derived]) if row.value is None} == {Reason.COMM}
    assert line.sample(37, 1.0)["LastM3"].status == GOOD
    assert line.sample(39, 1.0, after=120)["LastM3"].status == StatusCode.UNCERTAIN_SUB_NORMAL


def test_the_air_of_cleaning_is_not_summed_with_that_of_the_room_at_work(tmp_path: Path) -> None:
    """Else the fog of a cleaning would stand in the cubic metre for half an hour after it, as a false alarm."""
    line = Line(tmp_path)
    line.say({"F1.Use": 1.0})
    for number in range(1, 41):
        line.sample(number, 0.0)
    line.say({"F1.Use": 2.0})
    line.sample(41, 5000.0)
    line.say({"F1.Use": 0.0})
    after = [line.sample(number, 0.0) for number in range(42, 79)]
    judged = [row["LastM3"].value for row in after if row["LastM3"].status == GOOD]
    assert after[0]["LastM3"].status == StatusCode.UNCERTAIN_SUB_NORMAL
    assert judged
    assert set(judged) == {0.0}


def test_conductivity_is_a_part_of_what_is_allowed_at_its_temperature(tmp_path: Path) -> None:
    """25 °C: 1.3 µS/cm."""
    line = Line(tmp_path)
    assert line.say({"WFI.Conductivity": 0.65}, time=5) == []
    (part,) = line.say({"WFI.Temperature": 25.0})
    assert (part.tag, part.unit, part.source_time) == ("WFI.Conductivity.OfLimit", "%", 5)
    assert near(part, 50.0)
    assert told(line.say({"WFI.Temperature": 24.9}))["WFI.Conductivity.OfLimit"] == pytest.approx(100 * 0.65 / 1.1)
    (outside,) = line.say({"WFI.Temperature": 120.0})
    assert (outside.value, outside.reason) == (None, Reason.RANGE)
    (doubtful,) = line.say({"WFI.Temperature": 25.0}, status=StatusCode.UNCERTAIN, reason=Reason.CALIBRATION)
    assert (doubtful.value, doubtful.status, doubtful.reason) == (None, StatusCode.UNCERTAIN, Reason.CALIBRATION)


def test_a_planned_sample_that_was_not_taken_is_told(tmp_path: Path) -> None:
    """Monday 8 to 16 o'clock; one that is taken late ends it."""
    line = Line(tmp_path)
    line.say({"F1.SP1.Count": 0.0}, time=line.now - 7 * 86_400 * SECOND + 2 * 3600 * SECOND)
    assert told(line.tick())["F1.SP1.SampleMissed"] == 0.0
    assert "F1.SP1.SampleMissed" not in told(line.tick(8 * 3600 + 3599))
    assert told(line.tick(60))["F1.SP1.SampleMissed"] == 1.0
    line.say({"F1.SP1.Count": 2.0}, time=line.now)
    assert told(line.tick(1))["F1.SP1.SampleMissed"] == 0.0


@pytest.mark.parametrize("backfilled", [False, True])
def test_a_sample_counts_by_the_time_it_was_taken(tmp_path: Path, *, backfilled: bool) -> None:
    """Also where the result comes much later."""
    line = Line(tmp_path)
    line.tick(10 * 3600)
    line.say({"F1.SP1.Count": 0.0}, time=MONDAY + 2 * 3600 * SECOND, backfilled=backfilled)
    assert told(line.tick(1))["F1.SP1.SampleMissed"] == 0.0


def test_a_result_that_is_not_good_or_has_no_time_is_no_sample(tmp_path: Path) -> None:
    """Nobody knows when it was taken."""
    line = Line(tmp_path)
    line.say({"F1.SP1.Count": 0.0}, time=None)
    line.say({"F1.SP1.Count": None}, status=StatusCode.BAD, reason=Reason.SOURCE, time=MONDAY + 2 * 3600 * SECOND)
    assert told(line.tick(10 * 3600))["F1.SP1.SampleMissed"] == 1.0


def test_what_was_due_before_the_agent_began_it_does_not_judge(tmp_path: Path) -> None:
    """Until it hears a result; one from before the window says that it was missed."""
    line = Line(tmp_path)
    assert "F1.SP1.SampleMissed" not in told(line.tick())
    line.say({"F1.SP1.Count": 0.0}, time=MONDAY - 30 * 86_400 * SECOND)
    assert told(line.tick(1))["F1.SP1.SampleMissed"] == 1.0


def test_backfilled_values_change_nothing_that_is_of_now(tmp_path: Path) -> None:
    """A door that was open an hour ago is not open."""
    line = Line(tmp_path)
    line.say({"Door.F1-M1": False})
    assert line.say({"Door.F1-M1": True}, backfilled=True) == []
    assert line.say({"Door.F1-M1": False}) == []
