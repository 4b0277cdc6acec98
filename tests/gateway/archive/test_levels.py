"""Levels against a plain computation out of all readings, however they came, were rolled up and were taken out."""

from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.archive import levels
from gateway.archive.archive import Archive
from gateway.archive.correcting import correct
from gateway.archive.levels import LEVELS, readings_kept
from gateway.archive.trends import Figures
from gateway.intake.inspection import Correction
from schemas.status import StatusCode
from tests.gateway.archive.test_trends import DAYS, MADE, Made, stored

SECOND, DAY = 1_000_000, 86_400_000_000
WINDOW = st.tuples(st.integers(-5 * DAYS, 4 * DAYS), st.integers(1, 9 * DAYS))


def plainly(made: list[Made], begin: int, end: int) -> dict[str, Figures]:
    """The figures as anybody would compute them."""
    found = {}
    for tag in {one.tag for one in made}:
        within = [one for one in made if one.tag == tag and begin <= one.time < end]
        known = [one.value for one in within if one.status < StatusCode.BAD]
        if within:
            status = max(one.status for one in within)
            found[tag] = Figures(
                min(known, default=None), None, max(known, default=None), None,
                sum(known) / len(known) if known else None, status, len(within), len(known),
            )  # fmt: skip
    return found


def without_times(figures: dict[str, Figures]) -> dict[str, Figures]:
    """Of equal readings each may be the lowest."""
    return {
        tag: Figures(one.low, None, one.high, None, pytest.approx(one.mean), one.status, one.count, one.known)  # type: ignore[arg-type]
        for tag, one in figures.items()
    }


def check(archive: Archive, made: list[Made], begin: int, length: int) -> None:
    found = archive.figures(["a", "b", "unknown"], begin, begin + length)
    assert without_times(found) == plainly(made, begin, begin + length)
    values = {(one.tag, one.time, one.value) for one in made if begin <= one.time < begin + length}
    for tag, one in found.items():
        assert one.low is None or {(tag, one.low_at, one.low), (tag, one.high_at, one.high)} <= values
    assert sum(archive.samples_by_source(begin, begin + length, 7).get("ems", [])) == sum(
        one.count for one in found.values()
    )
    with archive._cursor() as connection:
        assert readings_kept(connection) == len(made)


@settings(deadline=None, max_examples=15)
@given(st.lists(MADE, min_size=1, max_size=40), st.integers(1, 12), st.lists(WINDOW, min_size=1, max_size=4), st.data())
def test_each_level_says_what_the_readings_say(
    made: list[Made], roll: int, windows: list[tuple[int, int]], data: st.DataObject
) -> None:
    """Late, backfilled and out of order; and again after any of the entries were taken out."""
    out = data.draw(st.sets(st.integers(0, len(made) - 1)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(levels, "ROLL", roll)
        archive = Archive(None)
        stored(archive, made)
        for window in windows:
            check(archive, made, *window)
        with archive._transaction() as connection:
            for number in out:
                gone = Correction("s", number + 1, None, "refuted")
                correct(connection, gone, archive._numbers, 0.0)
        left = [one for number, one in enumerate(made) if number not in out]
        for window in windows:
            check(archive, left, *window)
    for level in LEVELS:
        assert archive.rows(f"SELECT count(*) FROM {level.table} WHERE count = 0") == [(0,)]
    archive.close()


def test_one_second_in_years_is_seen_at_every_zoom(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dip and a peak among three years of readings, drawn from ten years down to five seconds."""
    monkeypatch.setattr(levels, "ROLL", 1_000)
    archive = Archive(None)
    years, dip, peak = 3 * 366 * DAY, 400 * DAY + 7 * SECOND, 400 * DAY + 9 * SECOND
    with archive._cursor() as connection:
        connection.execute("INSERT INTO tags VALUES (1, 'ems', 'a', 'F1', 'Pa', 'DIRECT')")
        for part in range(100):
            first, last = (years * at // (100 * 600 * SECOND) for at in (part, part + 1))
            connection.execute(
                f"""INSERT INTO frames SELECT i, '{uuid4()}', 's', i, i * 600000000, false, 600.0
                    FROM range({first} + 1, {last} + 1) AS t(i)"""
            )
            connection.execute(
                f"""INSERT INTO readings SELECT i, 1, i * 600000000, true, 15.0, NULL, NULL, 0, 0
                    FROM range({first} + 1, {last} + 1) AS t(i)"""
            )
            if part == 40:
                rows = [(last, dip, 3.5), (last, peak, 31.0)]
                connection.executemany("INSERT INTO readings VALUES (?, 1, ?, true, ?, NULL, NULL, 0, 0)", rows)
            archive._numbers.frames([1] * (last - first))
            archive._numbers.stored(connection, last - first + 2 * (part == 40))
        assert min(levels.marks(connection)) > 0
    length = 10 * 366 * DAY
    while length > 5 * SECOND:
        for share in (0.1, 0.5, 0.9):
            begin = int(dip - share * length)
            trend = archive.trend("a", begin, begin + length, 600)
            drawn = dict(zip(trend.time.tolist(), trend.value.tolist(), strict=True))
            assert drawn.get(dip) == 3.5, (length, share)
            assert begin + length <= peak or drawn.get(peak) == 31.0, (length, share)
        length //= 3
    archive.close()
