"""`cmo-gateway replay-alarms` on an archive: what an agent's stages made of values, stored."""

import json
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime
from functools import cache
from pathlib import Path

import pytest

from edge.pipeline import run
from edge.stages.alarm import RaiseAlarms
from edge.stages.contextualise import Contextualise
from edge.stages.derive import Derive
from gateway.alarm.engine import Engine
from gateway.alarm.instant import Instant
from gateway.archive.archive import Archive
from gateway.cleanroom.conditions import conditions
from gateway.cleanroom.loading import load_site
from schemas.codec import Record
from schemas.frame import Frame
from schemas.records import Alarm
from tests.gateway.messages import frame, sent
from tests.gateway.running_commands import SITE, call, configured

START = round(datetime.fromisoformat("2026-03-02T10:00:00+08:00").timestamp() * 1e6)
DOOR, TAG = "Door.G1-C1", "M1.DP.C1"


@cache
def recorded() -> Sequence[Record]:
    """A short opening of a door (no alarm), a long loss of the differential (an alarm that returns)."""
    site = load_site(SITE)
    moment = Instant(START, 0.0)
    alarms = RaiseAlarms(Engine(conditions(site)), lambda: moment)
    derive, context = Derive(site, "line-3", lambda: moment.wall), Contextualise(site)
    records: list[Record] = []
    for tenth in range(3000):
        moment = Instant(START + tenth * 100_000, tenth * 0.1)
        second = tenth / 10
        if tenth % 10 == 0:
            opened = 20 <= second < 45
            low = opened or 120 <= second < 200
            values = {DOOR: float(opened), TAG: 4.0 if low else 14.0, "Door.W1-C1": 0.0}
            records += run([derive, context, alarms], frame(values, received=moment.wall))
        for found in derive.tick():
            records += run([context, alarms], found)
        records += alarms.tick()
    return records


def stored(folder: Path, records: Sequence[Record]) -> None:
    if not (folder / "holder.yaml").exists():
        configured(folder)
    numbers = {"measurements": 0, "alarms": 0}
    with closing(Archive(folder / "a.duckdb")) as archive:
        messages = []
        for offset, record in enumerate(records):
            family = "alarms" if isinstance(record, Alarm) else "measurements"
            numbers[family] += 1
            messages.append(sent(f"cmo-a.line-3.holder-b.{family}.v1", numbers[family], record, offset))
        archive.store(messages)


def without_door(record: Record) -> bool:
    return not (isinstance(record, Frame) and any(name.startswith("Door.") for name in record.tags.names))


def test_an_honest_agent_ends_with_0(tmp_path: Path) -> None:
    """And says how many steps are the same."""
    stored(tmp_path, recorded())
    done = call(tmp_path, "replay-alarms", "holder.yaml", "--json")
    report = json.loads(done.stdout)
    assert (done.returncode, report["differences"], done.stderr) == (0, [], "")
    assert report["agents"]["line-3"]["same"] >= 3
    assert f"{TAG}.LOW" not in report["agents"]["line-3"]["not_evaluable"]
    assert "F1.DP.P1.LOW" in report["agents"]["line-3"]["not_evaluable"]
    part = call(tmp_path, "replay-alarms", "holder.yaml", "--from", "2026-03-02T10:03", "--to", "2026-03-02T10:04:30")
    assert part.returncode == 0
    assert "line-3: 1 steps are the same, 0 differ" in part.stdout


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (lambda old: old.replace("M1.DP.C1, room: M1, against: C1, limit: {low: 10", "M1.DP.C1, room: M1, against: C1, "
                                 "limit: {low: 11"), "other limits: limit 10.0, agreed 11.0"),
        (lambda old: old, "missing at the CMO: 4 Pa, limit 10 Pa"),
    ],
)  # fmt: skip
def test_what_differs_is_a_line_and_exit_code_1(tmp_path: Path, changed: Callable[[str], str], said: str) -> None:
    """An alarm that is not there, a limit that was not agreed."""
    records = recorded()
    text = SITE.read_text(encoding="utf-8")
    site = tmp_path / "site.yaml"
    site.write_text(changed(text), encoding="utf-8")
    if changed(text) == text:
        records = [one for one in records if not (isinstance(one, Alarm) and one.event == "RAISED")]
    stored(tmp_path, records)
    config = tmp_path / "holder.yaml"
    config.write_text(config.read_text().replace(str(SITE), "site.yaml"))
    done = call(tmp_path, "replay-alarms", "holder.yaml")
    assert done.returncode == 1
    assert any(f"{TAG}.LOW\tRAISED\t{said}" in line for line in done.stdout.splitlines())


def test_a_withheld_door_is_no_difference(tmp_path: Path) -> None:
    """The holder cannot judge what the door excused."""
    rows = [one for one in recorded() if not isinstance(one, Frame) or one.source != "line-3"]
    kept = [frame({TAG: float(one.value[1])}, received=one.received) if isinstance(one, Frame) else one for one in rows]
    stored(tmp_path, [one for one in kept if without_door(one)])
    done = call(tmp_path, "replay-alarms", "holder.yaml")
    assert done.returncode == 0
    assert f"{TAG}.LOW\tnot evaluable, " in done.stdout
    assert "Door.G1-C1" in done.stdout


def test_what_cannot_be_done_is_one_line(tmp_path: Path) -> None:
    """No archive, no time, a window that ends before it begins."""
    configured(tmp_path)
    done = call(tmp_path, "replay-alarms", "holder.yaml")
    assert (done.returncode, "is not there" in done.stderr, done.stderr.count("\n")) == (2, True, 1)
    stored(tmp_path, [frame({TAG: 14.0}, received=START)])
    for wrong in (("--from", "soon"), ("--from", "2026-03-02T11:00", "--to", "2026-03-02T10:00")):
        done = call(tmp_path, "replay-alarms", "holder.yaml", *wrong)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
