"""What a frame costs from the adapter to its committed journal entry, as a ratio to Avro encoding alone."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from statistics import median
from uuid import uuid4

from fastavro import schemaless_writer

from adapters.contract import TagSettings
from edge.pipeline import Stage, run
from edge.route import Route
from edge.stages.alarm import RaiseAlarms
from edge.stages.contextualise import Contextualise
from edge.stages.normalise import Normalise
from gateway.alarm.engine import Engine
from gateway.alarm.instant import Instant
from gateway.cleanroom.conditions import conditions
from gateway.cleanroom.loading import load_site
from gateway.journal.journal import Journal
from gateway.link.publisher import streams_of
from schemas.catalogue import schema
from schemas.codec import plain
from tests.bench.test_codec import SAMPLES, a_frame, cpu

SITE = Path(__file__).parents[2] / "simulators" / "line-3" / "site.yaml"


def test_a_committed_entry_costs_less_than_twice_the_encoding_by_fastavro(tmp_path: Path) -> None:
    """Normalise, contextualise, alarm, encode, number, hash, commit with fsync: one frame of 1,000 samples."""
    site, frame = load_site(SITE), a_frame()
    tags = [TagSettings(name=name, unit="Pa", range=(-50, 100)) for name in frame.tags.names]
    engine = RaiseAlarms(Engine(conditions(site)), lambda: Instant(0, 0.0))
    stages: list[Stage] = [Normalise({"ems": tags}), Contextualise(site), engine]
    route, journal = Route(streams_of("cmo-a", "line-3", ["holder-b"])), Journal(tmp_path / "j.db", limit=2**30)

    def ours() -> None:
        for _ in range(20):
            fresh = replace(frame, id=uuid4())
            journal.append([draft for out in run(stages, fresh) for draft in route(out)])

    record, used = plain(frame), schema("Frame").parsed

    def theirs() -> None:
        for _ in range(20):
            schemaless_writer(BytesIO(), used, record)

    ours()
    ratio = median(cpu(ours) / cpu(theirs) for _ in range(9))
    print(f"\nframe to committed entry / fastavro alone, CPU per frame of {SAMPLES}: {ratio:.2f}")
    assert ratio < 2
