"""What it costs the agent that agreements decide, beside a route on which every recipient gets everything."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from uuid import uuid4

from edge.agreed_route import AgreedRoute
from edge.recent import Recent
from edge.route import Route
from edge.waiting import Waiting
from gateway.agreement.in_force import Signed, SignedVersion
from gateway.context.context import Context
from gateway.link.publisher import streams_of
from schemas.frame import Frame, TagTable
from tests.bench.test_codec import SAMPLES, a_frame, cpu
from tests.gateway.agreement.routing.making import BEGIN, LINE, agreement, clause, plant, stay

FRAMES = 10
"""Of 1,000 samples each."""
ROOMS = ("W1", "F1", "L1", "C1")


def a_line(frame: Frame) -> tuple[Frame, dict[str, str]]:
    """The frame with rooms, and the rooms."""
    rooms = [ROOMS[at % len(ROOMS)] for at in range(len(frame.tags))]
    tags = TagTable(frame.tags.names, frame.tags.units, rooms=tuple(rooms), line=LINE)
    return replace(frame, tags=tags, received=BEGIN), dict(zip(tags.names, rooms, strict=True))


def agreed(folder: Path, holders: list[str], rooms: dict[str, str]) -> AgreedRoute:
    """Each holder has a batch in a room of its own, and the corridor with the others."""
    versions = [
        SignedVersion(
            agreement(one, {f"P-{one}": ()}, clause("E-1", rooms=list(ROOMS[:3])),
                      clause("E-2", rooms=["C1"], when="always")), Path("a.yaml"), "0" * 64, 0,
        )
        for one in holders
    ]  # fmt: skip
    recent = Recent(folder / f"recent-{len(holders)}", 2**26, 0)
    waiting = Waiting(folder / f"waiting-{len(holders)}", lambda: BEGIN)
    streams = streams_of("cmo-a", "edge", [*holders, "cmo-a"])
    signed, site = Signed(tuple(versions)), plant(dict(rooms))
    route = AgreedRoute(streams, signed, site, recent, waiting=waiting, now=lambda: BEGIN)
    context = Context("e", LINE)
    route.restore(context)
    for one, room in zip(holders, ROOMS, strict=False):
        list(route(stay(f"B-{one}", f"P-{one}", room, -100_000)))
    return route


def test_a_part_for_one_holder_costs_less_than_four_times_more_than_everything_for_all(tmp_path: Path) -> None:
    """10,000 samples in frames of 1,000, from the record to its drafts: everything to one, and by agreements."""
    frame, rooms = a_line(a_frame())
    frame = replace(frame, source_time=frame.source_time * 0 + BEGIN)
    routes: dict[str, Callable[[Frame], object]] = {
        "everything to 2": Route(streams_of("cmo-a", "edge", ["holder-b", "cmo-a"])),
        "1 holder": agreed(tmp_path, ["holder-b"], rooms),
        "3 holders": agreed(tmp_path, ["holder-b", "holder-c", "holder-d"], rooms),
    }

    def run(route: Callable[[Frame], object]) -> Callable[[], None]:
        def once() -> None:
            for _ in range(FRAMES):
                list(route(replace(frame, id=uuid4())))  # type: ignore[call-overload] # drafts

        return once

    taken = {name: [0.0] * 0 for name in routes}
    for _ in range(9):
        for name, route in routes.items():
            taken[name].append(cpu(run(route)))
    found = {name: median(some) * 1e3 for name, some in taken.items()}
    print(f"\nCPU for {FRAMES * SAMPLES} samples, ms: " + ", ".join(f"{name} {ms:.2f}" for name, ms in found.items()))
    assert found["1 holder"] < 5 * found["everything to 2"]
