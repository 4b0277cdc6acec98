"""`cmo-gateway replay-alarms`: the alarms computed again from the archive, and how the CMO's differ from them."""

import json
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from gateway.archive.archive import Archive
from gateway.bundle.progress import shown
from gateway.cleanroom.conditions import conditions
from gateway.commands.arguments import ConfigFile, loaded, moment_from, refuse
from gateway.replaying.archived import Window, all_of, archived
from gateway.replaying.comparison import Difference, Kind
from gateway.replaying.replay import replay
from gateway.running import Exit, tell
from gateway.settings import NodeConfiguration


def replay_alarms(
    config: ConfigFile,
    *,
    begin: Annotated[str | None, typer.Option("--from", metavar="TIME", help="ISO 8601, in the plant's zone.")] = None,
    end: Annotated[str | None, typer.Option("--to", metavar="TIME", help="ISO 8601, in the plant's zone.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of lines.")] = False,
) -> None:
    """Compute the alarms again from the archive and the agreed limits; exit code 1 where the CMO's differ.

    The archive is opened alone: stop the node, or name a copy of its file in the configuration.
    """
    configuration = loaded(config)
    if not configuration.archive.exists():
        refuse(f"archive {configuration.archive} is not there; the node makes it when it runs")
    with closing(Archive(configuration.archive)) as archive:
        window = _window(all_of(archive), configuration.site.zone, begin, end)
        report = _report(archive, configuration, window)
    if as_json:
        tell(json.dumps(report, ensure_ascii=False))
    else:
        for line in _lines(report):
            tell(line)
    if any(one["kind"] != Kind.NOT_EVALUABLE for one in report["differences"]):
        raise typer.Exit(Exit.FAILED)


def _window(whole: Window | None, zone: str, begin: str | None, end: str | None) -> Window:
    if whole is None:
        refuse("the archive has no frames; nothing can be computed again")
    window = Window(
        whole.begin if begin is None else moment_from("--from", begin, zone),
        whole.end if end is None else moment_from("--to", end, zone),
    )
    if window.begin >= window.end:
        refuse("--from is not before --to; exchange them")
    return window


def _report(archive: Archive, configuration: NodeConfiguration, window: Window) -> dict[str, Any]:
    zone, watched = ZoneInfo(configuration.site.zone), conditions(configuration.site)
    differences, agents = list[dict[str, Any]](), dict[str, dict[str, Any]]()
    with shown("records computed again") as told:
        for sender, records in archived(archive, watched).items():

            def tell(one: Difference, sender: str = sender) -> None:
                differences.append({"agent": sender, **_plain(one, zone)})

            outcome = replay(watched, records.recorded(window), tell, told)
            agents[sender] = {"same": outcome.matched, "not_evaluable": dict(outcome.not_evaluable)}
    return {
        "from": _iso(window.begin, zone), "to": _iso(window.end, zone), "zone": configuration.site.zone,
        "agents": agents, "differences": differences,
    }  # fmt: skip


def _plain(one: Difference, zone: ZoneInfo) -> dict[str, str]:
    return {
        "kind": one.kind.value, "condition": one.condition, "event": one.event.value, "time": _iso(one.time, zone),
        "detail": one.detail,
    }  # fmt: skip


def _iso(time: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(time / 1e6, zone).isoformat(timespec="milliseconds")


def _lines(report: dict[str, Any]) -> Iterator[str]:
    """Each difference, then by agent what was the same and what nobody here can judge."""
    for one in report["differences"]:
        if one["kind"] != Kind.NOT_EVALUABLE:
            yield f"{one['time']}\t{one['condition']}\t{one['event']}\t{one['kind']}: {one['detail']}"
    steps = Counter((one["condition"], one["detail"]) for one in report["differences"]
                    if one["kind"] == Kind.NOT_EVALUABLE)  # fmt: skip
    for (condition, why), count in steps.items():
        yield f"{condition}\tnot evaluable, {count} steps: {why}"
    for sender, agent in report["agents"].items():
        for condition, why in agent["not_evaluable"].items():
            if (condition, why) not in steps:
                yield f"{condition}\tnot evaluable: {why}"
        differing = sum(one["agent"] == sender and one["kind"] != Kind.NOT_EVALUABLE for one in report["differences"])
        yield (
            f"{sender}: {agent['same']} steps are the same, {differing} differ, from {report['from']} to {report['to']}"
            f" ({report['zone']})"
        )
